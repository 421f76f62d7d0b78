-- To which addresses verification mails were wanted within the last day, by whichever accounts, and also by
-- those that are gone: so that many accounts do not flood one address. address_hash is its SHA-256.
create table asked_addresses (
    address_hash blob not null,
    asked_at integer not null
) strict;

create index asked_addresses_by_hash on asked_addresses (address_hash);

create index asked_addresses_by_time on asked_addresses (asked_at);
