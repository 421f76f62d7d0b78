//! What shells and `man` know of the command line, made of the command line itself.

use clap::{CommandFactory as _, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use thiserror::Error;

use super::{Arguments, Failure};

/// A shell.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ShellName {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsCommand {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: ShellName,
}

/// Why nothing was written.
#[derive(Debug, Error)]
#[error("the text could not be made: {0}")]
pub(crate) struct ManualError(#[from] std::io::Error);

impl From<ManualError> for Failure {
    fn from(error: ManualError) -> Self {
        Self::new(error, "this should not happen: please report it")
    }
}

/// The script that completes commands.
pub(crate) fn completions(command: &CompletionsCommand) -> Result<String, ManualError> {
    let shell = match command.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Elvish => Shell::Elvish,
        ShellName::Fish => Shell::Fish,
        ShellName::Powershell => Shell::PowerShell,
        ShellName::Zsh => Shell::Zsh,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "keyfold", &mut script);
    as_text(script)
}

/// One manual page: the program, then each of its commands.
pub(crate) fn page() -> Result<String, ManualError> {
    let mut program = Arguments::command();
    program.build();
    let mut page = Vec::new();
    let man = Man::new(program.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    page.extend_from_slice(b".SH COMMANDS\n");
    describe_commands(&program, &mut page)?;
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    as_text(page)
}

/// The commands below this one, each with what may stand behind it.
fn describe_commands(command: &clap::Command, page: &mut Vec<u8>) -> Result<(), ManualError> {
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        if below.has_subcommands() {
            describe_commands(below, page)?;
            continue;
        }
        let name = below.get_bin_name().unwrap_or_else(|| below.get_name()).replace('-', "\\-");
        page.extend_from_slice(format!(".SS {name}\n").as_bytes());
        let man = Man::new(below.clone());
        // Sections within a section: the headings of clap_mangen are for whole pages.
        let mut parts = Vec::new();
        man.render_description_section(&mut parts)?;
        man.render_options_section(&mut parts)?;
        let parts = as_text(parts)?;
        let lines = parts.lines().filter(|line| !line.starts_with(".SH "));
        for line in lines {
            page.extend_from_slice(line.as_bytes());
            page.push(b'\n');
        }
    }
    Ok(())
}

fn as_text(bytes: Vec<u8>) -> Result<String, ManualError> {
    let text = String::from_utf8(bytes);
    text.map_err(|error| ManualError(std::io::Error::other(error)))
}
