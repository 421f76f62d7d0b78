//! What a backup says of itself.

use serde::{Deserialize, Serialize};

use crate::server::database::copy::Tally;

/// Of the layout of the file.
pub(super) const FORMAT: u32 = 1;

/// When it was taken, by which Keyfold, and what has to be in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout of the file.
    pub format: u32,
    /// The version of Keyfold that wrote it.
    pub keyfold: String,
    /// The moment that both databases are of (RFC 3339).
    pub taken_at: String,
    /// The URL of the site.
    pub public_url: String,
    /// The databases, in their order in the file.
    pub databases: Vec<Part>,
}

/// A database in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The name of its file.
    pub file: String,
    /// How long that is.
    pub bytes: u64,
    /// The SHA-256 of it, in hexadecimal digits.
    pub sha256: String,
    /// The newest migration that it has been through.
    pub schema: i64,
    /// What its tables hold.
    pub tables: Vec<Tally>,
}

impl Manifest {
    /// How long its databases are together.
    pub(super) fn bytes(&self) -> u64 {
        self.databases.iter().map(|part| part.bytes).fold(0, u64::saturating_add)
    }

    /// How many rows a table has.
    pub fn rows(&self, file: &str, table: &str) -> u64 {
        let part = self.databases.iter().find(|part| part.file == file);
        let tally = part.and_then(|part| part.tables.iter().find(|tally| tally.table == table));
        tally.map_or(0, |tally| tally.rows)
    }
}
