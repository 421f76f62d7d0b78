//! Which settings are in force, and who said so: for whoever wants to know why Keyfold runs as it does.
//!
//! Decision: what is secret is masked when it is read, so that no list of settings can tell it.

use std::fmt;
use std::path::PathBuf;

use super::source::variable;

/// What stands for the value of a secret.
const MASK: &str = "set";

/// Who said what a setting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: it is what it is where nothing is said.
    Default,
    /// The settings file.
    File {
        /// Which one.
        path: PathBuf,
        /// In which line, from 1.
        line: usize,
    },
    /// This environment variable.
    Environment(String),
    /// This option of the command line.
    CommandLine(String),
}

impl Origin {
    /// In one word, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Environment(_) => "environment",
            Self::CommandLine(_) => "command line",
        }
    }

    /// The line with which this setting would be this, where it is said now; where nobody says it, in
    /// the environment.
    pub fn line_to_say(&self, key: &str, value: &str) -> String {
        match self {
            Self::Default | Self::Environment(_) => format!("{}={value}", variable(key)),
            Self::File { .. } => format!("{key} = \"{value}\""),
            Self::CommandLine(option) => format!("{option}={value}"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { path, line } => write!(formatter, "{}, line {line}", path.display()),
            Self::Environment(name) | Self::CommandLine(name) => formatter.write_str(name),
        }
    }
}

/// A setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the settings file.
    pub key: String,
    /// What it is: lists with commas, as the environment would write them; empty where it is set to
    /// nothing. A secret is "set".
    pub value: String,
    /// Who said so.
    pub origin: Origin,
}

impl Setting {
    pub(super) fn new(key: &str, value: &str, is_secret: bool, origin: Origin) -> Self {
        let is_masked = is_secret && !value.is_empty();
        let value = if is_masked { MASK } else { value };
        Self { key: key.to_owned(), value: value.to_owned(), origin }
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        variable(&self.key)
    }
}

/// All the settings, in the order of `Leptos.toml`. They tell nothing that the rest of the settings does
/// not, and are not repeated where those are written out.
#[derive(Clone, Default)]
pub struct InForce(pub(super) Vec<Setting>);

impl InForce {
    /// One after the other.
    pub fn all(&self) -> &[Setting] {
        &self.0
    }

    /// The line with which this setting would be this, where it is said now.
    pub fn line_to_say(&self, key: &str, value: &str) -> String {
        let said = self.0.iter().find(|setting| setting.key == key);
        said.map_or(&Origin::Default, |setting| &setting.origin).line_to_say(key, value)
    }
}

impl fmt::Debug for InForce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InForce").finish_non_exhaustive()
    }
}
