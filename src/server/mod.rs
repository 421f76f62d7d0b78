//! The server: the relying party, the passkey service, and the doors to them.

pub mod accounts;
pub mod address;
mod api;
mod assets;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
mod cookies;
pub mod database;
mod guard;
mod language;
pub mod limits;
mod log;
pub mod mail;
pub mod passkeys;
mod qr_code;
mod redirect;
pub mod refuse;
pub mod router;
mod serve;
mod shell;
pub mod site;
pub mod visit;
pub mod web_origin;
mod well_known;

pub use visit::Visit;

#[cfg(test)]
mod tests;
