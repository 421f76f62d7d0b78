//! Backups: both databases in one file, as they were at one moment, and the way back.
//!
//! Owns: what a backup file looks like ([`archive`], [`manifest`]), how one is taken while the server runs
//! ([`take`]), which old ones are removed ([`folder`]), how one is put in place ([`restore`]), and how an
//! installation moves to other databases ([`transfer`]). Refuses
//! to know: what stands in the databases; what has to end with a restore is for the two halves to say.
//!
//! Decisions:
//! * Rows are copied, not pages: a backup is the same whichever engine it comes from, a broken index does
//!   not travel along, and each row is read back and compared.
//! * A backup is a tar of a manifest and two SQLite files. It can be looked into with what every machine
//!   has, and nothing in it depends on Keyfold.
//! * What limits count stays behind: tries, and the e-mail addresses that were lately written to. It is over
//!   within a day, and each row of it is the SHA-256 of an address, which whoever tries all addresses
//!   finds; a backup lies about for years.
//! * A file appears under its name when it has been opened again and found whole, or not at all.

mod archive;
mod error;
mod folder;
mod manifest;
mod passage;
mod restore;
mod staging;
mod take;
mod transfer;

pub use error::Error;
pub use manifest::{Manifest, Part};
pub use restore::{Restored, restore};
pub use take::{Order, Taken, take};
pub use transfer::transfer;

use crate::server::accounts;
use crate::server::database::Migrations;
use crate::server::passkeys::{self, Tries};

/// One of the two databases.
#[derive(Debug, Clone, Copy)]
struct Half {
    /// What its file in a backup is called.
    file: &'static str,
    migrations: &'static Migrations,
    /// The tables whose rows do not go into a backup.
    passing: &'static [&'static str],
}

/// Both, in the order in which they stand in a backup.
static HALVES: [Half; 2] = [
    Half { file: "accounts.db", migrations: &accounts::MIGRATIONS, passing: &["asked_addresses"] },
    Half { file: "passkeys.db", migrations: &passkeys::MIGRATIONS, passing: &[Tries::TABLE] },
];
