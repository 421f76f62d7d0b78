-- A browser in which a person has signed in. mark is the SHA-256 of what the browser shows.
create table known_browsers (
    user_handle bytea not null references users (handle) on delete cascade,
    mark bytea not null,
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    primary key (user_handle, mark)
);
