-- A passkey. public_key is the COSE_Key as the authenticator sent it; transports is a JSON array.
create table credentials (
    relying_party text not null references relying_parties (id),
    credential_id bytea not null,
    user_handle bytea not null,
    public_key bytea not null,
    algorithm bigint not null,
    aaguid bytea not null,
    transports text not null,
    discoverable boolean,
    backup_eligible boolean not null,
    backup_state boolean not null,
    sign_count bigint not null,
    created_at bigint not null,
    last_used_at bigint,
    primary key (relying_party, credential_id)
);

create index credentials_by_user on credentials (relying_party, user_handle);
