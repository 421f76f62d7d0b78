//! What people are told by e-mail of what happened at their account.
//!
//! Decision: a notice goes to every address that is verified, and to no other, in the language of the
//! person's last visit. That a recovery has begun goes to every address there is: whoever never opened the
//! link in the first mail must not learn last that somebody else is about to get in. What others can choose
//! (the name of a passkey, of a browser) stands in the text only, on a line of its own, and never in a
//! header.

use sqlx::FromRow;

use super::outbox::{Correspondence, Letter};
use super::{Accounts, Error, Whence};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::mail::one_line;
use crate::server::passkeys::UserHandle;
use crate::wire::Language;

/// Something that the owner of an account is told.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// There is one more passkey that signs them in.
    PasskeyAdded {
        /// What it is called.
        passkey: &'a str,
    },
    /// A passkey does not sign them in any more.
    PasskeyRemoved {
        /// What it was called.
        passkey: &'a str,
    },
    /// Somebody signed in from a browser in which they had not signed in before.
    NewBrowser,
    /// Somebody wants to get in without a passkey, and will after a delay.
    RecoveryBegun {
        /// When the delay is over.
        ready_at: Timestamp,
    },
    /// Somebody got in without a passkey.
    RecoveryDone,
}

impl Notice<'_> {
    /// Whether addresses are told, too, that nobody has shown to be theirs.
    fn is_for_every_address(self) -> bool {
        matches!(self, Self::RecoveryBegun { .. })
    }
}

#[derive(Debug, FromRow)]
struct AddresseeRow {
    address: String,
    name: String,
    language: String,
}

impl Accounts {
    /// Tells somebody what happened, and from where, as far as that is known.
    pub async fn notify(
        &self,
        user: &UserHandle,
        notice: Notice<'_>,
        whence: Option<&Whence>,
    ) -> Result<(), Error> {
        if !self.writes_mail() {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        self.notify_within(&mut transaction, user, notice, whence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The same in the transaction in which it happens: they are told if and only if it is committed.
    pub(super) async fn notify_within(
        &self,
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
        notice: Notice<'_>,
        whence: Option<&Whence>,
    ) -> Result<(), Error> {
        let Some(site) = &self.correspondence else { return Ok(()) };
        let select = "select address, name, language
            from email_addresses join users on users.handle = email_addresses.user_handle
            where user_handle = $1 and ($2 or verified_at is not null)
            order by email_addresses.created_at";
        let query = sql::query_as::<AddresseeRow>(select).bind(user.as_bytes());
        let query = query.bind(notice.is_for_every_address());
        for addressee in query.fetch_all(&mut *transaction).await? {
            let (subject, text) = written(site, notice, &addressee, self.clock.now(), whence);
            let to = &addressee.address;
            self.queue(transaction, Letter { user, to, verifies: None, subject, text }).await?;
        }
        Ok(())
    }
}

/// The subject and the text.
fn written(
    site: &Correspondence,
    notice: Notice<'_>,
    addressee: &AddresseeRow,
    now: Timestamp,
    whence: Option<&Whence>,
) -> (String, String) {
    let say = &Language::of_tag(&addressee.language).unwrap_or_default().words().mail;
    let (told, about) = match notice {
        Notice::PasskeyAdded { passkey } => (&say.passkey_added, one_line(passkey)),
        Notice::PasskeyRemoved { passkey } => (&say.passkey_removed, one_line(passkey)),
        Notice::NewBrowser => (&say.new_browser, String::new()),
        Notice::RecoveryBegun { ready_at } => (&say.recovery_begun, for_mail(ready_at)),
        Notice::RecoveryDone => (&say.recovery_done, String::new()),
    };
    let name = &addressee.name;
    let mut lines = vec![(told.text)(name, &site.site_name, &about), String::new()];
    lines.push(format!("{}{}", say.when, for_mail(now)));
    if let Some(whence) = whence {
        let known = [whence.browser.as_deref(), whence.system.as_deref(), Some(&whence.address)];
        let known: Vec<String> = known.into_iter().flatten().map(one_line).collect();
        lines.push(format!("{}{}", say.whence, known.join(", ")));
    }
    let account = format!("{}/account", site.origin);
    lines.extend([String::new(), told.not_you.to_owned(), account, String::new()]);
    // What separates a signature (RFC 3676, §4.3).
    lines.extend(["-- ".to_owned(), site.site_name.clone(), site.origin.clone(), String::new()]);
    ((told.subject)(&site.site_name), lines.join("\n"))
}

/// To the minute and the same in every language, such as "2026-11-23 12:05 UTC".
fn for_mail(time: Timestamp) -> String {
    let exact = time.to_string();
    let minute = exact.get(..16).unwrap_or(&exact);
    format!("{} UTC", minute.replace('T', " "))
}
