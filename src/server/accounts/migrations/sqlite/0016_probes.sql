-- Secrets with which whoever examines this installation may ask what of a request arrives here. The
-- secret itself is nowhere; secret_hash is its SHA-256.
create table probes (
    secret_hash blob not null primary key,
    expires_at integer not null
) strict;
