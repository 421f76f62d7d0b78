-- An e-mail address that a person gave, theirs once verified. It may be at several accounts.
-- asked_at is when a verification mail was last queued.
create table email_addresses (
    id text not null primary key,
    user_handle bytea not null references users (handle) on delete cascade,
    address text not null,
    created_at bigint not null,
    asked_at bigint not null,
    verified_at bigint,
    unique (user_handle, address)
);

-- A link that verifies an address. The token itself is nowhere; token_hash is its SHA-256.
create table verification_links (
    token_hash bytea not null primary key,
    email_id text not null references email_addresses (id) on delete cascade,
    expires_at bigint not null
);

create index verification_links_by_email on verification_links (email_id);

-- When somebody had verification mails sent, and to nobody knows whom: so that nobody has strangers
-- flooded by adding and removing their addresses.
create table verification_requests (
    user_handle bytea not null references users (handle) on delete cascade,
    asked_at bigint not null
);

create index verification_requests_by_user on verification_requests (user_handle);
