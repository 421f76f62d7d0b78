//! The e-mail addresses of a person.
//!
//! Decisions: an address is somebody's own once they have followed a link that was sent there; until
//! then nothing else is sent there. It may be at several accounts: what one account is told never
//! depends on another. A link is for one address of one account, works once, and is dead when
//! another link for the same address was used. To one address go so many of them a day, whoever asks:
//! many accounts do not flood anybody, and none of them is told that there are others.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::outbox::{LINK, Letter, hash_of};
use super::session::Session;
use super::{Accounts, Error};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::mail::Address;
use crate::server::passkeys::UserHandle;
use crate::wire::Language;

/// How many addresses a person may have.
const MOST: i64 = 5;

/// How soon another verification mail may go to the same address.
const ASKED_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// How many verification mails a person may have sent within a day, wherever they go.
const MOST_REQUESTS: i64 = 20;

/// How many may go to one address within a day, whoever asks. More than one account can use up: nobody
/// alone keeps its owner from verifying it.
const MOST_TO_ADDRESS: i64 = 2 * MOST_REQUESTS;

const REQUESTS_WITHIN: Duration = Duration::from_hours(24);

/// An address that a person gave.
#[derive(Debug, Clone, FromRow)]
pub struct Email {
    /// Names it towards its owner; opens nothing.
    pub id: String,
    /// The address.
    pub address: String,
    /// Whether its owner has followed a link that was sent there.
    pub is_verified: bool,
}

#[derive(Debug, FromRow)]
struct AskedRow {
    id: String,
    address: String,
    asked_at: i64,
    verified_at: Option<i64>,
}

impl Accounts {
    /// Whether mails are sent at all.
    pub fn writes_mail(&self) -> bool {
        self.correspondence.is_some()
    }

    /// The addresses of a person, oldest first.
    pub async fn emails(&self, user: &UserHandle) -> Result<Vec<Email>, Error> {
        let select = "select id, address, verified_at is not null as is_verified
            from email_addresses where user_handle = $1 order by created_at, id";
        let query = sql::query_as(select).bind(user.as_bytes());
        Ok(query.fetch_all(self.database.reader()).await?)
    }

