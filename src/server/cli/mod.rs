//! The command line.

pub(super) mod api_keys;
pub(super) mod ceremonies;
mod mail;
pub(super) mod port;
pub(super) mod relying_parties;
pub(super) mod signing_keys;
mod text;
pub(super) mod users;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::mail::MailCommand;
use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::log;
use super::serve;
use super::site::Site;

/// Passkeys for your site: sign-up, sign-in and the service behind them, in one program.
#[derive(Debug, Parser)]
#[command(
    name = "keyfold",
    version,
    about,
    after_help = "Every setting is explained in Leptos.toml, and can be given as an environment\nvariable instead: KEYFOLD_LISTEN, KEYFOLD_PUBLIC_URL, KEYFOLD_DATA_DIR, …"
)]
struct Arguments {
    /// The settings file; by default Leptos.toml in this folder, where there is one.
    #[arg(long, short, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what happens without a command, too).
    Serve,
    /// E-mail: try whether it leaves.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Find out what went wrong, by the reference that a person was shown.
    Ceremonies {
        #[command(subcommand)]
        command: ceremonies::Command,
    },
    /// Look after the people who have an account; the server may run meanwhile.
    Users {
        #[command(subcommand)]
        command: users::Command,
    },
    /// The sites that the passkey API works for; the server may run meanwhile.
    RelyingParties {
        #[command(subcommand)]
        command: relying_parties::Command,
    },
    /// The keys with which back ends call the passkey API; the server may run meanwhile.
    ApiKeys {
        #[command(subcommand)]
        command: api_keys::Command,
    },
    /// Bring passkeys along from another service, as JSON Lines; the server may run meanwhile.
    Import(port::ImportCommand),
    /// Write the passkeys of a relying party as JSON Lines; the server may run meanwhile.
    Export(port::ExportCommand),
    /// The keys that sign tokens; the server may run meanwhile.
    SigningKeys {
        #[command(subcommand)]
        command: signing_keys::Command,
    },
}

/// How a command failed: what to tell, and the exit code.
struct Failure {
    error: String,
    code: u8,
}

impl Failure {
    fn new(error: impl std::fmt::Display, hint: &str) -> Self {
        Self { error: format!("{error}\nhint: {hint}"), code: 1 }
    }
}

/// Runs what the command line says. Errors end on standard error, with a hint, and exit code 1;
/// settings that cannot be used, and wrong arguments, with exit code 2.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::read(arguments.config.as_deref(), environment()) {
        Ok(config) => config,
        Err(faults) => return failed(&faults.to_string(), 2),
    };
    log::start(&config);
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => run(async {
            serve::serve(config).await.map_err(|error| Failure::new(&error, error.hint()))
        }),
        Command::Ceremonies { command } => run(beside_the_server(config, async |site| {
            let said = ceremonies::run(site, command).await;
            said.map_err(|error| Failure::new(&error, error.hint()))
        })),
        Command::Users { command } => run(beside_the_server(config, async |site| {
            users::run(site, command).await.map_err(Failure::from)
        })),
        Command::RelyingParties { command } => run(beside_the_server(config, async |site| {
            relying_parties::run(site, command).await.map_err(Failure::from)
        })),
        Command::ApiKeys { command } => run(beside_the_server(config, async |site| {
            api_keys::run(site, command).await.map_err(Failure::from)
        })),
        Command::Import(command) => run(import(config, command)),
        Command::Export(command) => run(beside_the_server(config, async |site| {
            port::export(site, &command).await.map_err(Failure::from)
        })),
        Command::SigningKeys { command } => run(beside_the_server(config, async |site| {
            signing_keys::run(site, command).await.map_err(Failure::from)
        })),
        Command::Mail(command) => return mail::run(&config, command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure.error, failure.code),
    }
}

fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(error, "see the log above"))?;
    let done = runtime.block_on(work);
    // A thread that is stuck must not keep the process: whoever stops it waits for its end.
    runtime.shutdown_background();
    done
}

/// Runs a command on the databases of these settings, beside a server that may be running, and
/// writes what it says.
async fn beside_the_server(
    config: Config,
    command: impl AsyncFnOnce(&Site) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let folder = config.data_dir.display().to_string();
    if !config.data_dir.join("accounts.db").exists() {
        let error = format!("there is no user database in {folder}");
        let hint = "set data_dir (KEYFOLD_DATA_DIR), or start the server once";
        return Err(Failure::new(error, hint));
    }
    let clock = config.test_clock.clone().map_or(Clock::System, Clock::Moved);
    let site = Site::open_beside(config, clock, Chance::from_system()).await;
    let site = site.map_err(|error| Failure::new(&error, error.hint()))?;
    let said = command(&site).await;
    site.close().await;
    print(&said?)
}

/// Takes passkeys over. What became of them is said even where that is a failure.
async fn import(config: Config, command: port::ImportCommand) -> Result<(), Failure> {
    let mut error = None;
    beside_the_server(config, async |site| {
        let said = port::import(site, &command).await?;
        error = said.error;
        Ok(said.text)
    })
    .await?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

/// Writes what was asked for to standard output.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|error| Failure::new(error, "see where standard output leads"))
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

#[expect(
    clippy::print_stderr,
    reason = "an error must reach the person even when the log does not run"
)]
fn failed(error: &str, code: u8) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(code)
}
