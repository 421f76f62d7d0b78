//! The server: the relying party, the passkey service, and the doors to them.

pub mod accounts;
pub mod address;
mod api;
mod assets;
pub mod backup;
pub mod chance;
mod charts;
pub mod cli;
pub mod clock;
pub mod config;
mod console;
mod console_files;
mod cookies;
pub mod database;
pub mod doctor;
mod guard;
mod language;
pub mod limits;
mod log;
pub mod mail;
mod metrics;
pub mod passkeys;
mod probe;
mod qr_code;
mod redirect;
pub mod refuse;
mod request_id;
pub mod router;
mod serve;
mod shell;
pub mod site;
mod telemetry;
pub mod visit;
pub mod web_origin;
mod well_known;

pub use visit::Visit;

#[cfg(test)]
mod tests;
