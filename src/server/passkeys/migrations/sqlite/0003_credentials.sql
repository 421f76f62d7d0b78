-- A passkey. public_key is the COSE_Key as the authenticator sent it; transports is a JSON array.
create table credentials (
    relying_party text not null references relying_parties (id),
    credential_id blob not null,
    user_handle blob not null,
    public_key blob not null,
    algorithm integer not null,
    aaguid blob not null,
    transports text not null,
    discoverable integer check (discoverable in (0, 1)),
    backup_eligible integer not null check (backup_eligible in (0, 1)),
    backup_state integer not null check (backup_state in (0, 1)),
    sign_count integer not null,
    created_at integer not null,
    last_used_at integer,
    primary key (relying_party, credential_id)
) strict;

create index credentials_by_user on credentials (relying_party, user_handle);
