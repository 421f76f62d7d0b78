-- When an API key was found to have expired; null: it has not been. From then on it has, whatever the clock
-- says.
alter table api_keys add column expired_at integer;
