-- With what a back end shows for which relying party it speaks. secret_hash is SHA-256 of 256 random bits.
create table api_keys (
    id text not null primary key,
    relying_party text not null references relying_parties (id) on delete cascade,
    name text not null,
    secret_hash bytea not null,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint
);

create index api_keys_by_relying_party on api_keys (relying_party);
