-- The keys that sign tokens: one signs, retired ones are published until their last token is over.
-- private_key is the scalar, public_key the uncompressed point (SEC 1, 2.3.3), both of P-256.
create table signing_keys (
    id text not null primary key,
    private_key bytea not null check (length(private_key) = 32),
    public_key bytea not null check (length(public_key) = 65),
    created_at bigint not null,
    retired_at bigint
);

create unique index signing_keys_one_signs on signing_keys ((retired_at is null)) where retired_at is null;
