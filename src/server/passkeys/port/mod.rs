//! Passkeys that move from one service to another, as JSON Lines: one passkey a line.
//!
//! Owns the form of a line, and the way of many lines in and out. Refuses to know files.
//!
//! Decisions:
//! * A key that comes in passes the same gate as one that is registered; where it came from is not proved,
//!   that is the word of the operator.
//! * Lines are read, checked and laid aside without holding the database, and taken over in one short
//!   transaction: a server beside it waits for that one only.

mod export;
mod import;
mod line;

pub use export::Export;
pub use import::{Import, Imported, MOST_REFUSED, RefusedLine};
pub use line::{LINE_MAX, Unfit};
