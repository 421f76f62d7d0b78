-- What was refused is kept in limited number: strangers can be refused as often as they like.
create index events_of_refusals on events (relying_party, id) where kind = 'refusal';

create index ceremonies_refused on ceremonies (relying_party, taken_at) where outcome = 'refused';
