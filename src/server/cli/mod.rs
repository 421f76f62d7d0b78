//! The command line.

pub(super) mod api_keys;
pub(super) mod backup;
pub(super) mod beside;
pub(super) mod ceremonies;
pub(super) mod check;
pub(super) mod config;
pub(super) mod copy;
pub(super) mod doctor;
pub(super) mod health;
pub(super) mod invitations;
mod mail;
pub(super) mod manual;
pub(super) mod port;
mod progress;
pub(super) mod relying_parties;
mod serve_command;
pub(super) mod setup_link;
pub(super) mod signing_keys;
mod text;
pub(super) mod users;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use listenfd::ListenFd;

use self::beside::{beside_the_server, import};
use self::mail::MailCommand;
use self::serve_command::ServeCommand;
use super::chance::Chance;
use super::clock::Clock;
use super::config::{Config, Places};
use super::log;
use super::serve::{self, Supervisor, Surroundings};
use super::telemetry::Telemetry;

/// Passkeys for your site: sign-up, sign-in and the service behind them, in one program.
#[derive(Debug, Parser)]
#[command(
    name = "keyfold",
    version,
    about,
    after_help = "Every setting is explained in Leptos.toml and can also be given as an environment\nvariable: KEYFOLD_LISTEN, KEYFOLD_PUBLIC_URL, KEYFOLD_DATA_DIR, …"
)]
pub(super) struct Arguments {
    /// The settings file; by default Leptos.toml in the current directory, if there is one.
    #[arg(long, short, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default command).
    Serve(ServeCommand),
    /// Show the active settings, where each comes from, and any errors.
    Config {
        #[command(subcommand)]
        command: config::Command,
    },
    /// Find out what is wrong with this installation, from the settings to the proxy; exit with 1 if anything is.
    Doctor(doctor::DoctorCommand),
    /// Check whether the server that runs with these settings is healthy.
    Health(health::HealthCommand),
    /// Print a completion script for a shell.
    #[command(hide = true)]
    Completions(manual::CompletionsCommand),
    /// Print the manual page of this program and its commands.
    #[command(hide = true)]
    Man,
    /// Test sending e-mail.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Find out what went wrong, by the reference that was shown with the message.
    Ceremonies {
        #[command(subcommand)]
        command: ceremonies::Command,
    },
    /// Manage the people who have an account (the server may be running).
    Users {
        #[command(subcommand)]
        command: users::Command,
    },
    /// Print the link that makes somebody the first admin; it works once, within an hour.
    SetupLink(setup_link::SetupLinkCommand),
    /// Manage the links with which people can sign up (the server may be running).
    Invitations {
        #[command(subcommand)]
        command: invitations::Command,
    },
    /// Manage the sites that use the passkey API (the server may be running).
    RelyingParties {
        #[command(subcommand)]
        command: relying_parties::Command,
    },
    /// Manage the keys with which back ends call the passkey API (the server may be running).
    ApiKeys {
        #[command(subcommand)]
        command: api_keys::Command,
    },
    /// Import passkeys from another service, as JSON Lines (the server may be running).
    Import(port::ImportCommand),
    /// Export the passkeys of a relying party as JSON Lines (the server may be running).
    Export(port::ExportCommand),
    /// Back up both databases and the keys to one file (the server may be running).
    Backup(backup::BackupCommand),
    /// Restore a backup into an empty data directory.
    Restore(backup::RestoreCommand),
    /// Check that the databases are intact and consistent with each other (the server may be running).
    Check(check::CheckCommand),
    /// Move to other databases: from SQLite to PostgreSQL, or back.
    Copy(copy::CopyCommand),
    /// Manage the keys that sign tokens (the server may be running).
    SigningKeys {
        #[command(subcommand)]
        command: signing_keys::Command,
    },
}

