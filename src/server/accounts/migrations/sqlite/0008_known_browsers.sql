-- A browser in which a person has signed in. mark is the SHA-256 of what the browser shows.
create table known_browsers (
    user_handle blob not null references users (handle) on delete cascade,
    mark blob not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    primary key (user_handle, mark)
) strict;
