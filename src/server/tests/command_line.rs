//! The command line as a whole: its tree, the help of every command, completions and the manual.
//!
//! The snapshots are in `snapshots/`. After a change that is meant, `INSTA_UPDATE=always cargo test
//! --features ssr command_line` writes them anew.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use crate::server::cli::Arguments;
use crate::server::cli::manual::{self, CompletionsCommand, ShellName};

fn built() -> Command {
    let mut program = Arguments::command().term_width(100);
    program.build();
    program
}

/// Each command with the names that lead to it.
fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        let path = format!("{path} {}", below.get_name());
        found.push((path.clone(), below.clone()));
        all(below, &path, found);
    }
}

fn commands() -> Vec<(String, Command)> {
    let program = built();
    let mut found = vec![("keyfold".to_owned(), program.clone())];
    all(&program, "keyfold", &mut found);
    found
}

#[test]
fn the_tree_of_commands_is_as_written_down() {
    let mut tree = String::new();
    for (path, command) in commands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let hidden = if command.is_hide_set() { " (hidden)" } else { "" };
        writeln!(tree, "{path}{hidden}: {about}").expect("memory is there");
    }
    insta::assert_snapshot!("tree", tree);
}

#[test]
fn the_help_of_every_command_is_as_written_down() {
    for (path, mut command) in commands() {
        let help = command.render_long_help().to_string().replace(env!("CARGO_PKG_VERSION"), "…");
        insta::assert_snapshot!(format!("help_{}", path.replace(' ', "_")), help);
    }
}

#[test]
fn every_command_says_what_it_does_in_a_sentence() {
    for (path, command) in commands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.len() > 10 && !about.ends_with('.'), "{path}: {about:?}");
        assert!(about.starts_with(char::is_uppercase), "{path}: {about:?}");
    }
}

#[test]
fn every_shell_completes_every_command() {
    use ShellName::{Bash, Elvish, Fish, Powershell, Zsh};
    for shell in [Bash, Elvish, Fish, Powershell, Zsh] {
        let script = manual::completions(&CompletionsCommand { shell }).expect("it renders");
        for (path, _) in commands() {
            let name = path.rsplit(' ').next().unwrap_or_default();
            assert!(script.contains(name), "{shell:?} does not know {path}");
        }
    }
}

#[test]
fn the_manual_names_every_command_and_setting() {
    let page = manual::page().expect("it renders");
    assert!(page.starts_with(".ie") || page.contains(".TH keyfold 1"), "{page}");
    let plain = page.replace("\\-", "-");
    for (path, command) in commands() {
        if command.has_subcommands() {
            continue;
        }
        assert!(plain.contains(&format!(".SS {path}\n")), "{path} in\n{plain}");
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(plain.contains(&format!("--{option}")), "{path} --{option}");
        }
    }
}