    /// Adds an address, and queues a mail that verifies it. An address that is there already is
    /// asked again if it may be, and not told.
    pub async fn add_email(
        &self,
        session: &Session,
        address: &str,
        language: Language,
    ) -> Result<(), Error> {
        if !self.writes_mail() {
            return Err(Error::NotFound);
        }
        let address = Address::parse(address).ok_or(Error::EmailInvalid)?;
        let user = &session.user.handle;
        let mut transaction = self.database.begin().await?;
        let select = "select id, address, asked_at, verified_at from email_addresses
            where user_handle = $1 and address = $2";
        let query = sql::query_as::<AskedRow>(select).bind(user.as_bytes());
        let known = query.bind(address.as_str()).fetch_optional(&mut transaction).await?;
        if let Some(known) = known {
            match self.ask_again(&mut transaction, session, known, language).await {
                Ok(()) | Err(Error::TooSoon) => {}
                Err(error) => return Err(error),
            }
        } else {
            let insert =
                "insert into email_addresses (id, user_handle, address, created_at, asked_at)
                select $1, $2, $3, $4, $4
                where (select count(*) from email_addresses where user_handle = $2) < $5";
            let id = self.chance.id();
            let query = sql::query(insert).bind(&id).bind(user.as_bytes()).bind(address.as_str());
            let query = query.bind(self.clock.now().milliseconds()).bind(MOST);
            if query.execute(&mut transaction).await?.rows_affected() == 0 {
                return Err(Error::TooManyEmails);
            }
            self.ask(&mut transaction, session, (&id, address.as_str()), language).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Queues another mail that verifies an address.
    pub async fn resend_verification(
        &self,
        session: &Session,
        id: &str,
        language: Language,
    ) -> Result<(), Error> {
        if !self.writes_mail() {
            return Err(Error::NotFound);
        }
        let mut transaction = self.database.begin().await?;
        let select = "select id, address, asked_at, verified_at from email_addresses
            where user_handle = $1 and id = $2";
        let query = sql::query_as::<AskedRow>(select).bind(session.user.handle.as_bytes());
        let known = query.bind(id).fetch_optional(&mut transaction).await?;
        let known = known.ok_or(Error::NotFound)?;
        self.ask_again(&mut transaction, session, known, language).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn ask_again(
        &self,
        transaction: &mut Transaction<'static>,
        session: &Session,
        known: AskedRow,
        language: Language,
    ) -> Result<(), Error> {
        if known.verified_at.is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        let asked_at = Timestamp::from_milliseconds(known.asked_at);
        // A clock that jumps back must not keep anybody waiting for years.
        if now.before(ASKED_AGAIN_AFTER) < asked_at && asked_at <= now {
            return Err(Error::TooSoon);
        }
        let update = "update email_addresses set asked_at = $1 where id = $2 and user_handle = $3";
        let query = sql::query(update).bind(now.milliseconds()).bind(&known.id);
        let query = query.bind(session.user.handle.as_bytes());
        query.execute(&mut *transaction).await?;
        // One that is still queued would come as well.
        let query = sql::query("delete from outbox where verifies = $1").bind(&known.id);
        query.execute(&mut *transaction).await?;
        self.ask(transaction, session, (&known.id, &known.address), language).await
    }

    /// Queues the mail with the link.
    async fn ask(
        &self,
        transaction: &mut Transaction<'static>,
        session: &Session,
        (id, address): (&str, &str),
        language: Language,
    ) -> Result<(), Error> {
        let Some(site) = &self.correspondence else { return Ok(()) };
        let (user, now) = (&session.user, self.clock.now());
        let since = now.before(REQUESTS_WITHIN).milliseconds();
        let old = "delete from verification_requests where user_handle = $1 and asked_at <= $2";
        let old = sql::query(old).bind(user.handle.as_bytes()).bind(since);
        old.execute(&mut *transaction).await?;
        let insert = "insert into verification_requests (user_handle, asked_at) select $1, $2
            where (select count(*) from verification_requests where user_handle = $1) < $3";
        let query = sql::query(insert).bind(user.handle.as_bytes()).bind(now.milliseconds());
        if query.bind(MOST_REQUESTS).execute(&mut *transaction).await?.rows_affected() == 0 {
            return Err(Error::TooSoon);
        }
        if !Self::may_be_asked(transaction, address, (since, now.milliseconds())).await? {
            tracing::info!("an address gets no more verification mails today");
            return Ok(());
        }
        let say = &language.words().mail;
        let letter = Letter {
            user: &user.handle,
            to: address,
            verifies: Some(id),
            subject: (say.verification_subject)(&site.site_name),
            text: (say.verification)(&user.name, &site.site_name, LINK),
        };
        self.queue(transaction, letter).await
    }

    /// Counts a mail to this address, whoever wants it, and says whether it may go.
    async fn may_be_asked(
        transaction: &mut Transaction<'static>,
        address: &str,
        (since, now): (i64, i64),
    ) -> Result<bool, Error> {
        // Not as it is written: many servers take no notice of case.
        let hash = Sha256::digest(address.to_lowercase()).to_vec();
        let insert = "insert into asked_addresses (address_hash, asked_at) select $1, $2
            where (select count(*) from asked_addresses
                where address_hash = $1 and asked_at > $3 and asked_at <= $2) < $4";
        let query = sql::query(insert).bind(hash).bind(now).bind(since).bind(MOST_TO_ADDRESS);
        Ok(query.execute(transaction).await?.rows_affected() == 1)
    }

    /// Forgets to which addresses mails were wanted a day ago.
    pub(super) async fn forget_asked_addresses(&self, now: Timestamp) -> Result<(), Error> {
        let delete = sql::query("delete from asked_addresses where asked_at <= $1");
        let query = delete.bind(now.before(REQUESTS_WITHIN).milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Removes an address. The links that were sent there are worth nothing any more; notices that
    /// are queued already still go there.
    pub async fn remove_email(&self, user: &UserHandle, id: &str) -> Result<(), Error> {
        let delete = "delete from email_addresses where id = $1 and user_handle = $2";
        let query = sql::query(delete).bind(id).bind(user.as_bytes());
        let removed = query.execute(self.database.writer()).await?.rows_affected();
        if removed == 1 { Ok(()) } else { Err(Error::NotFound) }
    }

    /// Verifies the address that this link was sent to. Whoever follows it need not be signed in.
    pub async fn verify_email(&self, token: &str) -> Result<(), Error> {
        let now = self.clock.now().milliseconds();
        let hash = hash_of(token);
        // A token that is not known does not get as far as the one writer.
        let known = "select exists (select 1 from verification_links where token_hash = $1)";
        let known = sql::query_scalar(known).bind(&hash);
        if !known.fetch_one(self.database.reader()).await? {
            return Err(Error::LinkInvalid);
        }
        let mut transaction = self.database.begin().await?;
        let take = "delete from verification_links where token_hash = $1 and expires_at > $2
            returning email_id";
        let query = sql::query_scalar::<String>(take).bind(&hash).bind(now);
        let email = query.fetch_optional(&mut transaction).await?.ok_or(Error::LinkInvalid)?;
        let update = "update email_addresses set verified_at = coalesce(verified_at, $1)
            where id = $2 and exists
                (select 1 from users where handle = user_handle and disabled_at is null)";
        let query = sql::query(update).bind(now).bind(&email);
        if query.execute(&mut transaction).await?.rows_affected() != 1 {
            return Err(Error::LinkInvalid);
        }
        for forget in [
            "delete from verification_links where email_id = $1",
            "delete from outbox where verifies = $1",
        ] {
            sql::query(forget).bind(&email).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
