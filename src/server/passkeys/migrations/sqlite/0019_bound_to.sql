-- Which domain (RP ID) a passkey is bound to. Without one it is that of its relying party, as long as
-- that stays the same.
alter table credentials add column rp_id text;

update credentials
set rp_id = (select rp_id from relying_parties where id = credentials.relying_party);
