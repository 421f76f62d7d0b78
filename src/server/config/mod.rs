//! The settings in force: `Leptos.toml`, then the environment over it.
//!
//! Owns: which settings there are, what each may be, and its default. They are checked as a whole,
//! so that one start tells all that is wrong. Nothing else reads the environment.
//!
//! Decision: the RP ID and the allowed origin follow from the public URL; further origins are listed.
//! They never come from a request, and there is nothing to set that could contradict the URL in the
//! address bar.

mod in_force;
mod listening;
mod parse;
mod source;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

pub use in_force::{InForce, Origin, Setting};
pub use listening::{Address, Listening, TlsFiles};
use source::Source;
pub use source::{Fault, Faults, Places};

use super::database::Location;
use super::mail::{Relay, Sender};
use super::web_origin::WebOrigin;
use crate::wire::SignUpPolicy;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How many tries an address gets. An address is an IPv4 address or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Calls of the passkey API with one key in a minute.
    pub api_calls_per_minute: u32,
    /// Ceremonies that one address may begin in a minute.
    pub begins_per_minute: u32,
    /// Refused answers of one address in five minutes.
    pub failures_per_address: u32,
    /// Refused answers for one account from one address in five minutes.
    pub failures_per_account: u32,
}

/// How e-mail leaves, and who it comes from.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The SMTP server.
    pub relay: Relay,
    /// Who mails come from.
    pub from: Sender,
}

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens, and how.
    pub listening: Listening,
    /// What people have in the address bar.
    pub public_url: WebOrigin,
    /// Other addresses of the site whose pages use the same passkeys.
    pub related_origins: Vec<WebOrigin>,
    /// The name of the site, as devices show it.
    pub site_name: String,
    /// Who may sign up.
    pub sign_up: SignUpPolicy,
    /// Where the databases are.
    pub data_dir: PathBuf,
    /// Where people and their sessions are.
    pub accounts_database: Location,
    /// Where passkeys and ceremonies are.
    pub passkeys_database: Location,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// None when `rate_limits` is off.
    pub rate_limits: Option<RateLimits>,
    /// A session that is not used for this long is over.
    pub session_idle: Duration,
    /// A session is over after this long in any case.
    pub session_absolute: Duration,
    /// From where somebody came is known for this long.
    pub keep_addresses: Duration,
    /// None where e-mail is switched off.
    pub mail: Option<MailSettings>,
    /// How long a recovery that was opened with a code has to wait.
    pub recovery_delay: Duration,
    /// The RP IDs that Keyfold may leave behind, with the passkeys that are bound to them.
    pub accept_stranded_passkeys: Vec<String>,
    /// Which events are logged, as a `tracing` filter.
    pub log: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// Where metrics are served; None for nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where traces go; None for nowhere.
    pub otlp_endpoint: Option<Url>,
    /// A file that moves the clock: for browser tests only.
    pub test_clock: Option<PathBuf>,
    /// All of this as it was said, and who said it.
    pub in_force: InForce,
}

