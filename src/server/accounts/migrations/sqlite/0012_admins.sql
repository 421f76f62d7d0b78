-- Since when a person runs the site as well; null for everybody else.
alter table users add column admin_at integer;
