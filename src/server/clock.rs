//! The one place that knows what time it is.
//!
//! Owns: the current time, as [`Timestamp`], and the three ways to come by it. Everything else is
//! handed a [`Clock`], so that a test moves time instead of waiting for it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::wire::Language;

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes milliseconds since the Unix epoch, as the databases hold them.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// Reads a time of RFC 3339; what is finer than a millisecond is cut off.
    pub fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Self(time.as_millisecond()))
    }

    /// RFC 3339, UTC, as exact as the databases hold it.
    pub fn to_the_millisecond(self) -> String {
        let time = jiff::Timestamp::from_millisecond(self.0);
        time.map_or_else(|_| self.to_string(), |time| time.to_string())
    }

    /// Such as "23 November 2026, 12:05 UTC".
    pub fn for_people(self, language: Language) -> String {
        let time = jiff::Timestamp::from_second(self.0.div_euclid(1000)).unwrap_or_default();
        let format = match language {
            Language::English => "%-d %B %Y, %H:%M UTC",
            Language::German => "%-d.%-m.%Y, %H:%M UTC",
        };
        time.strftime(format).to_string()
    }

    /// Its day, such as "23 Nov", in UTC.
    pub fn day_for_people(self, language: Language) -> String {
        let time = jiff::Timestamp::from_second(self.0.div_euclid(1000)).unwrap_or_default();
        let format = match language {
            Language::English => "%-d %b",
            Language::German => "%-d.%-m.",
        };
        time.strftime(format).to_string()
    }

    /// This long after; the far end of time where there is nothing after.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(as_milliseconds(duration)))
    }

    /// This long before.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(as_milliseconds(duration)))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, UTC, to the second.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.div_euclid(1000)) {
            Ok(time) => write!(formatter, "{time}"),
            Err(_) => write!(formatter, "{} ms", self.0),
        }
    }
}

fn as_milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Tells the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// The machine's, put right by so many milliseconds: where several machines share a database, it is
    /// the database that says what time it is.
    Shared(Arc<AtomicI64>),
    /// The machine's, moved by the whole seconds that stand in a file: for browser tests, which
    /// cannot reach into the process. Where the file is missing or not a number it is not moved.
    Moved(PathBuf),
    /// Stands still until it is told to move: for tests.
    Held(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's, but put right by the database's; one that is not the machine's stays what it is.
    #[must_use]
    pub fn shared(self) -> Self {
        if let Self::System = self { Self::Shared(Arc::default()) } else { self }
    }

    /// What the machine says, whether it is right or not.
    pub fn machine(&self) -> Timestamp {
        if let Self::Shared(_) = self { system_time() } else { self.now() }
    }

    /// Puts the clock right, where that is the database's to say.
    pub fn put_right(&self, milliseconds: i64) {
        if let Self::Shared(offset) = self {
            offset.store(milliseconds, Ordering::Relaxed);
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system_time(),
            Self::Shared(offset) => {
                Timestamp(system_time().0.saturating_add(offset.load(Ordering::Relaxed)))
            }
            Self::Moved(file) => {
                let moved = std::fs::read_to_string(file).ok();
                let seconds = moved.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
                Timestamp(system_time().0.saturating_add(seconds.saturating_mul(1000)))
            }
            Self::Held(time) => Timestamp(time.load(Ordering::SeqCst)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everything else is told to ask"
)]
fn system_time() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since_epoch.map_or(0, as_milliseconds))
}

/// Measures how long something takes. Clocks that are moved make no difference to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long something takes is measured here, and nowhere else"
    )]
    pub(super) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Timestamp};

    #[test]
    fn a_time_is_shown_in_rfc_3339() {
        assert_eq!(
            Timestamp::from_milliseconds(1_795_435_500_999).to_string(),
            "2026-11-23T12:05:00Z"
        );
        let exact = Timestamp::from_milliseconds(1_795_435_500_999);
        assert_eq!(exact.to_the_millisecond(), "2026-11-23T12:05:00.999Z");
        for text in ["2026-11-23T12:05:00.999999Z", "2026-11-23T13:05:00.999+01:00"] {
            assert_eq!(Timestamp::parse(text), Some(exact));
        }
        for text in ["", "2026-11-23", "2026-11-23T12:05:00", "1795435500999", "tomorrow"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert_eq!(
            Timestamp::from_milliseconds(1_795_435_500_999).for_people(Language::English),
            "23 November 2026, 12:05 UTC"
        );
        assert_eq!(
            Timestamp::from_milliseconds(1_795_435_500_999).for_people(Language::German),
            "23.11.2026, 12:05 UTC"
        );
    }
}
