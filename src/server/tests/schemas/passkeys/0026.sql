CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'relying parties','2026-11-23 12:05:00',1,X'9A6344015A98CDC4FEBAD867D96518494D91055E0249301EB8BBBF4018CAC64A591B591C24691B0A5AF0DF8F462BE595',0);
INSERT INTO "_sqlx_migrations" VALUES(2,'ceremonies','2026-11-23 12:05:00',1,X'1DC08F2C0FAAC2DB5B48A07DC1E9365E10229BED0946DE36999213E67CD95FFE6FE8ACA3525A40C7D1FC7C9231D95478',0);
INSERT INTO "_sqlx_migrations" VALUES(3,'credentials','2026-11-23 12:05:00',1,X'C58F0E418B4235663B5A6B04B54D911D7E0A1CDF3918A8D69B97CA7D6788AF38A2DD84FAC7B69E8AD8E5AED93D1EC9F7',0);
INSERT INTO "_sqlx_migrations" VALUES(4,'credential names','2026-11-23 12:05:00',1,X'894601C060DB66BB7DE6F1C35811B8B39785EA0F330221D68DBC7E6B12EA7AFDCDCEFC6BB624D72616D7915E77BC042E',0);
INSERT INTO "_sqlx_migrations" VALUES(5,'client errors','2026-11-23 12:05:00',1,X'4552986A30C046A41CE51D30440DF3C3470AA5ECA23D9B7F6042537D7F6C56C204D9BB724C778BD1687F43048591E383',0);
INSERT INTO "_sqlx_migrations" VALUES(6,'purposes','2026-11-23 12:05:00',1,X'369020D45836164219CD0966C5698563BDD177F1EDD47ABB2FFD0645133A2F63E59BC9E0A54E0EE0CD136C459C6D54FD',0);
INSERT INTO "_sqlx_migrations" VALUES(7,'relying party settings','2026-11-23 12:05:00',1,X'ECB194E5E5EFD7268DD5AEE871DCD25E324058BD8048981FDB26C8CCB7D3CC81C633E83A31EC25F8B6F85D46C3E1B3C2',0);
INSERT INTO "_sqlx_migrations" VALUES(8,'api keys','2026-11-23 12:05:00',1,X'F4CEFD9DBDE66D59C7CBDB03DC8140E59E0BE83B22189B478A6A4676FD12E8DD7F01538B85F2EB14EB1B3E1D2E5EDAA0',0);
INSERT INTO "_sqlx_migrations" VALUES(9,'users','2026-11-23 12:05:00',1,X'92268788DC960EF0E8810156A4EB8E671B43AB43B096C53BDDDB917E2217F139AE20D6DBD22B980926E1D46B17A93356',0);
INSERT INTO "_sqlx_migrations" VALUES(10,'ceremony buckets','2026-11-23 12:05:00',1,X'70B48466C1F0E99E89D9E643822C13EFE8497CFDF95859F19E6A2D04D3D3F78BC0B1C5C3AC2F7378C3635AFFA3D5AF2F',0);
INSERT INTO "_sqlx_migrations" VALUES(11,'signing keys','2026-11-23 12:05:00',1,X'CE5F60E99239FAD6FC93A5E34600960610455E731398DECF495CA77AE4AA8189D573F7FE52B9AAA2CCB049ABFB236C1F',0);
INSERT INTO "_sqlx_migrations" VALUES(12,'spent tokens','2026-11-23 12:05:00',1,X'57ED02BD5F6C3065F4B067EB75666C10EAA463A20204F04C6048DAABB9846BE0B202A4FA3BCEF3F3915230237BDCB78D',0);
INSERT INTO "_sqlx_migrations" VALUES(13,'registration tokens','2026-11-23 12:05:00',1,X'A218FBE0F3FC9A90B5B53FA17EC38051F6FBFE53E829805F11D94C4D9B958E348909DAD7DDD43D439DB6D7139D0F02E2',0);
INSERT INTO "_sqlx_migrations" VALUES(14,'events','2026-11-23 12:05:00',1,X'39014E70B2B997F059F8D8D76A3D9678221BDBAA95A945568EA250F0D0C334C7B45382AD151B1E4F73DFB55CD6618BA3',0);
INSERT INTO "_sqlx_migrations" VALUES(15,'idempotency','2026-11-23 12:05:00',1,X'A4C17A7D38C40CA9D84058789F872D96E8F500EBB4BD50192E25AD416BDA1D5DDFC10C7E7F66809D8255E6E2D2498487',0);
INSERT INTO "_sqlx_migrations" VALUES(16,'refusals','2026-11-23 12:05:00',1,X'138559CA03E603E626080A629CC1E27C36BC8F3A1A8215BECB8E787F70710B4A95060C88C76D26E595C1A554084546F5',0);
INSERT INTO "_sqlx_migrations" VALUES(17,'circumstances','2026-11-23 12:05:00',1,X'89E9145D0F15DB1284D83DB5048CEA5AC85769AEA07E68BBC1C0E242E628FCB3927058D9D544A5115253C2AD9787B13D',0);
INSERT INTO "_sqlx_migrations" VALUES(18,'ceremony days','2026-11-23 12:05:00',1,X'402A1E8FDA490EA6FBE1BAB3CA48216F28539756D11A6097950842FFAAFD13B470FEF3D2CD031118C6655E467AA7390A',0);
INSERT INTO "_sqlx_migrations" VALUES(19,'bound to','2026-11-23 12:05:00',1,X'6B0195F3D284CB270BCC11D706E93123F366712A8AC4CCEC4ABEF6AB12ECB9A563665C544761C48047C49874864E178B',0);
INSERT INTO "_sqlx_migrations" VALUES(20,'tries','2026-11-23 12:05:00',1,X'5769B9FB708CD942AFE407CB67185193D525E3D810DF09003F1B1C6B1A5FEB0FFFF30657FD9FD40DEE3642AA9A2BCC66',0);
INSERT INTO "_sqlx_migrations" VALUES(21,'tokens from','2026-11-23 12:05:00',1,X'1FBC0EAFF220792FDB29F199DFC22442F9676FCF7A14DAFFD7822E3615964961FC85B9EAA4B4772187427B875B695729',0);
INSERT INTO "_sqlx_migrations" VALUES(22,'unsettled','2026-11-23 12:05:00',1,X'93A6E319F44CA1D2AC4292A76EC36FE904C7BB73C154E99FBFA516CFEF4F0B0F5CC2A6337447685F792403FB72C27DDB',0);
INSERT INTO "_sqlx_migrations" VALUES(24,'expired keys','2026-11-23 12:05:00',1,X'66A1BC5BA8857B37EF1B08BE9831C7CFAB82B0A04D9E68994F6BA34A5B099BA393609EC1003F3B640F17D45A0E9CE81B',0);
INSERT INTO "_sqlx_migrations" VALUES(25,'unanswered records','2026-11-23 12:05:00',1,X'1BF8BBB3951A4AA417E5BC493612C814A4DB7621501D06FA71CCE488046FFF6DB157DA8E62DD6B303D186567F398F8C6',0);
INSERT INTO "_sqlx_migrations" VALUES(26,'event names','2026-11-23 12:05:00',1,X'855E402E0968285407D17BE8FA1CE82A4ED014411D3D3B7D9A82D986B47689B62AAADCBB203657DCE17B70E3357F103F',0);
CREATE TABLE api_keys (
    id text not null primary key,
    relying_party text not null references relying_parties (id) on delete cascade,
    name text not null,
    secret_hash blob not null,
    created_at integer not null,
    expires_at integer,
    revoked_at integer,
    last_used_at integer
, expired_at integer) strict;
INSERT INTO "api_keys" VALUES('CDKHE4CS4ZW199AX','rp_VdCtVxK5rPTU3MTxPnr2AA','backend',X'7ED90FA1C4E19E63B83F1D740F8BAF47C3B70BD1DDD679B3365A3FD4B65AB2A1',1795435500000,NULL,NULL,1795435500000,NULL);
CREATE TABLE ceremonies (
    id text not null primary key,
    relying_party text not null references relying_parties (id),
    kind text not null check (kind in ('registration', 'authentication')),
    reference text not null unique,
    user_handle blob,
    binding blob not null,
    challenge text,
    state text,
    created_at integer not null,
    expires_at integer not null,
    taken_at integer,
    outcome text check (outcome in ('verified', 'refused', 'expired')),
    reason text,
    step text
, client_call text, client_error text, client_error_after integer, client_error_at integer, purpose text, bucket blob, registration_token blob, mediation text, system text, browser text, authenticator text, client_meaning text, counted_in text) strict;
INSERT INTO "ceremonies" VALUES('reg_JdPkiMTkAFcdVMXPIqswguSYKSBIdjqyUIrZ1uko0s8','rp_keyfold','registration','QKT3-KCK4',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',X'63EDDA01E0D34F4465D02B09ADFF188B93140A45081CB5ED95EF4055F9B4F370',NULL,NULL,1795435500000,1795435800000,1795435500000,'verified',NULL,NULL,NULL,NULL,NULL,NULL,'new account',NULL,NULL,'modal',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "ceremonies" VALUES('reg_nbFFD8eZ7z1M7S0krM3Yy8zX_8Sd-h7k6smXDFm8FhY','rp_keyfold','registration','YNT2-4PCA',X'885BA5D19DB611DF7F91DD79B301B799DB1D7E801A8F757B5A66D58A21778FAF',X'ECAB7A12A783889B9AF865696FD4F65336F27261F26B26C2C3CE4F307CAF4390','Rsh_baSnFOj4cCm9sXqde6_OGPykYTu_C5rruC-Gi4A','{"policy":"required","exclude_credentials":[],"challenge":"Rsh_baSnFOj4cCm9sXqde6_OGPykYTu_C5rruC-Gi4A","credential_algorithms":["ES256","RS256"],"require_resident_key":true,"authenticator_attachment":null,"extensions":{"credProps":true},"allow_synchronised_authenticators":true}',1795435500000,1795435800000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'new account',X'ECAB7A12A783889B9AF865696FD4F65336F27261F26B26C2C3CE4F307CAF4390',NULL,'modal',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "ceremonies" VALUES('auth_IpiYa8QMCBBHsUh9zs36NTaDtzJYIpqaTUo7Jp0Lr9I','rp_keyfold','authentication','PTBT-108E',NULL,X'BDDEBCB3210F6F598119E310125385E85751DEB08DC2E6CA93260A680012F51A','ChQv9GR1-4KdHrJL75z8rOYPWZHXmmhFZs9xDDjSkSE','{"credentials":[],"policy":"required","challenge":"ChQv9GR1-4KdHrJL75z8rOYPWZHXmmhFZs9xDDjSkSE","appid":null,"allow_backup_eligible_upgrade":true}',1795435500000,1795435800000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'BDDEBCB3210F6F598119E310125385E85751DEB08DC2E6CA93260A680012F51A',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "ceremonies" VALUES('auth_kWOQj1aGtbaou0fBOQpjzfvgqKlqXgwwjqgSDII_wRQ','rp_keyfold','authentication','EGA2-7ZK7',NULL,X'26F8C86CAB31EF74E2B212CADB2E05E9976230AA6400A1E676B4D9C3DE03694B',NULL,NULL,1795435500000,1795435800000,1795435500000,'refused','user_verification_required','7.2 step 17',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "ceremonies" VALUES('reg_6vOIAmbBvPmK_gyBOksTcfO_lj84cg0aEC18W23g9GM','rp_VdCtVxK5rPTU3MTxPnr2AA','registration','CGNH-6KP2',X'049039CF6F77657DC9D1DD44E8FB000F7758A09CFD687B2DC6F531D41A0AFBC6',X'46910A01E3B86A951C9DA1CE469858E60B28409DDCF073C51EA7083F65881BF9',NULL,NULL,1795435500000,1795435800000,1795435500000,'verified',NULL,NULL,NULL,NULL,NULL,NULL,'for a back end',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE ceremony_days (
    day integer not null,
    relying_party text not null references relying_parties (id) on delete cascade,
    kind text not null,
    purpose text not null,
    mediation text not null,
    system text not null,
    browser text not null,
    authenticator text not null,
    outcome text not null,
    reason text not null,
    browser_error text not null,
    ceremonies integer not null,
    primary key (day, relying_party, kind, purpose, mediation, system, browser, authenticator, outcome,
        reason, browser_error)
) strict;
CREATE TABLE credentials (
    relying_party text not null references relying_parties (id),
    credential_id blob not null,
    user_handle blob not null,
    public_key blob not null,
    algorithm integer not null,
    aaguid blob not null,
    transports text not null,
    discoverable integer check (discoverable in (0, 1)),
    backup_eligible integer not null check (backup_eligible in (0, 1)),
    backup_state integer not null check (backup_state in (0, 1)),
    sign_count integer not null,
    created_at integer not null,
    last_used_at integer, name text, rp_id text, unsettled_ceremony text,
    primary key (relying_party, credential_id)
) strict;
INSERT INTO "credentials" VALUES('rp_keyfold',X'835130B902320FEE1091F9A011C59DD479A75F1086DD5EFF4E9B20704C3A5902',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',X'A5010203262001215820B91F062BA083D3126A9E588B72FDE3CEA4698E9BA87E69FF5FD481F75941823B225820C29FC368BCBC072554C302EE63AEE6F59DCDCE4340B3E8E7C3703FA68C590A79',-7,X'00000000000000000000000000000000','["internal","hybrid"]',1,1,1,0,1795435500000,NULL,NULL,'localhost',NULL);
INSERT INTO "credentials" VALUES('rp_VdCtVxK5rPTU3MTxPnr2AA',X'9128A31AE568CB5B3FFB84FE2793F89CBCECC159F4150AE432793EF6EB6B9A93',X'049039CF6F77657DC9D1DD44E8FB000F7758A09CFD687B2DC6F531D41A0AFBC6',X'A5010203262001215820C24147551E289BCA83B43816A1B196BE991D0EAB331FA4F5CE2D4970F7C0F17D2258209F04F02E14BD4F6B1795B66E81B564D570BDF5CE1A8B1A7567DDEF0FAF2A6859',-7,X'00000000000000000000000000000000','["internal","hybrid"]',1,1,1,0,1795435500000,NULL,NULL,'localhost',NULL);
CREATE TABLE events (
    id integer not null primary key autoincrement,
    relying_party text not null references relying_parties (id) on delete cascade,
    kind text not null check (kind in ('registration', 'authentication', 'refusal', 'removal')),
    reference text not null,
    user_handle blob,
    credential_id blob,
    reason text,
    step text,
    at integer not null
, name text) strict;
INSERT INTO "events" VALUES(1,'rp_keyfold','registration','QKT3-KCK4',X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C',X'835130B902320FEE1091F9A011C59DD479A75F1086DD5EFF4E9B20704C3A5902',NULL,NULL,1795435500000,NULL);
INSERT INTO "events" VALUES(2,'rp_keyfold','refusal','EGA2-7ZK7',NULL,NULL,'user_verification_required','7.2 step 17',1795435500000,NULL);
INSERT INTO "events" VALUES(3,'rp_VdCtVxK5rPTU3MTxPnr2AA','registration','CGNH-6KP2',X'049039CF6F77657DC9D1DD44E8FB000F7758A09CFD687B2DC6F531D41A0AFBC6',X'9128A31AE568CB5B3FFB84FE2793F89CBCECC159F4150AE432793EF6EB6B9A93',NULL,NULL,1795435500000,NULL);
CREATE TABLE idempotent_requests (
    relying_party text not null references relying_parties (id) on delete cascade,
    api_key text not null,
    name_hash blob not null,
    asked_hash blob not null,
    reply blob,
    created_at integer not null,
    primary key (api_key, name_hash)
) strict;
CREATE TABLE registration_tokens (
    token_hash blob not null primary key check (length(token_hash) = 32),
    relying_party text not null references relying_parties (id) on delete cascade,
    user_handle blob not null,
    created_at integer not null,
    expires_at integer not null,
    spent_at integer
) strict;
INSERT INTO "registration_tokens" VALUES(X'007FFB890AA4AAEDE555E010E63FC1848C95FAC4AED4FD672052652C415EF5C3','rp_VdCtVxK5rPTU3MTxPnr2AA',X'43F5759B3806033E252846DDD2ADDA5F7C731DB1847A3A5DC915F09B422F68E1',1795435500000,1795435800000,NULL);
CREATE TABLE relying_parties (
    id text not null primary key,
    rp_id text not null,
    created_at integer not null
, name text not null default '', origins text not null default '[]', user_verification text not null default 'required'
    check (user_verification in ('required', 'preferred')), attestation text not null default 'none') strict;
INSERT INTO "relying_parties" VALUES('rp_keyfold','localhost',1795435500000,'Keyfold','["http://localhost:8080"]','required','none');
INSERT INTO "relying_parties" VALUES('rp_VdCtVxK5rPTU3MTxPnr2AA','localhost',1795435500000,'Shop','["http://localhost:9000"]','required','none');
CREATE TABLE signing_keys (
    id text not null primary key,
    private_key blob not null check (length(private_key) = 32),
    public_key blob not null check (length(public_key) = 65),
    created_at integer not null,
    retired_at integer
, tokens_from integer) strict;
INSERT INTO "signing_keys" VALUES('B1eelxxY3k2K1pvOxVXnzQ',X'1073AE3207C6C77D65F041E6C11D7B32814EC7B6C6E80A6DB0B66FFAAA5D81BB',X'04AE7C336D4D66C2390287D4C9433E5AC180A29889180A410B62B7C0F098F6C2452B06EBFFEF81ACC709B7FBA2A8F7FF4E91ECD0239759CC30A193EE30E1BD8CB2',1795435500000,NULL,NULL);
CREATE TABLE spent_tokens (
    relying_party text not null references relying_parties (id) on delete cascade,
    jti text not null,
    expires_at integer not null,
    primary key (relying_party, jti)
) strict;
CREATE TABLE tries (
    key blob not null primary key,
    full_at integer not null
) strict;
CREATE TABLE users (
    relying_party text not null references relying_parties (id) on delete cascade,
    external_id text not null,
    user_handle blob not null,
    created_at integer not null,
    begun_at integer not null,
    registered_at integer,
    primary key (relying_party, external_id),
    unique (relying_party, user_handle)
) strict;
INSERT INTO "users" VALUES('rp_VdCtVxK5rPTU3MTxPnr2AA','u1',X'049039CF6F77657DC9D1DD44E8FB000F7758A09CFD687B2DC6F531D41A0AFBC6',1795435500000,1795435500000,1795435500000);
INSERT INTO "users" VALUES('rp_VdCtVxK5rPTU3MTxPnr2AA','u2',X'43F5759B3806033E252846DDD2ADDA5F7C731DB1847A3A5DC915F09B422F68E1',1795435500000,1795435500000,NULL);
CREATE INDEX ceremonies_unanswered on ceremonies (expires_at) where taken_at is null;
CREATE INDEX ceremonies_answered on ceremonies (taken_at) where taken_at is not null;
CREATE INDEX credentials_by_user on credentials (relying_party, user_handle);
CREATE INDEX ceremonies_failed on ceremonies (client_error_at) where client_error_at is not null;
CREATE INDEX api_keys_by_relying_party on api_keys (relying_party);
CREATE INDEX users_without_passkeys on users (begun_at) where registered_at is null;
CREATE INDEX ceremonies_waiting on ceremonies (relying_party, bucket, created_at desc, id) where taken_at is null;
CREATE INDEX ceremonies_waiting_for_pages on ceremonies (relying_party, binding) where taken_at is null;
CREATE UNIQUE INDEX signing_keys_one_signs on signing_keys (retired_at is null) where retired_at is null;
CREATE INDEX spent_tokens_over on spent_tokens (expires_at);
CREATE INDEX registration_tokens_by_user on registration_tokens (relying_party, user_handle);
CREATE INDEX registration_tokens_over on registration_tokens (expires_at);
CREATE INDEX events_by_party on events (relying_party, id);
CREATE INDEX events_by_user on events (relying_party, user_handle) where user_handle is not null;
CREATE INDEX events_by_age on events (at);
CREATE INDEX idempotent_requests_by_age on idempotent_requests (created_at);
CREATE INDEX events_of_refusals on events (relying_party, id) where kind = 'refusal';
CREATE INDEX ceremonies_refused on ceremonies (relying_party, taken_at) where outcome = 'refused';
CREATE INDEX ceremony_days_by_relying_party on ceremony_days (relying_party);
CREATE INDEX ceremonies_uncounted on ceremonies (created_at) where counted_in is null;
CREATE INDEX ceremonies_counted on ceremonies (counted_in) where counted_in is not null;
CREATE INDEX events_by_reference on events (reference);
CREATE INDEX tries_over on tries (full_at);
CREATE INDEX credentials_unsettled on credentials (unsettled_ceremony)
where unsettled_ceremony is not null;
CREATE INDEX ceremonies_expired on ceremonies (relying_party, taken_at) where outcome = 'expired';
CREATE INDEX ceremonies_failed_of on ceremonies (relying_party, client_error_at)
where client_error_at is not null and taken_at is null and counted_in is not null;
CREATE UNIQUE INDEX events_by_name on events (relying_party, name) where name is not null;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',3);
