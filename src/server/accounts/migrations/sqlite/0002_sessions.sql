-- A signed-in browser. The token itself is nowhere; token_hash is its SHA-256.
create table sessions (
    token_hash blob not null primary key,
    user_handle blob not null references users (handle) on delete cascade,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null
) strict;

create index sessions_by_user on sessions (user_handle);

create index sessions_by_expiry on sessions (expires_at);
