//! All that answering a request needs.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

use super::accounts::{self, Accounts, Correspondence, SessionLifetimes};
use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::database::{Location, OpenError, Transaction};
use super::limits::Limits;
use super::passkeys::{self, NotAdmitted, Passkeys, RelyingParty, UserHandle};
use crate::wire::SitePath;

/// Why the site could not be put together.
#[derive(Debug, Error)]
pub enum SiteError {
    /// A database could not be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// This site could not be made known to the passkey service.
    #[error(transparent)]
    Passkeys(#[from] passkeys::NotAdmitted),
}

impl SiteError {
    /// What the operator can do about it.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Database(error) => error.hint().to_owned(),
            Self::Passkeys(NotAdmitted::Stranding { stranded, .. }) => {
                let hosts: Vec<&str> =
                    stranded.iter().map(|stranded| stranded.rp_id.as_str()).collect();
                let hosts = hosts.join(",");
                format!(
                    "set public_url (KEYFOLD_PUBLIC_URL) back to the host that the passkeys are bound to, or leave them behind for good with \"keyfold serve --accept-stranded-passkeys={hosts}\" (KEYFOLD_ACCEPT_STRANDED_PASSKEYS={hosts})"
                )
            }
            Self::Passkeys(NotAdmitted::Failed(_)) => {
                "see whether the disk is full or read-only".to_owned()
            }
        }
    }
}

/// The site: both halves, and what they share.
#[derive(Debug, Clone)]
pub struct Site {
    pub(super) config: Arc<Config>,
    pub(super) accounts: Accounts,
    pub(super) passkeys: Passkeys,
    pub(super) relying_party: RelyingParty,
    pub(super) limits: Arc<Limits>,
    pub(super) clock: Clock,
    pub(super) chance: Chance,
    /// What runs on when the request that began it is gone.
    pub(super) tasks: TaskTracker,
    /// Held while a way into an account is taken away and another one has to be there: they are in two
    /// databases.
    pub(super) ways_in: Arc<Mutex<()>>,
}

/// Nobody else takes a way into this account away meanwhile.
#[derive(Debug)]
pub(super) struct WaysIn {
    _here: OwnedMutexGuard<()>,
    _everywhere: Option<Transaction<'static>>,
}

impl Site {
    /// Opens both databases, puts the site together and makes its pages known as a relying party.
    pub async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Self, SiteError> {
        let site = Self::open_beside(config, clock, chance).await?;
        let accepted = &site.config.accept_stranded_passkeys;
        site.passkeys.admit(&site.relying_party, accepted).await?;
        Ok(site)
    }

    /// The same for a command that runs beside the server: what the server has made known stays, as
    /// the command may have been given other settings.
    pub(super) async fn open_beside(
        config: Config,
        clock: Clock,
        chance: Chance,
    ) -> Result<Self, OpenError> {
        let is_shared = config.passkeys_database.file().is_none();
        let clock = if is_shared { clock.shared() } else { clock };
        let tasks = TaskTracker::new();
        let (passkeys, accounts) = open_both(&config, &clock, &chance, &tasks).await?;
        let site = Self::assemble(config, clock, chance, tasks, accounts, passkeys);
        site.put_clock_right().await;
        Ok(site)
    }

    /// A site that lives in memory: for tests.
    #[cfg(test)]
    pub(super) async fn in_memory(config: Config, clock: Clock, chance: Chance) -> Self {
        let tasks = TaskTracker::new();
        let passkeys = Passkeys::in_memory(clock.clone(), chance.clone(), tasks.clone()).await;
        let lifetimes = lifetimes(&config);
        let accounts =
            Accounts::in_memory(clock.clone(), chance.clone(), lifetimes, tasks.clone()).await;
        let site = Self::assemble(config, clock, chance, tasks, accounts, passkeys);
        site.passkeys.admit(&site.relying_party, &[]).await.expect("the site of a test is sound");
        site
    }

    fn assemble(
        config: Config,
        clock: Clock,
        chance: Chance,
        tasks: TaskTracker,
        accounts: Accounts,
        passkeys: Passkeys,
    ) -> Self {
        let url = &config.public_url;
        let relying_party = RelyingParty::own(&config.site_name, url, &config.related_origins);
        let shared = passkeys.database().is_shared().then(|| passkeys.tries());
        let limits = Arc::new(Limits::new(config.rate_limits, shared));
        let accounts = match &config.mail {
            Some(_) => accounts.who_write(Correspondence::new(&config.site_name, url.origin())),
            None => accounts,
        };
        Self {
            config: Arc::new(config),
            accounts,
            passkeys,
            relying_party,
            limits,
            clock,
            chance,
            tasks,
            ways_in: Arc::default(),
        }
    }

    /// Goes by the clock of the database, where other machines do.
    async fn put_clock_right(&self) {
        match self.passkeys.database().clock_offset(&self.clock).await {
            Ok(offset) => self.clock.put_right(offset.unwrap_or(0)),
            Err(error) => tracing::warn!(%error, "the database could not be asked for the time"),
        }
    }

