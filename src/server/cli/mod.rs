//! The command line.

mod mail;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::mail::MailCommand;
use super::config::Config;
use super::log;
use super::serve::{self, ServeError};

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

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Run the server (what happens without a command, too).
    Serve,
    /// E-mail: try whether it leaves.
    #[command(subcommand)]
    Mail(MailCommand),
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
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config),
        Command::Mail(command) => mail::run(&config, command),
    }
}

fn serve(config: Config) -> ExitCode {
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("{error}\nhint: {}", error.hint()), 1),
    }
}

fn run(config: Config) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve::serve(config));
    // A thread that is stuck must not keep the process: whoever stops it waits for its end.
    runtime.shutdown_background();
    served
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
