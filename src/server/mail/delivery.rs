//! The task that empties the outbox.

use std::time::Duration;

use tokio::time::timeout;

use super::Mailer;
use crate::server::accounts::Accounts;

/// How often the outbox is looked through for mails whose pause is over. What is queued is sent at
/// once.
pub const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Sends what is in the outbox, as long as the server runs, and looks through it so often without being woken.
pub async fn deliver(accounts: Accounts, mailer: Mailer, look_every: Duration) {
    loop {
        empty(&accounts, &mailer).await;
        // Being woken and having waited come to the same.
        let _: Result<(), _> = timeout(look_every, accounts.mail_is_queued()).await;
    }
}

/// Sends what is due now.
async fn empty(accounts: &Accounts, mailer: &Mailer) {
    loop {
        let mail = match accounts.next_mail().await {
            Ok(Some(mail)) => mail,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the outbox could not be read");
                return;
            }
        };
        match mailer.send(&mail).await {
            Ok(()) => {
                if let Err(error) = accounts.mail_was_taken(&mail.id).await {
                    tracing::warn!(mail = mail.id, %error, "a mail that was sent is still in the outbox");
                }
            }
            Err(error) => tracing::warn!(mail = mail.id, %error, "a mail could not be sent yet"),
        }
    }
}
