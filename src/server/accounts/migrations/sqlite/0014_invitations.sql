-- A link with which so many people can sign up. The token itself is nowhere; token_hash is its SHA-256.
-- created_by is the admin who made it; null for the operator. used is counted in the transaction that
-- creates the account. A sign-up under way notes which one it came by.
create table invitations (
    id text not null primary key,
    token_hash blob not null unique,
    note text not null,
    created_at integer not null,
    created_by blob,
    expires_at integer not null,
    uses integer not null,
    used integer not null,
    revoked_at integer
) strict;

alter table pending_sign_ups add column invitation text;
