//! Where settings come from, and what is wrong with them, said as the line to change.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::in_force::{InForce, Origin, Setting};

const DEFAULT_FILE: &str = "Leptos.toml";

const PREFIX: &str = "KEYFOLD_";

/// One thing that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a file and a line, or an environment variable.
    pub place: String,
    /// What is wrong, as a sentence without its full stop.
    pub problem: String,
    /// A line that would be right.
    pub instead: Option<String>,
}

/// Everything that is wrong with the settings; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the settings cannot be used:")?;
        for Fault { place, problem, instead } in &self.0 {
            write!(formatter, "\n  {place}: {problem}")?;
            if let Some(instead) = instead {
                write!(formatter, "\n    for example: {instead}")?;
            }
        }
        Ok(())
    }
}

/// Where settings are looked for. What comes later wins.
#[derive(Debug, Clone, Default)]
pub struct Places<'a> {
    /// The settings file that was asked for; without it `Leptos.toml` in the working directory is read
    /// where it exists.
    pub file: Option<&'a Path>,
    /// Environment variables, ours among them.
    pub environment: BTreeMap<String, String>,
    /// Options of the command line that set something: the name of the setting, the option as it is
    /// written, and the value.
    pub options: Vec<(&'static str, &'static str, String)>,
}

/// The places, what was found there, and the faults found so far.
pub(super) struct Source {
    file: PathBuf,
    values: BTreeMap<String, (usize, Option<String>)>,
    environment: BTreeMap<String, String>,
    options: Vec<(&'static str, &'static str, String)>,
    taken: Vec<Setting>,
    faults: Vec<Fault>,
}

impl Source {
    /// What can be read. A file that cannot is a fault, and the rest is read all the same.
    pub(super) fn open(places: Places<'_>) -> Self {
        let path = places.file.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
        let (values, fault) = match values_in(&path, places.file.is_some()) {
            Ok(values) => (values, None),
            Err(fault) => (BTreeMap::new(), Some(fault)),
        };
        let Places { environment, options, .. } = places;
        let faults = fault.into_iter().collect();
        Self { file: path, values, environment, options, taken: Vec::new(), faults }
    }

    /// Takes a setting. `default` is what it is where nobody sets it, and the example in a fault.
    pub(super) fn take<T>(
        &mut self,
        key: &str,
        default: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.take_like(key, default, default, parse)
    }

    /// Takes a setting whose default would be no example.
    pub(super) fn take_like<T>(
        &mut self,
        key: &str,
        default: &str,
        example: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.find((key, false), default, example, parse)
    }

    /// Takes a setting that is nothing where nobody sets it, and that nobody is told.
    pub(super) fn take_secret<T>(
        &mut self,
        key: &str,
        example: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.find((key, true), "", example, parse)
    }

    fn find<T>(
        &mut self,
        (key, is_secret): (&str, bool),
        default: &str,
        example: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let (origin, value) = self.look_up(key, default);
        let shown = value.as_deref().unwrap_or_default();
        self.taken.push(Setting::new(key, shown, is_secret, origin.clone()));
        let place = match origin {
            Origin::Default => format!("the default of {key}"),
            _ => origin.to_string(),
        };
        let instead = match origin {
            Origin::Default => example.to_owned(),
            _ => origin.line_to_say(key, example),
        };
        if let Some(value) = value {
            self.parsed(place, &value, &instead, key, parse)
        } else {
            let problem = format!("{key} must be a text, a whole number, or a list of texts");
            self.faults.push(Fault { place, problem, instead: Some(instead) });
            None
        }
    }

