-- By these the sweep finds the oldest records of what nobody answered, of which each relying party keeps so
-- many.
create index ceremonies_expired on ceremonies (relying_party, taken_at) where outcome = 'expired';

create index ceremonies_failed_of on ceremonies (relying_party, client_error_at)
where client_error_at is not null and taken_at is null and counted_in is not null;
