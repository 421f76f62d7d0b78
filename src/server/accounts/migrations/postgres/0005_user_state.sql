-- A person whom the operator has locked out keeps the account and cannot sign in. language is the
-- one of their last visit, for what is written to them.
alter table users add column disabled_at bigint;
alter table users add column language text not null default 'en' check (language in ('en', 'de'));
