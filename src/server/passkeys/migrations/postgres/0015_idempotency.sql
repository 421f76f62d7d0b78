-- Requests with an Idempotency-Key, and the replies to them, sealed with a key that is not here.
create table idempotent_requests (
    relying_party text not null references relying_parties (id) on delete cascade,
    api_key text not null,
    name_hash bytea not null,
    asked_hash bytea not null,
    reply bytea,
    created_at bigint not null,
    primary key (api_key, name_hash)
);

create index idempotent_requests_by_age on idempotent_requests (created_at);
