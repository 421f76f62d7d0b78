//! Commands that work on the databases of a server that may be running.

use super::{Failure, clock, port, print};
use crate::server::chance::Chance;
use crate::server::config::Config;
use crate::server::database::{Database, OpenError};
use crate::server::site::Site;
use crate::server::{accounts, passkeys};

/// Runs a command on the databases of these settings, beside a server that may be running, and
/// writes what it says.
pub(super) async fn beside_the_server(
    config: Config,
    command: impl AsyncFnOnce(&Site) -> Result<String, Failure>,
) -> Result<(), Failure> {
    if config.accounts_database.file().is_some_and(|file| !file.exists()) {
        let error = format!("there is no user database at {}", config.accounts_database);
        let hint = "set data_dir (KEYFOLD_DATA_DIR), or start the server once";
        return Err(Failure::new(error, hint));
    }
    not_brought_up_to_date(&config).await.map_err(|error| Failure::new(&error, error.hint()))?;
    let clock = clock(&config);
    let site = Site::open_beside(config, clock, Chance::from_system()).await;
    let site = site.map_err(|error| Failure::new(&error, error.hint()))?;
    let said = command(&site).await;
    site.close().await;
    print(&said?)
}

/// Bringing the databases up to date is the server's: one of the version before may be running.
pub(in crate::server) async fn not_brought_up_to_date(config: &Config) -> Result<(), OpenError> {
    for (location, migrations) in [
        (&config.accounts_database, &accounts::MIGRATIONS),
        (&config.passkeys_database, &passkeys::MIGRATIONS),
    ] {
        let database = Database::open_as_it_is(location, migrations).await?;
        let out_of_date = database.out_of_date(location, migrations).await;
        database.close().await;
        if let Some(error) = out_of_date? {
            return Err(error);
        }
    }
    Ok(())
}

/// Takes passkeys over. What became of them is said even where that is a failure.
pub(super) async fn import(config: Config, command: port::ImportCommand) -> Result<(), Failure> {
    let mut error = None;
    beside_the_server(config, async |site| {
        let said = port::import(site, &command).await?;
        error = said.error;
        Ok(said.text)
    })
    .await?;
    error.map_or(Ok(()), |error| Err(error.into()))
}
