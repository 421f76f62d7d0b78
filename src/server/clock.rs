//! The one place that knows what time it is.
//!
//! Owns: the current time, as [`Timestamp`], the ways to come by it, and whether it goes on as time does
//! ([`Steadiness`]). Everything else is handed a [`Clock`], so that a test moves time instead of waiting
//! for it.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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

/// A time that one machine's clock does not move: it may be set while the program runs, between two
/// questions to the database.
#[derive(Debug)]
pub struct Shared {
    began_at: Timestamp,
    since: Stopwatch,
    /// How far it is behind the database's, in milliseconds.
    behind: AtomicI64,
}

impl Shared {
    fn from(began_at: Timestamp) -> Self {
        Self { began_at, since: Stopwatch::start(), behind: AtomicI64::new(0) }
    }

    fn uncorrected(&self) -> Timestamp {
        self.began_at.after(self.since.elapsed())
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.uncorrected().0.saturating_add(self.behind.load(Ordering::Relaxed)))
    }
}

/// Tells the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// The machine's as it was once, and what has passed since, put right: where several machines share a
    /// database, it is the database that says what time it is.
    Shared(Arc<Shared>),
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
        if let Self::System = self {
            Self::Shared(Arc::new(Shared::from(system_time())))
        } else {
            self
        }
    }

    /// What is put right, whether it is right or not.
    pub fn machine(&self) -> Timestamp {
        if let Self::Shared(shared) = self { shared.uncorrected() } else { self.now() }
    }

    /// Puts the clock right, where that is the database's to say.
    pub fn put_right(&self, milliseconds: i64) {
        if let Self::Shared(shared) = self {
            shared.behind.store(milliseconds, Ordering::Relaxed);
        }
    }

    /// How long it has been since some moment. No clock that is set changes that.
    fn passed(&self) -> Duration {
        static SINCE: OnceLock<Stopwatch> = OnceLock::new();
        match self {
            // Time that is held passes when it is told to.
            Self::Held(time) => {
                Duration::from_millis(u64::try_from(time.load(Ordering::SeqCst)).unwrap_or(0))
            }
            Self::System | Self::Shared(_) | Self::Moved(_) => {
                SINCE.get_or_init(Stopwatch::start).elapsed()
            }
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system_time(),
            Self::Shared(shared) => shared.now(),
            Self::Moved(file) => {
                let moved = std::fs::read_to_string(file).ok();
                let seconds = moved.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
                Timestamp(system_time().0.saturating_add(seconds.saturating_mul(1000)))
            }
            Self::Held(time) => Timestamp(time.load(Ordering::SeqCst)),
        }
    }
}

/// How far a clock may be from what has passed, and still be taken to go on by itself.
const ASTRAY: Duration = Duration::from_mins(1);

/// Whether a clock goes on as time does, for whoever would delete what must not be forgotten too soon: one
/// that was set to next year shows nothing to be old.
#[derive(Debug, Clone)]
pub struct Steadiness(Arc<Mutex<(Timestamp, Duration)>>);

impl Steadiness {
    /// Looks at the clock for the first time.
    pub fn of(clock: &Clock) -> Self {
        Self(Arc::new(Mutex::new((clock.now(), clock.passed()))))
    }

    /// For how long the clock has gone on by itself, up to now. It begins anew where the clock was set since.
    pub fn lasts(&self, clock: &Clock) -> Duration {
        self.lasts_until(clock.now(), clock.passed())
    }

    fn lasts_until(&self, now: Timestamp, passed: Duration) -> Duration {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let went = now.0.saturating_sub(since.0.0);
        let passed_since = passed.saturating_sub(since.1);
        if went.abs_diff(as_milliseconds(passed_since)) > ASTRAY.as_millis().try_into().unwrap_or(0)
        {
            *since = (now, passed);
            return Duration::ZERO;
        }
        passed_since
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
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Clock, Language, Shared, Steadiness, Timestamp};

    #[test]
    fn a_shared_clock_does_not_follow_the_machine() {
        // As if the machine had been set from 1970 to today since.
        let clock = Clock::Shared(Arc::new(Shared::from(Timestamp(1000))));
        assert!((1000..600_000).contains(&clock.now().0), "{}", clock.now());
        clock.put_right(3_600_000);
        assert!((3_601_000..4_200_000).contains(&clock.now().0), "{}", clock.now());
        assert!(clock.machine().0 < 600_000, "what is put right is not what was put right");
    }

    #[test]
    fn a_clock_that_is_set_is_not_steady() {
        let (hour, second) = (Duration::from_hours(1), Duration::from_secs(1));
        let (time, mut passed) = (Timestamp(1_795_435_500_000), Duration::from_secs(7));
        let steadiness = Steadiness(Arc::new(std::sync::Mutex::new((time, passed))));
        passed += hour;
        assert_eq!(steadiness.lasts_until(time.after(hour + second), passed), hour);
        // Set to a day later, and back.
        let later = time.after(Duration::from_hours(25));
        assert_eq!(steadiness.lasts_until(later, passed), Duration::ZERO);
        passed += hour;
        assert_eq!(steadiness.lasts_until(later.after(hour), passed), hour);
        assert_eq!(steadiness.lasts_until(time.after(2 * hour), passed), Duration::ZERO);
    }

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
