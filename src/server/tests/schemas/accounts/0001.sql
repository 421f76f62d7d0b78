CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'users','2026-11-23 12:05:00',1,X'8FD5E8B4CE55AE0E6D19153262029820A8D5DEA599C3949C772D82C0F82BEFACD4D43A78A010E4F74AFFBFD68F97843F',0);
CREATE TABLE users (
    handle blob not null primary key,
    name text not null,
    canonical_name text not null unique,
    display_name text,
    created_at integer not null
) strict;
INSERT INTO "users" VALUES(X'EE43242C9546B8C6B453564AA654AA60872B020AA736BFEE455D25A2D808C61C','ada','ada',NULL,1795435500000);
