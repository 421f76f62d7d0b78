//! Keyfold: the integrated passkey flow, whole, in one self-hosted program.
//!
//! One crate, compiled twice: to WebAssembly for the browser (`hydrate`) and to the server (`ssr`).
//! This page is the map.
//!
//! | in the architecture | here |
//! | --- | --- |
//! | the *user* with an *authenticator device* | outside, reached only through [`browser`] |
//! | *your client*: the relying party's front end | [`app`]: pages rendered on the server, islands where the browser must act |
//! | *your server*: the relying party's back end | `server::accounts`, with its own user database |
//! | *the passkey service* | `server::passkeys`, with its own database; it knows no name |
//! | *integrating via REST API*, *via web component* | `server::api`: `/v1`, `/client/v1`, and `public/keyfold.js` |
//!
//! What the two sides say to each other is in [`wire`]. Everything that only the server has is in
//! `server`; its door for the pages is `server::visit`. What people read is in `app::words`, in every
//! language that the site speaks.
//!
//! | to run it for years | here |
//! | --- | --- |
//! | one text of SQL for SQLite and PostgreSQL | `server::database` |
//! | sockets, TLS, systemd, the end of the process | `server::serve` |
//! | what is wrong, and which line to change | `server::doctor` |
//! | both databases in one file, and back | `server::backup` |
//! | the admins' pages and their figures | [`app`]'s `console`, `server::visit::console` |
//! | numbers and traces for others to watch | `server::metrics`, `server::telemetry` |
//! | the command line | `server::cli` |
//!
//! Decision: `cfg(feature …)` occurs in this file and nowhere else. The bodies of server functions
//! are dropped from the client build by their macro, so `app` can name `crate::server` in them.

// Views are deep types; the account page is deeper than rustc's default lets it be.
#![recursion_limit = "256"]

pub mod app;
pub mod browser;
pub mod wire;

#[cfg(feature = "ssr")]
pub mod server;

/// Starts the islands of a page; the module script of the page calls it once.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
