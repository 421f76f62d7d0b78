-- A person. handle is what the passkey service knows them by; canonical_name is the form in which
-- names are compared.
create table users (
    handle bytea not null primary key,
    name text not null,
    canonical_name text not null unique,
    display_name text,
    created_at bigint not null
);
