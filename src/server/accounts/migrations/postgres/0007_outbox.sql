-- A mail that no SMTP server has taken yet. verifies is the address that its link is to verify; the
-- link is made when the mail is sent, and stands in no table.
create table outbox (
    id text not null primary key,
    user_handle bytea not null references users (handle) on delete cascade,
    verifies text references email_addresses (id) on delete cascade,
    address text not null,
    subject text not null,
    text text not null,
    queued_at bigint not null,
    next_try_at bigint not null,
    tries bigint not null
);

create index outbox_by_next_try on outbox (next_try_at);

create index outbox_by_user on outbox (user_handle);

create index outbox_by_verifies on outbox (verifies);
