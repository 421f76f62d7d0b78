-- What its owner calls a passkey; null: what its provider is called.
alter table credentials add column name text;
