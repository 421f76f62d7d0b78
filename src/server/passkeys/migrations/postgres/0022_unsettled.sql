-- The ceremony of a passkey that opens nothing until the user database has taken it in: the two cannot be
-- changed in one transaction. null: it counts.
alter table credentials add column unsettled_ceremony text;

create index credentials_unsettled on credentials (unsettled_ceremony)
where unsettled_ceremony is not null;
