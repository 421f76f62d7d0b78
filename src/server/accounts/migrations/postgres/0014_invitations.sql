-- A link with which so many people can sign up. The token itself is nowhere; token_hash is its SHA-256.
-- created_by is the admin who made it; null for the operator. used is counted in the transaction that
-- creates the account. A sign-up under way notes which one it came by.
create table invitations (
    id text not null primary key,
    token_hash bytea not null unique,
    note text not null,
    created_at bigint not null,
    created_by bytea,
    expires_at bigint not null,
    uses bigint not null,
    used bigint not null,
    revoked_at bigint
);

alter table pending_sign_ups add column invitation text;
