//! What commands say to a person, word for word; what they say to programs is tested with each of them.
//!
//! The snapshots are in `snapshots/`, as those of the help are (`command_line.rs`).

use std::path::Path;

use clap::Parser as _;
use regex::Regex;

use super::authenticator::Authenticator;
use super::backup::Ground;
use super::port::{Desk, as_text};
use super::{held_clock, site_of_ada};
use crate::server::chance::Chance;
use crate::server::cli::{
    api_keys, backup, check, config, copy, doctor, invitations, relying_parties, setup_link,
    signing_keys, users,
};
use crate::server::config::{Config, Places};
use crate::server::site::Site;

#[derive(clap::Parser)]
enum Command {
    #[command(subcommand)]
    ApiKeys(api_keys::Command),
    Backup(backup::BackupCommand),
    Check(check::CheckCommand),
    #[command(subcommand)]
    Config(config::Command),
    Copy(copy::CopyCommand),
    Doctor(doctor::DoctorCommand),
    #[command(subcommand)]
    Invitations(invitations::Command),
    #[command(subcommand)]
    RelyingParties(relying_parties::Command),
    Restore(backup::RestoreCommand),
    SetupLink(setup_link::SetupLinkCommand),
    #[command(subcommand)]
    SigningKeys(signing_keys::Command),
    #[command(subcommand)]
    Users(users::Command),
}

/// What a command says on a site; an error with its hint where it has one of its own.
async fn say(site: &Site, config: &Config, line: &str) -> String {
    let arguments = std::iter::once("keyfold").chain(line.split(' '));
    let command =
        Command::try_parse_from(arguments).unwrap_or_else(|error| panic!("{line}: {error}"));
    let chance = (held_clock().0, Chance::from_system());
    let told = |error: &dyn std::fmt::Display| format!("error: {error}\n");
    match command {
        Command::ApiKeys(command) => api_keys::run(site, command).await.map_err(|e| told(&e)),
        Command::Backup(command) => backup::backup(site, &command).await.map_err(|e| told(&e)),
        Command::Check(command) => Ok(check::run(config, &site.clock, &command).await.0),
        Command::Config(command) => Ok(about_settings(&[], &command)),
        Command::Copy(command) => copy::run(&command).await.map_err(|e| told(&e)),
        Command::Doctor(command) => {
            Ok(doctor::run(Ok(config.clone()), &command).await.map_or_else(|e| e.0, |said| said.0))
        }
        Command::Invitations(command) => {
            invitations::run(site, command).await.map_err(|e| told(&e))
        }
        Command::RelyingParties(command) => {
            relying_parties::run(site, command).await.map_err(|e| told(&e))
        }
        Command::Restore(command) => {
            backup::restore(config, chance, &command).await.map_err(|e| told(&e))
        }
        Command::SetupLink(command) => setup_link::run(site, command).await.map_err(|e| told(&e)),
        Command::SigningKeys(command) => {
            signing_keys::run(site, command).await.map_err(|e| told(&e))
        }
        Command::Users(command) => users::run(site, command).await.map_err(|e| told(&e)),
    }
    .unwrap_or_else(|error| error)
}

fn about_settings(settings: &[(&str, &str)], command: &config::Command) -> String {
    let environment = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let places = Places { file: None, environment: environment.collect(), options: Vec::new() };
    let (in_force, read) = Config::look(places);
    config::run(&in_force, read, command).0
}

/// Without what differs each time: folders, lengths, and what is drawn by lot.
fn blind(said: &str, folders: &[(&Path, &str)]) -> String {
    let said = folders
        .iter()
        .fold(said.to_owned(), |said, (folder, name)| said.replace(as_text(folder), name));
    [
        (r"\d+ bytes", "… bytes"),
        (r"(setup|invitation|invited|recover)/[\w-]{20,}", "$1/…"),
        (r"kf_[A-Z0-9]{16}_[\w-]+", "kf_…"),
        (r"(rp|inv)_[\w-]{22}", "${1}_…"),
        (r"\b[0-9A-Z]{16}\b", "…"),
        (r"\b[\w-]{22}\b|\b[\w-]{43}\b", "…"),
        (r"schema \d+", "schema …"),
        (r" +", " "),
    ]
    .iter()
    .fold(said, |said, (pattern, instead)| {
        Regex::new(pattern).expect("a pattern").replace_all(&said, *instead).into_owned()
    })
}

