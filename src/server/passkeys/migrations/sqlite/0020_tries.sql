-- Tries that are limited, where several nodes count together. key is the SHA-256 of the limit and of who
-- tries; full_at is when all tries are there again, in microseconds.
create table tries (
    key blob not null primary key,
    full_at integer not null
) strict;

create index tries_over on tries (full_at);
