-- What the browser said when a call of it failed: the last time, for the reference that the person was
-- shown. Such a ceremony can still be answered; its row is kept as a record all the same.
alter table ceremonies add column client_call text;
alter table ceremonies add column client_error text;
alter table ceremonies add column client_error_after bigint;
alter table ceremonies add column client_error_at bigint;

create index ceremonies_failed on ceremonies (client_error_at) where client_error_at is not null;
