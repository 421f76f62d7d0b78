-- A link that makes whoever signs up with it an admin. The token itself is nowhere; token_hash is its
-- SHA-256. One that is not for another admin leads nowhere once there is one. All of them go when one is
-- used. A sign-up under way notes which one it came by.
create table setup_links (
    token_hash bytea not null primary key,
    for_another boolean not null,
    created_at bigint not null,
    expires_at bigint not null
);

alter table pending_sign_ups add column setup_link bytea;
