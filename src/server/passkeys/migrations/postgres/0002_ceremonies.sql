-- A ceremony is taken once; its row then stays as the record of what happened.
-- challenge and state are there only until it is taken.
create table ceremonies (
    id text not null primary key,
    relying_party text not null references relying_parties (id),
    kind text not null check (kind in ('registration', 'authentication')),
    reference text not null unique,
    user_handle bytea,
    binding bytea not null,
    challenge text,
    state text,
    created_at bigint not null,
    expires_at bigint not null,
    taken_at bigint,
    outcome text check (outcome in ('verified', 'refused', 'expired')),
    reason text,
    step text
);

create index ceremonies_waiting on ceremonies (binding, created_at) where taken_at is null;

create index ceremonies_unanswered on ceremonies (expires_at) where taken_at is null;

create index ceremonies_answered on ceremonies (taken_at) where taken_at is not null;