    /// A page of the site, as it is sent to people.
    pub fn link(&self, path: &SitePath) -> String {
        format!("{}{}", self.config.public_url.origin(), path.as_str())
    }

    /// Whether both databases answer.
    pub async fn is_ready(&self) -> bool {
        self.accounts.database().is_ready().await && self.passkeys.database().is_ready().await
    }

    /// Deletes what is over, everywhere.
    pub async fn sweep(&self) {
        self.limits.sweep();
        self.put_clock_right().await;
        if let Err(error) = self.settle_passkeys().await {
            tracing::warn!(%error, "passkeys that were taken in could not be settled");
        }
        let passkeys: Result<(), passkeys::Error> = self.passkeys.sweep().await;
        let accounts = [
            self.accounts.sweep().await,
            self.accounts.forget_addresses(self.config.keep_addresses).await,
        ];
        let accounts: Result<(), accounts::Error> = accounts.into_iter().collect();
        if let Err(error) = passkeys {
            tracing::warn!(%error, "old ceremonies could not be swept");
        }
        if let Err(error) = accounts {
            tracing::warn!(%error, "old sessions could not be swept");
        }
    }

    /// Says of every passkey that does not count yet whether it does, or ever will.
    async fn settle_passkeys(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let (passkeys, party) = (&self.passkeys, &self.relying_party);
        for passkey in passkeys.unsettled(party).await? {
            if self.accounts.has_taken_in(&passkey.ceremony).await? {
                passkeys.settle(party, &passkey.user, &passkey.ceremony).await?;
            } else if passkeys.give_up(party, &passkey).await? {
                tracing::warn!("a passkey that was registered, and never taken in, was removed");
            }
        }
        Ok(self.accounts.forget_taken_in().await?)
    }

    /// Waits until nobody else takes a way into this account away, here or on another node, and keeps
    /// them out until what is given back is dropped.
    pub(super) async fn alone_with_ways_in(
        &self,
        user: &UserHandle,
    ) -> Result<WaysIn, accounts::Error> {
        let here = Arc::clone(&self.ways_in).lock_owned().await;
        let everywhere = self.accounts.database().hold(user.as_bytes()).await?;
        Ok(WaysIn { _here: here, _everywhere: everywhere })
    }

    /// Waits for what runs on when the request that began it is gone.
    pub(super) async fn settle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Closes both databases for good: each file is whole without the log beside it.
    pub(super) async fn shut_down(&self) {
        self.settle().await;
        for database in [self.accounts.database(), self.passkeys.database()] {
            database.write_back().await;
            database.close().await;
        }
    }

    /// Waits for what is under way, then closes both databases.
    pub async fn close(&self) {
        self.settle().await;
        self.accounts.database().close().await;
        self.passkeys.database().close().await;
    }
}

/// Opens both databases. One of them is not made anew beside another that is in use: whoever signed up
/// before would be a stranger, and the next one the first admin.
async fn open_both(
    config: &Config,
    clock: &Clock,
    chance: &Chance,
    tasks: &TaskTracker,
) -> Result<(Passkeys, Accounts), OpenError> {
    let (theirs, ours) = (&config.passkeys_database, &config.accounts_database);
    let passkeys = || Passkeys::open(theirs, clock.clone(), chance.clone(), tasks.clone());
    let lifetimes = lifetimes(config);
    let accounts = || Accounts::open(ours, clock.clone(), chance.clone(), lifetimes, tasks.clone());
    let lost = |database: &Location, other: &Location| OpenError::Lost {
        database: database.to_string(),
        other: other.to_string(),
    };
    if theirs.is_blank(&passkeys::MIGRATIONS).await? {
        let accounts = accounts().await?;
        let is_in_use = accounts.has_users().await;
        let is_in_use = is_in_use.map_err(|error| OpenError::unusable(ours, &error))?;
        // Another node that starts may have made it meanwhile.
        if is_in_use && theirs.is_blank(&passkeys::MIGRATIONS).await? {
            return Err(lost(theirs, ours));
        }
        return Ok((passkeys().await?, accounts));
    }
    let passkeys = passkeys().await?;
    if ours.is_blank(&accounts::MIGRATIONS).await? {
        let is_in_use = passkeys.has_own_users().await;
        let is_in_use = is_in_use.map_err(|error| OpenError::unusable(theirs, &error))?;
        if is_in_use && ours.is_blank(&accounts::MIGRATIONS).await? {
            return Err(lost(ours, theirs));
        }
    }
    Ok((passkeys, accounts().await?))
}

fn lifetimes(config: &Config) -> SessionLifetimes {
    SessionLifetimes { idle: config.session_idle, absolute: config.session_absolute }
}

/// Held by whoever uses a data directory alone.
pub(super) const LOCK: &str = "keyfold.lock";

/// Stands in a data directory as long as only a part of a backup does.
pub(super) const UNFINISHED: &str = "restore.unfinished";

/// Makes the folder if it is not there, for its owner alone.
pub(super) fn prepare_data_dir(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if folder.join(UNFINISHED).exists() {
        let problem = "a restore was broken off in it; empty it, and restore the backup again";
        return Err(std::io::Error::other(problem));
    }
    Ok(())
}
