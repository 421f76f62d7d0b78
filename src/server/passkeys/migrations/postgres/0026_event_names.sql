-- By which back ends know an event. Its id counts what happens at all relying parties, and so would tell each
-- of them how busy the others are. Older events have none.
alter table events add column name text;

create unique index events_by_name on events (relying_party, name) where name is not null;
