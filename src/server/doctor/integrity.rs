//! Whether the databases are whole, of this version, and of one mind.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Finding;
use crate::server::accounts;
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::database::{
    Database, Location, Migrations, OpenError, Transaction, at_one_moment,
};
use crate::server::passkeys;

/// A sign-up stores the passkey first, and then the account.
const UNDER_WAY: Duration = Duration::from_mins(1);

/// Looks at both databases, and changes nothing.
pub async fn findings(config: &Config, clock: &Clock, quickly: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    let (at, migrations) = (&config.accounts_database, &accounts::MIGRATIONS);
    let accounts = whole("accounts", at, migrations, quickly, &mut found).await;
    let (at, migrations) = (&config.passkeys_database, &passkeys::MIGRATIONS);
    let passkeys = whole("passkeys", at, migrations, quickly, &mut found).await;
    if let (Some(accounts), Some(passkeys)) = (&accounts, &passkeys) {
        found.extend(of_one_mind(accounts, passkeys, clock).await);
    }
    for database in [accounts, passkeys].into_iter().flatten() {
        database.close().await;
    }
    found
}

/// Whether one database is whole and of this version; where it is, it is left open.
async fn whole(
    check: &'static str,
    at: &Location,
    migrations: &Migrations,
    quickly: bool,
    found: &mut Vec<Finding>,
) -> Option<Database> {
    match look_through(at, migrations, quickly).await {
        Ok((database, faults, schema)) => {
            found.push(of_faults(check, at, &faults, schema, quickly));
            if faults.is_empty() {
                return Some(database);
            }
            database.close().await;
        }
        Err(error) => {
            let why = "the server does not start with it as it is";
            let says = error.to_string();
            found.push(Finding::wrong(check, says, why).fixed_by(error.hint()));
        }
    }
    None
}

/// What there is to say of a database that answers, in which these faults were found.
pub(super) fn of_faults(
    check: &'static str,
    at: &Location,
    faults: &[String],
    schema: i64,
    quickly: bool,
) -> Finding {
    if !faults.is_empty() {
        let says = format!("{at} is damaged: {}", faults.join("; "));
        let why = "whatever is done with it may make it worse, or give wrong answers";
        let line = "stop the server, and `keyfold restore` a backup into an empty folder";
        return Finding::wrong(check, says, why).fixed_by(line);
    }
    let state = match (at.file(), quickly) {
        (Some(_), false) => "is whole",
        (Some(_), true) => "is whole but for its indexes, which `keyfold check` looks at",
        // What PostgreSQL keeps whole only its own tools can tell (pg_amcheck).
        (None, _) => "answers",
    };
    Finding::good(check, format!("{at} {state}; it has schema {schema}"))
}

async fn look_through(
    at: &Location,
    migrations: &Migrations,
    quickly: bool,
) -> Result<(Database, Vec<String>, i64), OpenError> {
    let unusable = |source| OpenError::Unusable { database: at.to_string(), source };
    let database = Database::open_as_it_is(at, migrations).await?;
    let (faults, schema) = database.condition(quickly).await.map_err(unusable)?;
    if faults.is_empty()
        && let Some(error) = database.out_of_date(at, migrations).await?
    {
        database.close().await;
        return Err(error);
    }
    Ok((database, faults, schema))
}

/// What the one says that the other does not know.
async fn of_one_mind(accounts: &Database, passkeys: &Database, clock: &Clock) -> Vec<Finding> {
    let snapshots = at_one_moment(accounts, passkeys).await.ok();
    let before = clock.now().before(UNDER_WAY);
    let handles = match snapshots {
        Some([mut accounts, mut passkeys]) => handles(&mut accounts, &mut passkeys).await.ok(),
        None => None,
    };
    let Some((people, owners)) = handles else {
        let why = "whether accounts and passkeys belong together is not known";
        return vec![Finding::unknown("accounts_and_passkeys", "they could not be compared", why)];
    };
    let known: BTreeSet<&Vec<u8>> = people.iter().map(|(handle, _)| handle).collect();
    let owning: BTreeSet<&Vec<u8>> = owners.iter().map(|(handle, _)| handle).collect();
    let is_old = |since: i64| since <= before.milliseconds();
    let without_key =
        people.iter().filter(|(handle, since)| is_old(*since) && !owning.contains(handle));
    let without_account =
        owners.iter().filter(|(handle, since)| is_old(*since) && !known.contains(handle));
    let mut found = Vec::new();
    match without_key.count() {
        0 => {}
        count => {
            let says = format!("{count} of {} accounts have no passkey", people.len());
            let why = "nobody can sign in to them, except by recovery";
            let line = "`keyfold users recover NAME` gives a person a link to make a passkey";
            found.push(Finding::advice("accounts_without_passkeys", says, why).fixed_by(line));
        }
    }
    match without_account.count() {
        0 => {}
        count => {
            let says = format!("the passkeys of {count} people belong to no account");
            let why = "they sign nobody in; a sign-up or a deletion was cut off";
            let finding = Finding::advice("passkeys_without_accounts", says, why);
            found.push(finding.fixed_by("keyfold doctor --remove-orphans"));
        }
    }
    if found.is_empty() {
        let says = format!("each of {} accounts has its passkeys", people.len());
        found.push(Finding::good("accounts_and_passkeys", says));
    }
    found
}

/// Who is there, and since when: of accounts, and of passkeys.
type Handles = Vec<(Vec<u8>, i64)>;

async fn handles(
    accounts: &mut Transaction<'static>,
    passkeys: &mut Transaction<'static>,
) -> Result<(Handles, Handles), Box<dyn std::error::Error>> {
    Ok((accounts::handles(accounts).await?, passkeys::handles_of_own_site(passkeys).await?))
}
