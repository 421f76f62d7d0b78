CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'relying parties','2026-11-23 12:05:00',1,X'9A6344015A98CDC4FEBAD867D96518494D91055E0249301EB8BBBF4018CAC64A591B591C24691B0A5AF0DF8F462BE595',0);
CREATE TABLE relying_parties (
    id text not null primary key,
    rp_id text not null,
    created_at integer not null
) strict;
INSERT INTO "relying_parties" VALUES('rp_keyfold','localhost',1795435500000);
