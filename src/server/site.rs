//! All that answering a request needs.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use super::accounts::{self, Accounts, Correspondence, SessionLifetimes};
use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::database::OpenError;
use super::limits::Limits;
use super::passkeys::{self, Passkeys, RelyingParty};

/// Why the site could not be put together.
#[derive(Debug, Error)]
pub enum SiteError {
    /// A database could not be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// This site could not be made known to the passkey service.
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl SiteError {
    /// What the operator can do about it.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Database(error) => error.hint(),
            Self::Passkeys(_) => "see whether the disk is full or read-only",
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

impl Site {
    /// Opens both databases, puts the site together and makes its pages known as a relying party.
    pub async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Self, SiteError> {
        let site = Self::open_beside(config, clock, chance).await?;
        site.passkeys.admit(&site.relying_party).await?;
        Ok(site)
    }

    /// The same for a command that runs beside the server: what the server has made known stays, as
    /// the command may have been given other settings.
    pub(super) async fn open_beside(
        config: Config,
        clock: Clock,
        chance: Chance,
    ) -> Result<Self, OpenError> {
        let file = |name: &str| config.data_dir.join(name);
        let tasks = TaskTracker::new();
        let passkeys =
            Passkeys::open(&file("passkeys.db"), clock.clone(), chance.clone(), tasks.clone())
                .await?;
        let lifetimes = lifetimes(&config);
        let accounts = Accounts::open(
            &file("accounts.db"),
            clock.clone(),
            chance.clone(),
            lifetimes,
            tasks.clone(),
        )
        .await?;
        Ok(Self::assemble(config, clock, chance, tasks, accounts, passkeys))
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
        site.passkeys.admit(&site.relying_party).await.expect("the site of a test is sound");
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
        let limits = Arc::new(Limits::new(config.rate_limits));
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

    /// Whether both databases answer.
    pub async fn is_ready(&self) -> bool {
        self.accounts.database().is_ready().await && self.passkeys.database().is_ready().await
    }

    /// Deletes what is over, everywhere.
    pub async fn sweep(&self) {
        self.limits.sweep();
        let passkeys: Result<(), passkeys::Error> = self.passkeys.sweep().await;
        let accounts: Result<(), accounts::Error> = self.accounts.sweep().await;
        if let Err(error) = passkeys {
            tracing::warn!(%error, "old ceremonies could not be swept");
        }
        if let Err(error) = accounts {
            tracing::warn!(%error, "old sessions could not be swept");
        }
    }

    /// Waits for what runs on when the request that began it is gone.
    pub(super) async fn settle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits for what is under way, then closes both databases.
    pub async fn close(&self) {
        self.settle().await;
        self.accounts.database().close().await;
        self.passkeys.database().close().await;
    }
}

fn lifetimes(config: &Config) -> SessionLifetimes {
    SessionLifetimes { idle: config.session_idle, absolute: config.session_absolute }
}

/// Makes the folder if it is not there, for its owner alone.
pub(super) fn prepare_data_dir(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
