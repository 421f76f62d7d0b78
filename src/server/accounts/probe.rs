//! Who may ask what of a request arrives: whoever can write to the database, for a short while.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{Accounts, Error};
use crate::server::database::sql;

/// Longer than an examination takes.
const LIFETIME: Duration = Duration::from_mins(2);

/// 256 bits as base64url text.
const LENGTH: usize = 43;

/// What opens the probe.
#[derive(Clone)]
pub struct ProbeSecret(String);

impl ProbeSecret {
    /// As it goes into a request.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ProbeSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ProbeSecret")
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

impl Accounts {
    /// Opens the probe.
    pub async fn open_probe(&self) -> Result<ProbeSecret, Error> {
        let now = self.clock.now();
        let over = sql::query("delete from probes where expires_at <= $1").bind(now.milliseconds());
        over.execute(self.database.writer()).await?;
        let secret = ProbeSecret(self.chance.token());
        let insert = "insert into probes (secret_hash, expires_at) values ($1, $2)";
        let query = sql::query(insert).bind(hash(&secret.0));
        let query = query.bind(now.after(LIFETIME).milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(secret)
    }

    /// Whether this opens the probe.
    pub async fn is_probe(&self, secret: &str) -> Result<bool, Error> {
        if secret.len() != LENGTH {
            return Ok(false);
        }
        let select =
            "select exists (select 1 from probes where secret_hash = $1 and expires_at > $2)";
        let query = sql::query_scalar(select).bind(hash(secret));
        let query = query.bind(self.clock.now().milliseconds());
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Closes the probe.
    pub async fn close_probe(&self, secret: &ProbeSecret) -> Result<(), Error> {
        let delete = sql::query("delete from probes where secret_hash = $1").bind(hash(&secret.0));
        delete.execute(self.database.writer()).await?;
        Ok(())
    }
}
