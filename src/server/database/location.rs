//! Where a database is: a file, or a server.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::{Migrations, OpenError, postgres};

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file of SQLite's.
    File(PathBuf),
    /// A server, and a database of it.
    Server(Box<PgConnectOptions>),
}

impl Location {
    /// Takes `sqlite:` and a path, or `postgres:` and what libpq's URLs have behind it. Where that leads
    /// off this machine it is spoken to over TLS, and has to prove its name, unless `sslmode` says
    /// otherwise: a password and signing keys travel there.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err("must name a file behind sqlite:".into()),
                path if path.contains('?') => {
                    Err("must not have parameters behind the file".into())
                }
                path => Ok(Self::File(path.into())),
            };
        }
        if !(text.starts_with("postgres://") || text.starts_with("postgresql://")) {
            return Err("must begin with sqlite: or postgres://".into());
        }
        match text.parse::<PgConnectOptions>() {
            Ok(options) if options.get_database().is_some() => {
                let is_said = text.contains("sslmode=");
                let is_left = matches!(options.get_ssl_mode(), PgSslMode::Prefer) && !is_said;
                let options = if is_left && !is_here(&options) {
                    options.ssl_mode(PgSslMode::VerifyFull)
                } else {
                    options
                };
                Ok(Self::Server(options.into()))
            }
            Ok(_) => Err("must name a database behind the host".into()),
            // What is wrong may be the password.
            Err(_) => Err("is not a URL of PostgreSQL".into()),
        }
    }

    /// Whether nothing of this half has ever been there.
    pub async fn is_blank(&self, migrations: &Migrations) -> Result<bool, OpenError> {
        match self {
            Self::File(file) => {
                Ok(!file.exists() || file.metadata().is_ok_and(|about| about.len() == 0))
            }
            Self::Server(options) => {
                let (options, schema) = (options.as_ref().clone(), migrations.schema.to_owned());
                let place = postgres::Place { options, schema };
                let is_blank = postgres::Pools::is_blank(&place).await;
                is_blank.map_err(|source| OpenError::Unusable { database: place.name(), source })
            }
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::Server(_) => None,
        }
    }
}

/// Whether the server is on this machine.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.is_some_and(|address| address.is_loopback())
}

impl fmt::Display for Location {
    /// As it is named to people: without a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(formatter, "{}", file.display()),
            Self::Server(options) => {
                let (host, port) = (options.get_host(), options.get_port());
                let database = options.get_database().unwrap_or_default();
                write!(formatter, "postgres://{host}:{port}/{database}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_this_machine_a_server_has_to_prove_its_name() {
        for (url, is_proved) in [
            ("postgres://ada@db.internal/keyfold", true),
            ("postgres://ada@10.0.0.7:5433/keyfold", true),
            ("postgres://ada@localhost/keyfold", false),
            ("postgres://ada@127.0.0.1/keyfold", false),
            ("postgres://ada@[::1]/keyfold", false),
            ("postgres:///keyfold?host=/run/postgresql", false),
            ("postgres://ada@db.internal/keyfold?sslmode=prefer", false),
            ("postgres://ada@db.internal/keyfold?sslmode=disable", false),
        ] {
            let location = Location::parse(url).expect("a URL");
            let Location::Server(options) = location else { panic!("{url} is a server") };
            let is_full = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
            assert_eq!(is_full, is_proved, "{url}");
        }
    }
}
