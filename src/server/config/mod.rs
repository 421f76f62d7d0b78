//! The settings in force: `Leptos.toml`, then the environment over it.
//!
//! Owns: which settings there are, what each may be, and its default. They are checked as a whole,
//! so that one start tells all that is wrong. Nothing else reads the environment.
//!
//! Decision: the RP ID and the allowed origin follow from the public URL; further origins are listed.
//! They never come from a request, and there is nothing to set that could contradict the URL in the
//! address bar.

mod parse;
mod source;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

pub use source::Faults;
use source::Source;

use super::mail::{Relay, Sender};
use super::web_origin::WebOrigin;

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
    /// Where the server listens.
    pub listen: SocketAddr,
    /// What people have in the address bar.
    pub public_url: WebOrigin,
    /// Other addresses of the site whose pages use the same passkeys.
    pub related_origins: Vec<WebOrigin>,
    /// The name of the site, as devices show it.
    pub site_name: String,
    /// Where the databases are.
    pub data_dir: PathBuf,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// None when `rate_limits` is off.
    pub rate_limits: Option<RateLimits>,
    /// A session that is not used for this long is over.
    pub session_idle: Duration,
    /// A session is over after this long in any case.
    pub session_absolute: Duration,
    /// None where e-mail is switched off.
    pub mail: Option<MailSettings>,
    /// How long a recovery that was opened with a code has to wait.
    pub recovery_delay: Duration,
    /// Which events are logged, as a `tracing` filter.
    pub log: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// A file that moves the clock: for browser tests only.
    pub test_clock: Option<PathBuf>,
}

impl Config {
    /// Reads the settings from the file, if there is one, and these environment variables.
    ///
    /// `file` is the one that was asked for; without it `Leptos.toml` in the working directory is
    /// read where it exists.
    pub fn read(
        file: Option<&Path>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, Faults> {
        let mut source = Source::open(file, environment)?;
        let config = Self::take(&mut source);
        source.finish(config)
    }

    fn take(source: &mut Source) -> Option<Self> {
        let listen = source.take("listen", "127.0.0.1:8080", parse::socket_address);
        let public_url = source.take("public_url", "http://localhost:8080", parse::public_url);
        let related_origins =
            source.take_like("related_origins", "", "https://example.de", parse::origins);
        let site_name = source.take("site_name", "Keyfold", parse::site_name);
        let data_dir = source.take("data_dir", "./data", parse::path);
        let trusted_proxies =
            source.take_like("trusted_proxies", "", "10.0.0.0/8", parse::networks);
        let rate_limits_on = source.take("rate_limits", "on", parse::on_or_off);
        let api_calls_per_minute = source.take("api_calls_per_minute", "6000", parse::positive);
        let begins_per_minute = source.take("begins_per_minute", "120", parse::positive);
        let failures_per_address = source.take("failures_per_address", "60", parse::positive);
        let failures_per_account = source.take("failures_per_account", "10", parse::positive);
        let session_idle_hours = source.take("session_idle_hours", "24", parse::positive);
        let session_days = source.take("session_days", "30", parse::positive);
        let relay = source.take_like(
            "smtp_url",
            "",
            "smtp://user:password@mail.example:587?tls=required",
            parse::relay,
        );
        let sender =
            source.take_like("mail_from", "", "Keyfold <no-reply@example.com>", parse::sender);
        let recovery_delay_hours =
            source.take("recovery_delay_hours", "24", parse::positive_or_none);
        let log = source.take("log", "info", parse::log_filter);
        let log_format = source.take("log_format", "text", parse::log_format);
        let test_clock = source.take_from_environment("test_clock", parse::path);
        let (public_url, site_name) = (public_url?, site_name?);
        let from = sender?.unwrap_or_else(|| Sender::of_site(&site_name, public_url.host()));
        let mail = relay?.map(|relay| MailSettings { relay, from });
        Some(Self {
            listen: listen?,
            public_url,
            related_origins: related_origins?,
            site_name,
            data_dir: data_dir?,
            trusted_proxies: trusted_proxies?,
            rate_limits: rate_limits_on?.then_some(RateLimits {
                api_calls_per_minute: api_calls_per_minute?,
                begins_per_minute: begins_per_minute?,
                failures_per_address: failures_per_address?,
                failures_per_account: failures_per_account?,
            }),
            session_idle: hours(session_idle_hours?),
            session_absolute: hours(session_days?.saturating_mul(24)),
            mail,
            recovery_delay: hours(recovery_delay_hours?),
            log: log?,
            log_format: log_format?,
            test_clock,
        })
    }
}

fn hours(hours: u32) -> Duration {
    Duration::from_secs(u64::from(hours) * 3600)
}

#[cfg(test)]
mod tests;
