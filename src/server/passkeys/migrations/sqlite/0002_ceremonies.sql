-- A ceremony is taken once; its row then stays as the record of what happened.
-- challenge and state are there only until it is taken.
create table ceremonies (
    id text not null primary key,
    relying_party text not null references relying_parties (id),
    kind text not null check (kind in ('registration', 'authentication')),
    reference text not null unique,
    user_handle blob,
    binding blob not null,
    challenge text,
    state text,
    created_at integer not null,
    expires_at integer not null,
    taken_at integer,
    outcome text check (outcome in ('verified', 'refused', 'expired')),
    reason text,
    step text
) strict;

create index ceremonies_waiting on ceremonies (binding, created_at) where taken_at is null;

create index ceremonies_unanswered on ceremonies (expires_at) where taken_at is null;

create index ceremonies_answered on ceremonies (taken_at) where taken_at is not null;
