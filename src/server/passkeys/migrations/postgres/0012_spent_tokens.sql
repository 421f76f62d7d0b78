-- Tokens that have been exchanged for their claims, so that it happens once.
create table spent_tokens (
    relying_party text not null references relying_parties (id) on delete cascade,
    jti text not null,
    expires_at bigint not null,
    primary key (relying_party, jti)
);

create index spent_tokens_over on spent_tokens (expires_at);
