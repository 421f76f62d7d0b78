CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'users','2026-11-23 12:05:00',1,X'8FD5E8B4CE55AE0E6D19153262029820A8D5DEA599C3949C772D82C0F82BEFACD4D43A78A010E4F74AFFBFD68F97843F',0);
INSERT INTO "_sqlx_migrations" VALUES(2,'sessions','2026-11-23 12:05:00',1,X'B81229B87D5B5C88220B98847D493FB0D7BEA2F301B6291C0BBA8471E0B51FF3357E2A000E7FDBDB20685143E7E45245',0);
INSERT INTO "_sqlx_migrations" VALUES(3,'pending sign ups','2026-11-23 12:05:00',1,X'755A08B76EC2BFC54B0D6EAF7BEA03D48EBC3661FF801B21A25F48B1A09D9C1C169020D6A46F326050CCCDA6BBD90BD0',0);
INSERT INTO "_sqlx_migrations" VALUES(4,'session details','2026-11-23 12:05:00',1,X'79FED9FB7543B322003132488B80BC208D7D7797FDBF03726B9AEEDFD9AFA30E201A0D49885382D9DD8A221323E791A5',0);
INSERT INTO "_sqlx_migrations" VALUES(5,'user state','2026-11-23 12:05:00',1,X'8E53C7E81DDF5247F45583E6C4539F5720847B7D31D5A49B856ACEE0FF5F56837FA3AEB3C8A0AB6494F2D4DC89C88058',0);
INSERT INTO "_sqlx_migrations" VALUES(6,'email addresses','2026-11-23 12:05:00',1,X'85A6A9FA42E94FE9686AA5D1C9DFA7878367F2B01304DDC6CEEB4B5FFC125BD553DEE5EEFF02612655092C55E76ACFE8',0);
INSERT INTO "_sqlx_migrations" VALUES(7,'outbox','2026-11-23 12:05:00',1,X'8B7A501F8D984FC143538F236FE6078CB9F23E0D368B0DB3EC608C12D53708C81CD53083BED18F668469B6776DEDAF3C',0);
INSERT INTO "_sqlx_migrations" VALUES(8,'known browsers','2026-11-23 12:05:00',1,X'6F7135BD4888411FAD9A4EDD8C1EFBE62AC3AA0B9CCB85A5617EDFA23344EA8E7B15C451EE63311F5DE10959E0CF7E1A',0);
INSERT INTO "_sqlx_migrations" VALUES(9,'recovery codes','2026-11-23 12:05:00',1,X'E21691D306AC81C8B6DA44FC3F374EEE7B0449413C3F982FA80280C57FAF6592513994ECF9FFC4B1BEC2874ECE8674A7',0);
INSERT INTO "_sqlx_migrations" VALUES(10,'recoveries','2026-11-23 12:05:00',1,X'D56BB54A2D64F50BE36A772DD7C2CDC04934B3A894528F2A7DCE357644EAFF4C2C0C111702DD21335F37A86BDF6C098F',0);
INSERT INTO "_sqlx_migrations" VALUES(11,'device links','2026-11-23 12:05:00',1,X'97765B97174E5CF64A60D571132052FAC84F173BFE6F4B57D9F7B0D6BEA6F06ADC0C682BB52BFFA761B822C52C1507DE',0);
INSERT INTO "_sqlx_migrations" VALUES(12,'admins','2026-11-23 12:05:00',1,X'6ECA974B4D7EBCB7DE6455BABB8B2092552EB34CC6D785011962C432B464C01F9FC8F3932FE7E422ED11AB1A92D4DBCE',0);
INSERT INTO "_sqlx_migrations" VALUES(13,'setup links','2026-11-23 12:05:00',1,X'D27DE7BEF6E6ED0C624AFE74DCC3102197B7670D4097D6EC2753C9FB304480E0EE9FEF19A472629CE2667360F5AB1159',0);
INSERT INTO "_sqlx_migrations" VALUES(14,'invitations','2026-11-23 12:05:00',1,X'2C07C3D0B9F9999CBF58F79EE00C2635CEB32EB0E535909763FA7732B0ABDBFE75C4F9E9D5F7E5761CDA37E88C111537',0);
INSERT INTO "_sqlx_migrations" VALUES(16,'probes','2026-11-23 12:05:00',1,X'3E54833E2D120521FDE0620BC459D89175935F65CAB1E40F5E20A209B2EA2CA6153C9253451431659EB1056FCEBB88B5',0);
INSERT INTO "_sqlx_migrations" VALUES(17,'taken in','2026-11-23 12:05:00',1,X'3FA249B21674B772280C18F636D2B22A33C3A2BC02FEF15E8931F94AB2DD875C44948ED140BC6ACDFF787C64BA107304',0);
INSERT INTO "_sqlx_migrations" VALUES(18,'expired invitations','2026-11-23 12:05:00',1,X'F54B7506BDDD3AE7BB29639ADB021D0A1ED7354284F5F2643FA860E221CD9C20CAA82680AE1D1499FACEF783AFDF7824',0);
CREATE TABLE device_links (
    id text not null primary key,
    token_hash blob not null unique,
    user_handle blob not null references users (handle) on delete cascade,
    session_id text not null references sessions (id) on delete cascade,
    created_at integer not null,
    expires_at integer not null,
    claimed_by blob,
    number text,
    browser text,
    system text,
    address text,
    confirmed_at integer,
    ceremony_id text,
    passkey text,
    outcome text check (outcome in ('added', 'refused', 'replaced', 'expired'))
) strict;
CREATE TABLE email_addresses (
    id text not null primary key,
    user_handle blob not null references users (handle) on delete cascade,
    address text not null,
    created_at integer not null,
    asked_at integer not null,
    verified_at integer,
    unique (user_handle, address)
) strict;
INSERT INTO "email_addresses" VALUES('u1N71ev0frlZ_O-r-vUQWQ',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','ada@example.com',1795435500000,1795435500000,NULL);
CREATE TABLE invitations (
    id text not null primary key,
    token_hash blob not null unique,
    note text not null,
    created_at integer not null,
    created_by blob,
    expires_at integer not null,
    uses integer not null,
    used integer not null,
    revoked_at integer
, expired_at integer) strict;
CREATE TABLE known_browsers (
    user_handle blob not null references users (handle) on delete cascade,
    mark blob not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    primary key (user_handle, mark)
) strict;
INSERT INTO "known_browsers" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',X'62CD938FFB9C997DC18920595BD365D78B8820BBACADE782270755007F98DD17',1795435500000,1795435500000);
CREATE TABLE outbox (
    id text not null primary key,
    user_handle blob not null references users (handle) on delete cascade,
    verifies text references email_addresses (id) on delete cascade,
    address text not null,
    subject text not null,
    text text not null,
    queued_at integer not null,
    next_try_at integer not null,
    tries integer not null
) strict;
INSERT INTO "outbox" VALUES('sRpA8OO-jPnSvow0D6SArg',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','u1N71ev0frlZ_O-r-vUQWQ','ada@example.com','Keyfold: Is this your e-mail address?','Somebody who is signed in to Keyfold as “ada”
wants to be told at this address what happens at that account.

If that is you, open this page and press the button there.
The link works once, and for 24 hours:

{link}

If it is not you, do nothing. Nothing else will be sent here.
',1795435500000,1795435500000,0);
CREATE TABLE pending_sign_ups (
    ceremony_id text not null primary key,
    user_handle blob not null,
    name text not null,
    canonical_name text not null,
    display_name text,
    expires_at integer not null
, setup_link blob, invitation text) strict;
INSERT INTO "pending_sign_ups" VALUES('reg_nbFFD8eZ7z1M7S0krM3Yy8zX_8Sd-h7k6smXDFm8FhY',X'885BA5D19DB611DF7F91DD79B301B799DB1D7E801A8F757B5A66D58A21778FAF','eve','eve',NULL,1795435800000,NULL,NULL);
CREATE TABLE probes (
    secret_hash blob not null primary key,
    expires_at integer not null
) strict;
CREATE TABLE recoveries (
    token_hash blob not null primary key,
    user_handle blob not null references users (handle) on delete cascade,
    begun_at integer not null,
    ready_at integer not null,
    expires_at integer not null,
    browser text,
    system text,
    address text,
    ended_at integer,
    outcome text check (outcome in ('finished', 'called_off', 'withdrawn', 'expired')),
    check ((ended_at is null) = (outcome is null))
) strict;
INSERT INTO "recoveries" VALUES(X'76BB4363DC058512BE1EFE6A08151163F4AAE76C6EDAB0602DE9D9B8DBFC102C',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',1795435500000,1795521900000,1796126700000,NULL,NULL,'0.0.0.0/24',NULL,NULL);
CREATE TABLE recovery_codes (
    user_handle blob not null references users (handle) on delete cascade,
    selector text not null,
    hash text not null,
    created_at integer not null,
    used_at integer,
    primary key (user_handle, selector)
) strict;
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','AMP7','$argon2id$v=19$m=19456,t=2,p=1$Hfttgh+2dWfNPjimemq8sw$0lb4tpCKpdNGCJBfePwhHJEtBDGb44jwosWc9vDc+sU',1795435500000,1795435500000);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','QBS8','$argon2id$v=19$m=19456,t=2,p=1$F3xOy4W8+UTUr8IKBbH54Q$xzulKQJ58kK/ifx9tVJW0vw4je5p6TXrB8NkdwueHn8',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','TT82','$argon2id$v=19$m=19456,t=2,p=1$7Mf4+zTJXCYDfrW1ptBtMg$mI4TdlLWGqX/mXW6k0yQsrjHjkwnMRZGTGSnpoIVXQE',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','66EY','$argon2id$v=19$m=19456,t=2,p=1$xFJTqlh9HWwoqGs3PH/n+g$S8+6zYzvvabiTA2UWB0l99dPDV2BmUyuqEIAH0PcmFE',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','7TF6','$argon2id$v=19$m=19456,t=2,p=1$+RvHP6e+0otNxx8EBtcB8w$T5+fASIIhFU2kfILtOumvTAeQvKL7YMZ7ymtgF7BnW8',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','GV8M','$argon2id$v=19$m=19456,t=2,p=1$DTL/ur2E3xQG6XPw/HSOjw$XHq+hcwAv3tpzxNSY1bYbn22kmrnmvKXWG9UQQEz7Ic',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','50N7','$argon2id$v=19$m=19456,t=2,p=1$OrYeUhsWESYRJ8NhA0kVKg$GbvXze2vEGznak7gwA1ASFqyvLw+j4828sKtdzxbVqE',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','3CQH','$argon2id$v=19$m=19456,t=2,p=1$2Cn0qGvnop5kge5dxIm8Eg$GDEU0pZ9O0VHjAvzaBeiQp4bm9TmzW/axBnz4V2eq7M',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','KXVM','$argon2id$v=19$m=19456,t=2,p=1$TbENa8MBTCQq9biB6K/iWA$mK2rXlOHkfiOSSKdJmJG1HoLmg/j5HJwhh/kYP1bZsg',1795435500000,NULL);
INSERT INTO "recovery_codes" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','2BHE','$argon2id$v=19$m=19456,t=2,p=1$2AfbkPZDxsidu09H3bPhpw$5WLHR+mAGtxvPix/ubsVAtuadE4EfeCMfoBMXt7SccM',1795435500000,NULL);
CREATE TABLE sessions (
    token_hash blob not null primary key,
    user_handle blob not null references users (handle) on delete cascade,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null
, id text not null default '', authenticated_at integer not null default 0, passkey text, from_other_device integer not null default 0 check (from_other_device in (0, 1)), browser text, system text, address text) strict;
INSERT INTO "sessions" VALUES(X'3F3D9B9CD9CC7B255A3D56B92C52A81B13622E96C19587223FF5ECE280966198',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',1795435500000,1795435500000,1798027500000,'SIouBTX4R03S0qh23DzN-A',1795435500000,'g1EwuQIyD-4QkfmgEcWd1HmnXxCG3V7_TpsgcEw6WQI',0,NULL,NULL,'0.0.0.0/24');
CREATE TABLE setup_links (
    token_hash blob not null primary key,
    for_another integer not null check (for_another in (0, 1)),
    created_at integer not null,
    expires_at integer not null
) strict;
CREATE TABLE taken_in (
    ceremony_id text not null primary key,
    taken_in_at integer not null
) strict;
INSERT INTO "taken_in" VALUES('reg_JdPkiMTkAFcdVMXPIqswguSYKSBIdjqyUIrZ1uko0s8',1795435500000);
CREATE TABLE users (
    handle blob not null primary key,
    name text not null,
    canonical_name text not null unique,
    display_name text,
    created_at integer not null
, disabled_at integer, language text not null default 'en' check (language in ('en', 'de')), admin_at integer) strict;
INSERT INTO "users" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','ada','ada',NULL,1795435500000,NULL,'en',NULL);
CREATE TABLE verification_links (
    token_hash blob not null primary key,
    email_id text not null references email_addresses (id) on delete cascade,
    expires_at integer not null
) strict;
CREATE TABLE verification_requests (
    user_handle blob not null references users (handle) on delete cascade,
    asked_at integer not null
) strict;
INSERT INTO "verification_requests" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',1795435500000);
CREATE INDEX sessions_by_user on sessions (user_handle);
CREATE INDEX sessions_by_expiry on sessions (expires_at);
CREATE INDEX pending_sign_ups_by_expiry on pending_sign_ups (expires_at);
CREATE UNIQUE INDEX sessions_by_id on sessions (id);
CREATE INDEX verification_links_by_email on verification_links (email_id);
CREATE INDEX verification_requests_by_user on verification_requests (user_handle);
CREATE INDEX outbox_by_next_try on outbox (next_try_at);
CREATE INDEX outbox_by_user on outbox (user_handle);
CREATE INDEX outbox_by_verifies on outbox (verifies);
CREATE INDEX recoveries_by_user on recoveries (user_handle);
CREATE INDEX recoveries_by_expiry on recoveries (expires_at);
CREATE INDEX device_links_by_user on device_links (user_handle);
CREATE INDEX device_links_by_session on device_links (session_id);
CREATE INDEX device_links_by_expiry on device_links (expires_at);
