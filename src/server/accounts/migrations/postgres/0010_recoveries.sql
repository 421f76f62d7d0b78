-- A way back into an account that somebody has opened. The token itself is nowhere; token_hash is its
-- SHA-256. It leads somewhere from ready_at until expires_at, and only while ended_at is null. browser,
-- system and address say from where it was opened; the operator opens one from nowhere. outcome
-- 'withdrawn' is one that gave way: to a newer one, or because the operator locked the account.
create table recoveries (
    token_hash bytea not null primary key,
    user_handle bytea not null references users (handle) on delete cascade,
    begun_at bigint not null,
    ready_at bigint not null,
    expires_at bigint not null,
    browser text,
    system text,
    address text,
    ended_at bigint,
    outcome text check (outcome in ('finished', 'called_off', 'withdrawn', 'expired')),
    check ((ended_at is null) = (outcome is null))
);

create index recoveries_by_user on recoveries (user_handle);

create index recoveries_by_expiry on recoveries (expires_at);
