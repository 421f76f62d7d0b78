-- A person's kit of one-time codes. selector is the first group of a code and no secret: it only says
-- which row to look at. hash is the argon2id of the rest, as a PHC string. A used code stays until the
-- kit is replaced, so that it can be told how many are left.
create table recovery_codes (
    user_handle bytea not null references users (handle) on delete cascade,
    selector text not null,
    hash text not null,
    created_at bigint not null,
    used_at bigint,
    primary key (user_handle, selector)
);
