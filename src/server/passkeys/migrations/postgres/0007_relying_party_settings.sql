-- What the operator says of a relying party. origins is a JSON array of exact origins.
alter table relying_parties add column name text not null default '';
alter table relying_parties add column origins text not null default '[]';
alter table relying_parties add column user_verification text not null default 'required'
    check (user_verification in ('required', 'preferred'));
alter table relying_parties add column attestation text not null default 'none';