/// How a command failed: what to tell, and the exit code.
pub(super) struct Failure {
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
    // What is known without any settings is said without them.
    let without_settings = match &arguments.command {
        Some(Command::Completions(command)) => Some(manual::completions(command)),
        Some(Command::Man) => Some(manual::page()),
        _ => None,
    };
    if let Some(said) = without_settings {
        return ended(said.map_err(Failure::from).and_then(|said| print(&said)));
    }
    let command = arguments.command.unwrap_or_else(|| Command::Serve(ServeCommand::default()));
    let (in_force, read) = Config::look(Places {
        file: arguments.config.as_deref(),
        environment: environment(),
        options: command.settings(),
    });
    let (command, config) = match (command, read) {
        (Command::Config { command }, read) => return told(config::run(&in_force, read, &command)),
        (Command::Doctor(command), read) => return doctor::examined(read, &command),
        (command, Ok(config)) => (command, config),
        (_, Err(faults)) => return failed(&faults.to_string(), 2),
    };
    let is_server = matches!(command, Command::Serve(_));
    let telemetry = match config.otlp_endpoint.as_ref().filter(|_| is_server) {
        Some(collector) => match Telemetry::start(collector) {
            Ok(telemetry) => Some(telemetry),
            Err(error) => {
                let hint =
                    "set otlp_endpoint (KEYFOLD_OTLP_ENDPOINT) to the collector, or to nothing";
                return failed(&Failure::new(error, hint).error, 1);
            }
        },
        None => None,
    };
    log::start(&config, telemetry.as_ref());
    let done = match command {
        // Answered above, where the settings need not be sound.
        Command::Config { .. } | Command::Doctor(_) | Command::Completions(_) | Command::Man => {
            Ok(())
        }
        Command::Serve(_) => serve(config),
        Command::Ceremonies { command } => run(beside_the_server(config, async |site| {
            let said = ceremonies::run(site, command).await;
            said.map_err(|error| Failure::new(&error, error.hint()))
        })),
        Command::Users { command } => run(beside_the_server(config, async |site| {
            users::run(site, command).await.map_err(Failure::from)
        })),
        Command::SetupLink(command) => run(beside_the_server(config, async |site| {
            setup_link::run(site, command).await.map_err(Failure::from)
        })),
        Command::Invitations { command } => run(beside_the_server(config, async |site| {
            invitations::run(site, command).await.map_err(Failure::from)
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
        Command::Backup(command) => run(beside_the_server(config, async |site| {
            backup::backup(site, &command).await.map_err(Failure::from)
        })),
        Command::Restore(command) => run(async {
            let chance = (clock(&config), Chance::from_system());
            print(&backup::restore(&config, chance, &command).await?)
        }),
        Command::Check(command) => return checked(&config, &command),
        Command::Copy(command) => run(async { print(&copy::run(&command).await?) }),
        Command::SigningKeys { command } => run(beside_the_server(config, async |site| {
            signing_keys::run(site, command).await.map_err(Failure::from)
        })),
        Command::Health(command) => run(async {
            health::ask(&config, &command)
                .await
                .map_err(Failure::from)
                .and_then(|said| print(&said))
        }),
        Command::Mail(command) => return mail::run(&config, command),
    };
    if let Some(telemetry) = telemetry {
        telemetry.stop();
    }
    ended(done)
}

fn ended(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure.error, failure.code),
    }
}

impl Command {
    /// The settings that options of the command stand for.
    fn settings(&self) -> Vec<(&'static str, &'static str, String)> {
        match self {
            Self::Serve(serve) if !serve.accept_stranded_passkeys.is_empty() => {
                let hosts = serve.accept_stranded_passkeys.join(",");
                vec![("accept_stranded_passkeys", "--accept-stranded-passkeys", hosts)]
            }
            _ => Vec::new(),
        }
    }
}

/// Writes what a command found, and ends with 1 where that is something wrong.
fn told((text, is_well): (String, bool)) -> ExitCode {
    match print(&text) {
        Ok(()) if is_well => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(1),
        Err(failure) => failed(&failure.error, failure.code),
    }
}

fn serve(config: Config) -> Result<(), Failure> {
    let variable = |name: &str| std::env::vars_os().find(|(key, _)| key == name).map(|(_, to)| to);
    let watchdog = variable("WATCHDOG_USEC");
    let supervisor = Supervisor::new(variable("NOTIFY_SOCKET"), watchdog.as_deref());
    let surroundings = Surroundings { handed_in: ListenFd::from_env(), supervisor };
    run(async {
        let served = serve::serve(config, surroundings).await;
        served.map_err(|error| Failure::new(&error, &error.hint()))
    })
}

fn checked(config: &Config, command: &check::CheckCommand) -> ExitCode {
    let mut found = (String::new(), false);
    let done = run(async {
        found = check::run(config, &clock(config), command).await;
        Ok(())
    });
    match done {
        Ok(()) => told(found),
        Err(failure) => failed(&failure.error, failure.code),
    }
}

fn clock(config: &Config) -> Clock {
    config.test_clock.clone().map_or(Clock::System, Clock::Moved)
}

fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(error, "see the log above"))?;
    let done = runtime.block_on(work);
    // A thread that is stuck must not keep the process: whoever stops it waits for its end.
    runtime.shutdown_background();
    done
}

/// Writes what was asked for to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
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
