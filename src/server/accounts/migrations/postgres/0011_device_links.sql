-- A link that adds another device to an account. The token itself is nowhere; token_hash is its
-- SHA-256. It dies with the session that made it. claimed_by is the hash of the secret of the one
-- browser that asked; number is what both devices show. outcome is null as long as something can
-- come of it.
create table device_links (
    id text not null primary key,
    token_hash bytea not null unique,
    user_handle bytea not null references users (handle) on delete cascade,
    session_id text not null references sessions (id) on delete cascade,
    created_at bigint not null,
    expires_at bigint not null,
    claimed_by bytea,
    number text,
    browser text,
    system text,
    address text,
    confirmed_at bigint,
    ceremony_id text,
    passkey text,
    outcome text check (outcome in ('added', 'refused', 'replaced', 'expired'))
);

create index device_links_by_user on device_links (user_handle);

create index device_links_by_session on device_links (session_id);

create index device_links_by_expiry on device_links (expires_at);
