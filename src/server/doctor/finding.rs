//! What a check found.

use std::fmt;

use serde_json::{Value, json};

use crate::server::config::Fault;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Good,
    /// Could not be found out from here.
    Unknown,
    /// It works, and could be better.
    Advice,
    /// It keeps people out, or lets the wrong ones in.
    Wrong,
}

impl Level {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Advice => "advice",
            Self::Wrong => "wrong",
        }
    }

    fn mark(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Unknown => '–',
            Self::Advice => '!',
            Self::Wrong => '✗',
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Names the check, for programs; stays the same from version to version.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found, as a sentence without its full stop.
    pub says: String,
    /// Why it matters, in one line; empty where all is well.
    pub why: String,
    /// The lines to change.
    pub fix: Vec<String>,
}

impl Finding {
    /// All is well.
    pub fn good(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Level::Good, says, "")
    }

    /// It could not be found out.
    pub fn unknown(check: &'static str, says: impl Into<String>, why: &str) -> Self {
        Self::new(check, Level::Unknown, says, why)
    }

    /// It could be better.
    pub fn advice(check: &'static str, says: impl Into<String>, why: &str) -> Self {
        Self::new(check, Level::Advice, says, why)
    }

    /// Something is wrong.
    pub fn wrong(check: &'static str, says: impl Into<String>, why: &str) -> Self {
        Self::new(check, Level::Wrong, says, why)
    }

    fn new(check: &'static str, level: Level, says: impl Into<String>, why: &str) -> Self {
        Self { check, level, says: says.into(), why: why.to_owned(), fix: Vec::new() }
    }

    /// With a line that would mend it.
    #[must_use]
    pub fn fixed_by(mut self, line: impl Into<String>) -> Self {
        self.fix.push(line.into());
        self
    }

    /// A fault of the settings.
    pub fn of_fault(fault: &Fault) -> Self {
        let says = format!("{}: {}", fault.place, fault.problem);
        let finding = Self::wrong("settings", says, "Keyfold does not start with it");
        fault.instead.iter().fold(finding, Self::fixed_by)
    }

    /// Whether something is wrong.
    pub fn is_wrong(&self) -> bool {
        self.level == Level::Wrong
    }

    /// Whether there is nothing to say but that all is well.
    pub fn is_good(&self) -> bool {
        self.level == Level::Good
    }

    /// For programs.
    pub fn as_json(&self) -> Value {
        json!({
            "check": self.check,
            "level": self.level.code(),
            "says": self.says,
            "why": self.why,
            "fix": self.fix,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} {}", self.level.mark(), self.says)?;
        if !self.why.is_empty() {
            writeln!(formatter, "    {}", self.why)?;
        }
        self.fix.iter().try_for_each(|line| writeln!(formatter, "    → {line}"))
    }
}
