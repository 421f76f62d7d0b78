//! Adding a second device: a link that one signed-in browser makes, one other browser claims, and
//! the first one confirms.
//!
//! Owns: how far a link has come, and who may take it further. Refuses to know: the passkey that
//! comes of it, but for what the service calls it.
//!
//! Decisions:
//! * A link lives no longer than the session that made it, and opens nothing before it is confirmed.
//! * Of all that is refused its holder learns one thing, that the link does not work.
//! * A link that is late is marked so when it is next looked at: a clock that jumps back does not
//!   revive it.

mod first;
mod second;

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::user::{User, UserRow};
use super::{Accounts, Error, Whence};
use crate::server::clock::Timestamp;
use crate::server::database::{On, sql};
use crate::server::passkeys::{Binding, UserHandle};

/// How long a link works.
const LINK_LIFETIME: Duration = Duration::from_mins(10);

/// What opens a link: 256 random bits as base64url. It is never stored or logged.
#[derive(Clone)]
pub struct DeviceLinkToken(String);

impl DeviceLinkToken {
    /// Takes what an address says.
    pub fn from_address(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token, for the address.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for DeviceLinkToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DeviceLinkToken(…)")
    }
}

/// A link, as it stands.
#[derive(Debug)]
pub struct DeviceLink {
    /// Names it towards its owner; opens nothing.
    pub id: String,
    /// Whose account it is for.
    pub owner: User,
    /// How far it has come.
    pub stage: Stage,
    /// The session that made it.
    pub session: String,
    claimed_by: Option<Vec<u8>>,
    ceremony: Option<String>,
    expires_at: Timestamp,
}

impl DeviceLink {
    fn is_claimed_by(&self, browser: &Binding) -> bool {
        self.claimed_by.as_deref() == Some(browser.as_bytes())
    }
}

/// How far a link has come.
#[derive(Debug)]
pub enum Stage {
    /// Nobody has claimed it.
    Open,
    /// A browser asks to be added.
    Claimed {
        /// What both devices show.
        number: String,
        /// From where it asks.
        whence: Whence,
    },
    /// The owner has let it in.
    Confirmed,
    /// It has registered this passkey.
    Added(String),
    /// Refused, replaced by a newer link, or late.
    Over,
}

#[derive(Debug, FromRow)]
struct LinkRow {
    #[sqlx(flatten)]
    owner: UserRow,
    id: String,
    session_id: String,
    expires_at: i64,
    claimed_by: Option<Vec<u8>>,
    number: Option<String>,
    browser: Option<String>,
    system: Option<String>,
    address: Option<String>,
    confirmed_at: Option<i64>,
    ceremony_id: Option<String>,
    passkey: Option<String>,
    outcome: Option<String>,
}

impl LinkRow {
    fn into_link(self, now: Timestamp) -> Result<DeviceLink, Error> {
        let stage = match (self.outcome, self.passkey, self.number) {
            (Some(_), Some(passkey), _) => Stage::Added(passkey),
            (Some(_), None, _) => Stage::Over,
            (None, ..) if self.expires_at <= now.milliseconds() => Stage::Over,
            (None, ..) if self.confirmed_at.is_some() => Stage::Confirmed,
            (None, _, Some(number)) => {
                let address = self.address.unwrap_or_default();
                let whence = Whence::noted(self.browser, self.system, address);
                Stage::Claimed { number, whence }
            }
            (None, _, None) => Stage::Open,
        };
        Ok(DeviceLink {
            id: self.id,
            owner: User::try_from(self.owner)?,
            stage,
            session: self.session_id,
            claimed_by: self.claimed_by,
            ceremony: self.ceremony_id,
            expires_at: Timestamp::from_milliseconds(self.expires_at),
        })
    }
}

/// By what a link is found.
enum By<'a> {
    /// By the one who holds it.
    Token(&'a DeviceLinkToken),
    /// By the one whose account it is for.
    Owner(&'a UserHandle, &'a str),
}

/// A link, unless its owner is locked out or the session that made it is over.
macro_rules! select_link {
    ($which:literal) => {
        concat!(
            "select handle, name, display_name, links.id, session_id, links.expires_at, claimed_by,
                number, links.browser, links.system, links.address, confirmed_at,
                ceremony_id, links.passkey, outcome
            from device_links as links
            join users on users.handle = links.user_handle and users.disabled_at is null
            join sessions on sessions.id = links.session_id
                and sessions.user_handle = links.user_handle
                and sessions.expires_at > $1 and sessions.last_seen_at > $2
            where ",
            $which
        )
    };
}

impl Accounts {
    /// Finds a link, and marks what is late.
    async fn look_at_link(&self, by: By<'_>) -> Result<Option<DeviceLink>, Error> {
        let link = self.find_link(by, self.database.reader()).await?;
        let now = self.clock.now();
        if link.as_ref().is_some_and(|link| link.expires_at <= now) {
            let mark = "update device_links set outcome = 'expired'
                where outcome is null and expires_at <= $1";
            let query = sql::query(mark).bind(now.milliseconds());
            query.execute(self.database.writer()).await?;
        }
        Ok(link)
    }

    async fn find_link(
        &self,
        by: By<'_>,
        database: impl Into<On<'_>>,
    ) -> Result<Option<DeviceLink>, Error> {
        let now = self.clock.now();
        let query = match by {
            By::Token(_) => select_link!("links.token_hash = $3"),
            By::Owner(..) => select_link!("links.id = $3 and links.user_handle = $4"),
        };
        let query = sql::query_as::<LinkRow>(query).bind(now.milliseconds());
        let query = query.bind(now.before(self.lifetimes.idle).milliseconds());
        let query = match by {
            By::Token(token) => query.bind(token.hash()),
            By::Owner(owner, id) => query.bind(id.to_owned()).bind(owner.as_bytes()),
        };
        let row = query.fetch_optional(database).await?;
        row.map(|row| row.into_link(now)).transpose()
    }
}
