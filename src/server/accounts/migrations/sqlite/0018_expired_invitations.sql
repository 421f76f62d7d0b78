-- When an invitation was found to have expired; null: it has not been. From then on it has, whatever the clock
-- says.
alter table invitations add column expired_at integer;
