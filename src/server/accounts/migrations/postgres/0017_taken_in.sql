-- Ceremonies whose passkey has been taken in, written in the same transaction as what the passkey is for.
-- The passkey service asks here where it does not know whether a passkey counts.
create table taken_in (
    ceremony_id text not null primary key,
    taken_in_at bigint not null
);
