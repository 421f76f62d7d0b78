-- Whom the service works for.
create table relying_parties (
    id text not null primary key,
    rp_id text not null,
    created_at bigint not null
);
