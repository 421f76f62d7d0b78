-- Whose share of the waiting ceremonies one belongs to: a browser's, an API key's, an address's. Who has
-- used up a share makes room at the cost of nobody else.
alter table ceremonies add column bucket bytea;

-- The token with which a page may add a passkey is spent by the registration that it began.
alter table ceremonies add column registration_token bytea;

drop index ceremonies_waiting;

create index ceremonies_waiting on ceremonies (relying_party, bucket, created_at desc, id) where taken_at is null;

create index ceremonies_waiting_for_pages on ceremonies (relying_party, binding) where taken_at is null;