#[tokio::test]
async fn to_who_looks_after_people_and_sites() {
    let (site, _) = site_of_ada().await;
    site.browser().sign_up("Grace.Hopper", &mut Authenticator::new(2)).await;
    let mut said = String::new();
    for line in [
        "users list",
        "users show ada",
        "users show nobody",
        "users recover ada",
        "users disable ada",
        "users enable ada",
        "users admin ada --grant",
        "users admin ada --revoke",
        "users delete Grace.Hopper --yes",
        "setup-link",
        "setup-link --another",
        "invitations create --note choir --uses 3",
        "invitations list",
        "invitations revoke nothing",
        "relying-parties list",
        "api-keys list",
        "signing-keys list",
        "signing-keys rotate",
    ] {
        let told = say(&site.site, &site.site.config, line).await;
        said = said + "$ keyfold " + line + "\n" + &told + "\n";
    }
    insta::assert_snapshot!("people_and_sites", blind(&said, &[]));
}

#[tokio::test]
async fn to_who_looks_after_the_installation() {
    let (ground, desk) = (Ground::at(None).await, Desk::new());
    ground.site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    ground.site.pass_seconds(120);
    let desk_folder = desk.file("");
    let at = |name: &str| as_text(&desk.file(name)).to_owned();
    let (data, restored) = (as_text(ground.folder.path()).to_owned(), at("restored"));
    let elsewhere = super::config(&[("KEYFOLD_DATA_DIR", &restored)]);
    let nowhere = super::config(&[("KEYFOLD_DATA_DIR", &at("nowhere"))]);
    let config = ground.config();
    let mut said = String::new();
    for (line, config) in [
        ("check".to_owned(), &config),
        ("check --quick".to_owned(), &config),
        (format!("backup {}", at("one.tar")), &config),
        (format!("backup {}", at("one.tar")), &config),
        (format!("restore {}", at("one.tar")), &elsewhere),
        (format!("restore {}", at("one.tar")), &elsewhere),
        (format!("restore {}", at("none.tar")), &nowhere),
        (format!("copy --from sqlite:{data} --to sqlite:{}", at("copied")), &config),
        (format!("copy --from sqlite:{data} --to sqlite:{}", at("copied")), &config),
        ("doctor nonsense".to_owned(), &config),
        ("doctor --remove-orphans".to_owned(), &config),
        ("doctor --snippet nginx".to_owned(), &config),
    ] {
        let told = say(&ground.site.site, config, &line).await;
        said = said + "$ keyfold " + &line + "\n" + &told + "\n";
    }
    let folders = [(ground.folder.path(), "DATA"), (desk_folder.as_path(), "DESK/")];
    insta::assert_snapshot!("the_installation", blind(&said, &folders));
}

#[test]
fn about_settings_that_are_sound_and_that_are_not() {
    let cases: [&[(&str, &str)]; 4] = [
        &[],
        &[("KEYFOLD_PUBLIC_URL", "https://id.example"), ("KEYFOLD_SITE_NAME", "Choir")],
        &[("KEYFOLD_TRUSTED_PROXIES", "0.0.0.0/0"), ("KEYFOLD_SESSION_IDLE_HOURS", "800")],
        &[("KEYFOLD_LISTEN", "localhost"), ("KEYFOLD_LISEN", "127.0.0.1:1")],
    ];
    let mut said = String::new();
    for settings in cases {
        for json in [false, true] {
            let command = config::Command::Check { json };
            let heading = format!("{settings:?} check json={json}\n");
            said = said + &heading + &about_settings(settings, &command) + "\n";
        }
    }
    let show = config::Command::Show { json: false };
    said += &about_settings(cases[1], &show);
    insta::assert_snapshot!("settings", said);
}
