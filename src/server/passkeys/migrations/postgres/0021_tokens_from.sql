-- A restored backup does not know which tokens have been spent since: those of before the restore are not
-- taken any more. null: all are.
alter table signing_keys add column tokens_from bigint;
