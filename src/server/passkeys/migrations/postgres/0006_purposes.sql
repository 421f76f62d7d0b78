-- What a registration is for; null for an authentication. It is finished for what it was begun for, or
-- not at all.
alter table ceremonies add column purpose text;
