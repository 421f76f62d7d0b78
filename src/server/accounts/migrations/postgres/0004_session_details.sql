-- What a person is shown of their sessions. id names a session towards its owner; it opens nothing.
-- passkey is what the service calls the passkey that opened it. authenticated_at is when a passkey
-- last answered in it.
alter table sessions add column id text not null default '';
alter table sessions add column authenticated_at bigint not null default 0;
alter table sessions add column passkey text;
alter table sessions add column from_other_device boolean not null default false;
alter table sessions add column browser text;
alter table sessions add column system text;
alter table sessions add column address text;

create unique index sessions_by_id on sessions (id);