impl Config {
    /// Reads the settings from the file, if there is one, and these environment variables.
    pub fn read(
        file: Option<&Path>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, Faults> {
        Self::look(Places { file, environment, options: Vec::new() }).1
    }

    /// Reads the settings from wherever they are. Those in force are told even where some are wrong.
    pub fn look(places: Places<'_>) -> (InForce, Result<Self, Faults>) {
        let mut source = Source::open(places);
        let config = Self::take(&mut source);
        (source.in_force(), source.finish(config))
    }

    /// Whether anything is kept in files of this machine.
    pub fn has_files(&self) -> bool {
        self.accounts_database.file().is_some() || self.passkeys_database.file().is_some()
    }

    fn take(source: &mut Source) -> Option<Self> {
        let listening = Listening::take(source);
        let public_url = source.take("public_url", "http://localhost:8080", parse::public_url);
        let related_origins =
            source.take_like("related_origins", "", "https://example.de", parse::origins);
        let site_name = source.take("site_name", "Keyfold", parse::site_name);
        let sign_up = source.take("sign_up", "open", parse::policy);
        let data_dir = source.take("data_dir", "./data", parse::path);
        // Their URLs have passwords in them.
        let postgres = "postgres://keyfold:password@db.internal/keyfold";
        let accounts_database =
            source.take_secret("accounts_database_url", postgres, parse::database);
        let passkeys_database =
            source.take_secret("passkeys_database_url", postgres, parse::database);
        let trusted_proxies =
            source.take_like("trusted_proxies", "", "10.0.0.0/8", parse::networks);
        let rate_limits_on = source.take("rate_limits", "on", parse::on_or_off);
        let begins_per_minute = source.take("begins_per_minute", "120", parse::positive);
        let api_calls_per_minute = source.take("api_calls_per_minute", "6000", parse::positive);
        let failures_per_address = source.take("failures_per_address", "60", parse::positive);
        let failures_per_account = source.take("failures_per_account", "10", parse::positive);
        let session_idle_hours = source.take("session_idle_hours", "24", parse::positive);
        let session_days = source.take("session_days", "30", parse::positive);
        let keep_addresses_days = source.take("keep_addresses_days", "30", parse::positive_or_none);
        let relay = source.take_secret(
            "smtp_url",
            "smtp://user:password@mail.example:587?tls=required",
            parse::relay,
        );
        let sender =
            source.take_like("mail_from", "", "Keyfold <no-reply@example.com>", parse::sender);
        let recovery_delay_hours =
            source.take("recovery_delay_hours", "24", parse::positive_or_none);
        let accept_stranded_passkeys =
            source.take_like("accept_stranded_passkeys", "", "old.example.com", parse::rp_ids);
        let log = source.take("log", "info", parse::log_filter);
        let log_format = source.take("log_format", "text", parse::log_format);
        let metrics_listen =
            source.take_like("metrics_listen", "", "127.0.0.1:9464", parse::address_or_none);
        let otlp_endpoint =
            source.take_like("otlp_endpoint", "", "http://localhost:4318", parse::http_or_none);
        let test_clock = source.take_from_environment("test_clock", parse::path);
        let (public_url, site_name) = (public_url?, site_name?);
        let from = sender?.unwrap_or_else(|| Sender::of_site(&site_name, public_url.host()));
        let mail = relay?.map(|relay| MailSettings { relay, from });
        let data_dir = data_dir?;
        let file = |name: &str| Location::File(data_dir.join(name));
        Some(Self {
            accounts_database: accounts_database?.unwrap_or_else(|| file("accounts.db")),
            passkeys_database: passkeys_database?.unwrap_or_else(|| file("passkeys.db")),
            listening: listening?,
            public_url,
            related_origins: related_origins?,
            site_name,
            sign_up: sign_up?,
            data_dir,
            trusted_proxies: trusted_proxies?,
            rate_limits: rate_limits_on?.then_some(RateLimits {
                api_calls_per_minute: api_calls_per_minute?,
                begins_per_minute: begins_per_minute?,
                failures_per_address: failures_per_address?,
                failures_per_account: failures_per_account?,
            }),
            session_idle: hours(session_idle_hours?),
            session_absolute: hours(session_days?.saturating_mul(24)),
            keep_addresses: hours(keep_addresses_days?.saturating_mul(24)),
            mail,
            recovery_delay: hours(recovery_delay_hours?),
            accept_stranded_passkeys: accept_stranded_passkeys?,
            log: log?,
            log_format: log_format?,
            metrics_listen: metrics_listen?,
            otlp_endpoint: otlp_endpoint?,
            test_clock,
            in_force: source.in_force(),
        })
    }
}

fn hours(hours: u32) -> Duration {
    Duration::from_secs(u64::from(hours) * 3600)
}

#[cfg(test)]
mod tests;
