-- How many ceremonies of each sort began on a day, counted in days since 1970 (UTC). Nobody is in it.
-- Empty is what was not said. A ceremony is counted once, when nothing can become of it any more:
-- counted_in names the count.
create table ceremony_days (
    day bigint not null,
    relying_party text not null references relying_parties (id) on delete cascade,
    kind text not null,
    purpose text not null,
    mediation text not null,
    system text not null,
    browser text not null,
    authenticator text not null,
    outcome text not null,
    reason text not null,
    browser_error text not null,
    ceremonies bigint not null,
    primary key (day, relying_party, kind, purpose, mediation, system, browser, authenticator, outcome,
        reason, browser_error)
);

create index ceremony_days_by_relying_party on ceremony_days (relying_party);

alter table ceremonies add column counted_in text;

create index ceremonies_uncounted on ceremonies (created_at) where counted_in is null;

create index ceremonies_counted on ceremonies (counted_in) where counted_in is not null;

create index events_by_reference on events (reference);