    /// Who says what a setting is; None for something in the file that no setting can be.
    fn look_up(&mut self, key: &str, default: &str) -> (Origin, Option<String>) {
        let in_file = self.values.remove(key);
        let in_environment = self.take_text_from_environment(key);
        let option = self.options.iter().find(|(of, ..)| *of == key);
        if let Some((_, option, value)) = option {
            return (Origin::CommandLine((*option).to_owned()), Some(value.clone()));
        }
        if let Some(value) = in_environment {
            return (Origin::Environment(variable(key)), Some(value));
        }
        let Some((line, value)) = in_file else {
            return (Origin::Default, Some(default.to_owned()));
        };
        (Origin::File { path: self.file.clone(), line }, value)
    }

    /// Takes a setting that may stand in the environment only, and has no default.
    pub(super) fn take_from_environment<T>(
        &mut self,
        key: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.take_text_from_environment(key)?;
        let name = variable(key);
        self.taken.push(Setting::new(key, &value, false, Origin::Environment(name.clone())));
        self.parsed(name.clone(), &value, &format!("{name}=…"), key, parse)
    }

    /// What has been taken so far.
    pub(super) fn in_force(&self) -> InForce {
        InForce(self.taken.clone())
    }

    /// Notes that a setting is missing beside another one.
    pub(super) fn missing(&mut self, key: &str, problem: &str, example: &str) {
        self.faults.push(Fault {
            place: variable(key),
            problem: format!("{key} {problem}"),
            instead: Some(format!("{}={example}", variable(key))),
        });
    }

    /// Ends the reading: the settings, or all that is wrong.
    pub(super) fn finish<T>(mut self, config: Option<T>) -> Result<T, Faults> {
        for (key, (line, _)) in std::mem::take(&mut self.values) {
            let place = format!("{}, line {line}", self.file.display());
            self.faults.push(Fault {
                place,
                problem: format!("there is no setting {key:?}"),
                instead: None,
            });
        }
        let unknown = self.environment.keys().filter(|name| is_ours(name));
        let problem = "there is no such setting";
        self.faults.extend(unknown.map(|name| Fault {
            place: name.clone(),
            problem: problem.to_owned(),
            instead: None,
        }));
        match config {
            Some(config) if self.faults.is_empty() => Ok(config),
            _ => Err(Faults(self.faults)),
        }
    }

    fn take_text_from_environment(&mut self, key: &str) -> Option<String> {
        self.environment.remove(&variable(key)).filter(|value| !value.is_empty())
    }

    fn parsed<T>(
        &mut self,
        place: String,
        value: &str,
        instead: &str,
        key: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let problem = match parse(value) {
            Ok(value) => return Some(value),
            Err(problem) => format!("{key} {problem}"),
        };
        self.faults.push(Fault { place, problem, instead: Some(instead.to_owned()) });
        None
    }
}

/// What stands in the file: for each key its line and, where a setting can be that, its value.
fn values_in(
    path: &Path,
    must_be_there: bool,
) -> Result<BTreeMap<String, (usize, Option<String>)>, Fault> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if !must_be_there && error.kind() == std::io::ErrorKind::NotFound => {
            String::new()
        }
        Err(error) => {
            let problem = format!("cannot be read ({error})");
            return Err(Fault { place: path.display().to_string(), problem, instead: None });
        }
    };
    let table = DeTable::parse(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(&text, span.start));
        let problem = format!("is not TOML: {}", error.message());
        Fault { place: format!("{}, line {line}", path.display()), problem, instead: None }
    })?;
    let values = table.get_ref().iter().map(|(key, value)| {
        (key.get_ref().to_string(), (line_of(&text, key.span().start), as_text(value)))
    });
    Ok(values.collect())
}

/// Whether a variable can only be meant for Keyfold. Kubernetes sets some of its own in every
/// container that runs beside a service called "keyfold".
fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| {
        !(rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_"))
    })
}

/// The environment variable that sets this.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The setting as the environment would write it.
fn as_text(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Array(values) => {
            let texts: Option<Vec<_>> =
                values.iter().map(|value| value.get_ref().as_str()).collect();
            texts.map(|texts| texts.join(","))
        }
        DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}
