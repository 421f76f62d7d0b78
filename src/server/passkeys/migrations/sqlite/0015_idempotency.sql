-- Requests with an Idempotency-Key, and the replies to them, sealed with a key that is not here.
create table idempotent_requests (
    relying_party text not null references relying_parties (id) on delete cascade,
    api_key text not null,
    name_hash blob not null,
    asked_hash blob not null,
    reply blob,
    created_at integer not null,
    primary key (api_key, name_hash)
) strict;

create index idempotent_requests_by_age on idempotent_requests (created_at);
