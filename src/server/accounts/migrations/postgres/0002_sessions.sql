-- A signed-in browser. The token itself is nowhere; token_hash is its SHA-256.
create table sessions (
    token_hash bytea not null primary key,
    user_handle bytea not null references users (handle) on delete cascade,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null
);

create index sessions_by_user on sessions (user_handle);

create index sessions_by_expiry on sessions (expires_at);
