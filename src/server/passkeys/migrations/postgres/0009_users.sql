-- Whom the back ends of relying parties call what: their own id for a person, and the random handle
-- that stands on devices. Nobody's name. A user who has never had a passkey is there only as long as
-- somebody may be making one.
create table users (
    relying_party text not null references relying_parties (id) on delete cascade,
    external_id text not null,
    user_handle bytea not null,
    created_at bigint not null,
    begun_at bigint not null,
    registered_at bigint,
    primary key (relying_party, external_id),
    unique (relying_party, user_handle)
);

create index users_without_passkeys on users (begun_at) where registered_at is null;
