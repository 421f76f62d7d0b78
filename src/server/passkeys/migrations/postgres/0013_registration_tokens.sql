-- Tokens with which a page may register one passkey for one user. token_hash is the SHA-256 of the whole
-- text: the names that stand in it cannot be altered, and are not kept here.
create table registration_tokens (
    token_hash bytea not null primary key check (length(token_hash) = 32),
    relying_party text not null references relying_parties (id) on delete cascade,
    user_handle bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    spent_at bigint
);

create index registration_tokens_by_user on registration_tokens (relying_party, user_handle);

create index registration_tokens_over on registration_tokens (expires_at);
