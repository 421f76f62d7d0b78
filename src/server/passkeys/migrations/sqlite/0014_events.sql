-- What happened, for the back ends of relying parties. Who it happened to is forgotten with the user.
create table events (
    id integer not null primary key autoincrement,
    relying_party text not null references relying_parties (id) on delete cascade,
    kind text not null check (kind in ('registration', 'authentication', 'refusal', 'removal')),
    reference text not null,
    user_handle blob,
    credential_id blob,
    reason text,
    step text,
    at integer not null
) strict;

create index events_by_party on events (relying_party, id);

create index events_by_user on events (relying_party, user_handle) where user_handle is not null;

create index events_by_age on events (at);
