//! Where settings come from, and what is wrong with them, said as the line to change.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

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

/// The file and the environment, and the faults found so far.
pub(super) struct Source {
    file: PathBuf,
    values: BTreeMap<String, (usize, Option<String>)>,
    environment: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl Source {
    pub(super) fn open(
        file: Option<&Path>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, Faults> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                String::new()
            }
            Err(error) => return Err(whole_file(&path, format!("cannot be read ({error})"))),
        };
        let table = DeTable::parse(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(&text, span.start));
            let problem = format!("is not TOML: {}", error.message());
            Faults(vec![Fault {
                place: format!("{}, line {line}", path.display()),
                problem,
                instead: None,
            }])
        })?;
        let values = table.get_ref().iter().map(|(key, value)| {
            (key.get_ref().to_string(), (line_of(&text, key.span().start), as_text(value)))
        });
        Ok(Self { file: path, values: values.collect(), environment, faults: Vec::new() })
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
        let in_file = self.values.remove(key);
        if let Some(value) = self.take_text_from_environment(key) {
            let name = variable(key);
            let instead = format!("{name}={example}");
            return self.parsed(name, &value, &instead, key, parse);
        }
        let Some((line, value)) = in_file else {
            return self.parsed(format!("the default of {key}"), default, example, key, parse);
        };
        let place = format!("{}, line {line}", self.file.display());
        let instead = format!("{key} = \"{example}\"");
        if let Some(value) = value {
            self.parsed(place, &value, &instead, key, parse)
        } else {
            let problem = format!("{key} must be a text, a whole number, or a list of texts");
            self.faults.push(Fault { place, problem, instead: Some(instead) });
            None
        }
    }

    /// Takes a setting that may stand in the environment only, and has no default.
    pub(super) fn take_from_environment<T>(
        &mut self,
        key: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.take_text_from_environment(key)?;
        self.parsed(variable(key), &value, &format!("{}=…", variable(key)), key, parse)
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

/// Whether a variable can only be meant for Keyfold. Kubernetes sets some of its own in every
/// container that runs beside a service called "keyfold".
fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| {
        !(rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_"))
    })
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

fn whole_file(path: &Path, problem: String) -> Faults {
    Faults(vec![Fault { place: path.display().to_string(), problem, instead: None }])
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
