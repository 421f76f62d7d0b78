-- What somebody typed at sign-up, until the ceremony is finished or over. Not an account, and it
-- reserves no name.
create table pending_sign_ups (
    ceremony_id text not null primary key,
    user_handle bytea not null,
    name text not null,
    canonical_name text not null,
    display_name text,
    expires_at bigint not null
);

create index pending_sign_ups_by_expiry on pending_sign_ups (expires_at);
