-- By what means somebody came to a ceremony: how the browser was to ask, the families that system and
-- browser belong to, and the authenticator that answered. client_meaning is what client_error means.
alter table ceremonies add column mediation text;
alter table ceremonies add column system text;
alter table ceremonies add column browser text;
alter table ceremonies add column authenticator text;
alter table ceremonies add column client_meaning text;

-- Whose share it was counts only while it waits; it is made of an address, and goes with the wait.
update ceremonies set bucket = null where taken_at is not null;
