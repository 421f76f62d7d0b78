//! What can be seen on this machine: the data directory, the databases, the clock, and what is in the
//! databases that should not be.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::ask::Answer;
use super::{Finding, integrity};
use crate::server::clock::Timestamp;
use crate::server::config::Config;
use crate::server::mail::Mailer;
use crate::server::passkeys::UserHandle;
use crate::server::probe::Seen;
use crate::server::site::Site;

/// What clocks may be apart.
const TOLERANCE: i64 = 30_000;

/// Less is soon used up.
const ROOM: u64 = 200;

/// Looks at all of it but whose clock is shown by an answer.
pub(super) async fn look(site: &Site) -> Vec<Finding> {
    let mut found = data_dir(&site.config);
    found.extend(databases(site).await);
    found.extend(shared_clock(site).await);
    found.extend(stranded(site).await);
    found.push(match orphans(site).await {
        Ok(orphans) => told(&orphans),
        Err(error) => Finding::wrong("orphans", "the passkeys cannot be counted", &error)
            .fixed_by("keyfold check"),
    });
    found.push(mail(&site.config).await);
    found
}

/// The data directory, and who may look into it.
pub(super) fn data_dir(config: &Config) -> Vec<Finding> {
    let folder = &config.data_dir;
    let shown = folder.display();
    let Ok(data) = std::fs::metadata(folder) else {
        // With servers for both databases nothing needs to be there.
        let is_needed = config.accounts_database.file().or(config.passkeys_database.file());
        return is_needed.map_or_else(Vec::new, |_| {
            let line = config.in_force.line_to_say("data_dir", "/var/lib/keyfold");
            let says = format!("there is no data directory at {shown}");
            vec![Finding::wrong("data_dir", says, "Keyfold has nowhere to write").fixed_by(line)]
        });
    };
    let mut found = Vec::new();
    let files = [config.accounts_database.file(), config.passkeys_database.file()];
    for path in files.into_iter().flatten().chain([folder.as_path()]) {
        found.extend(access(path, &data));
    }
    if found.is_empty() {
        let says = format!("the data directory {shown} is for its owner alone");
        found.push(Finding::good("data_dir", says));
    }
    found.extend(room(folder));
    found
}

fn room(folder: &Path) -> Option<Finding> {
    let shown = folder.display();
    let Some(free) = free_megabytes(folder) else {
        let says = format!("how much room there is in {shown} is not known");
        return Some(Finding::unknown("disk", says, "there is no `df` here, or it cannot look"));
    };
    (free < ROOM).then(|| {
        let says = format!("{free} MB are free in {shown}");
        let why = "with a full disk nobody signs up or in";
        let line = format!("make room: du -xh {shown} | sort -h | tail");
        Finding::wrong("disk", says, why).fixed_by(line)
    })
}

/// Whether a file is its owner's alone, and its owner the one of the folder.
fn access(path: &Path, folder: &std::fs::Metadata) -> Vec<Finding> {
    let Ok(data) = std::fs::metadata(path) else { return Vec::new() };
    let (shown, mode) = (path.display(), data.mode() & 0o777);
    let mut found = Vec::new();
    if mode & 0o077 != 0 {
        let says = format!("others on this machine may get at {shown} (mode {mode:o})");
        let why = "names, e-mail addresses and the keys that sign tokens are in there";
        let wanted = if data.is_dir() { 700 } else { 600 };
        let line = format!("chmod {wanted} {shown}");
        found.push(Finding::wrong("data_dir", says, why).fixed_by(line));
    }
    if data.uid() != folder.uid() {
        let says = format!(
            "{shown} belongs to user {}, and its folder to user {}",
            data.uid(),
            folder.uid()
        );
        let why =
            "the server may not be able to write to it; a command run as root leaves such files";
        let line = format!("chown {}:{} {shown}", folder.uid(), folder.gid());
        found.push(Finding::wrong("data_dir", says, why).fixed_by(line));
    }
    found
}

/// As `df` says: the standard library does not.
fn free_megabytes(folder: &Path) -> Option<u64> {
    let said = std::process::Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let kilobytes: u64 = said.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// They were looked through quickly when they were opened, and are now in more detail. Indexes are left
/// out, which takes long; what PostgreSQL keeps whole only its own tools can tell.
async fn databases(site: &Site) -> Vec<Finding> {
    let halves = [
        ("accounts", &site.config.accounts_database, site.accounts.database()),
        ("passkeys", &site.config.passkeys_database, site.passkeys.database()),
    ];
    let mut found = Vec::new();
    for (check, at, database) in halves {
        found.push(match database.condition(true).await {
            Ok((faults, schema)) => integrity::of_faults(check, at, &faults, schema, true),
            Err(error) => {
                let says = format!("{at} does not answer: {error}");
                Finding::wrong("database", says, "nobody signs up or in").fixed_by("keyfold check")
            }
        });
    }
    found
}

async fn stranded(site: &Site) -> Vec<Finding> {
    let own = &site.relying_party;
    let stranded = match site.passkeys.stranded(own).await {
        Ok(stranded) => stranded,
        Err(error) => {
            let says = "the passkeys cannot be counted";
            let finding = Finding::wrong("stranded", says, &error.to_string());
            return vec![finding.fixed_by("keyfold check")];
        }
    };
    let now = own.rp_id();
    if stranded.is_empty() {
        return vec![Finding::good("stranded", format!("every passkey is bound to {now}"))];
    }
    let finding = |stranded: &crate::server::passkeys::Stranded| {
        let crate::server::passkeys::Stranded { rp_id, passkeys, users, shut_out } = stranded;
        let says = format!(
            "passkeys bound to {rp_id}: {passkeys} of {users} users; {shut_out} users have no other"
        );
        let why = format!("they cannot be used at {now}, whose host is the RP ID");
        if site.config.accept_stranded_passkeys.contains(rp_id) {
            return Finding::advice("stranded", says + " (accepted)", &why);
        }
        let back = site.config.in_force.line_to_say("public_url", &format!("https://{rp_id}"));
        let accept = site.config.in_force.line_to_say("accept_stranded_passkeys", rp_id);
        Finding::wrong("stranded", says, &why)
            .fixed_by(back)
            .fixed_by(format!("or for good: {accept}"))
    };
    stranded.iter().map(finding).collect()
}

/// Those who have passkeys of this site and no account, with the number of their passkeys.
pub(in crate::server) async fn orphans(site: &Site) -> Result<Vec<(UserHandle, i64)>, String> {
    let holders = site.passkeys.holders(&site.relying_party).await;
    let mut orphans = Vec::new();
    for (user, passkeys) in holders.map_err(|error| error.to_string())? {
        if site.accounts.is_nobody(&user).await.map_err(|error| error.to_string())? {
            orphans.push((user, passkeys));
        }
    }
    Ok(orphans)
}

fn told(orphans: &[(UserHandle, i64)]) -> Finding {
    let passkeys: i64 = orphans.iter().map(|(_, passkeys)| passkeys).sum();
    if passkeys == 0 {
        return Finding::good("orphans", "every passkey of this site belongs to an account");
    }
    let says = format!("passkeys of this site without an account: {passkeys}");
    let why =
        "a sign-up was cut off between its two databases; they sign nobody in, and do no harm";
    Finding::advice("orphans", says, why).fixed_by("keyfold doctor --remove-orphans")
}

/// Whether e-mail would leave.
pub(super) async fn mail(config: &Config) -> Finding {
    let Some(settings) = &config.mail else {
        let line = config
            .in_force
            .line_to_say("smtp_url", "smtp://user:password@mail.example:587?tls=required");
        let why =
            "people cannot be written to when they lose their passkeys; that may be what you want";
        return Finding::unknown("mail", "e-mail is switched off", why).fixed_by(line);
    };
    let mailer = Mailer::new(&settings.relay, &settings.from, config.public_url.host());
    match mailer.greet().await {
        Ok(()) => Finding::good(
            "mail",
            "the SMTP server lets Keyfold in (try: keyfold mail test ADDRESS)",
        ),
        Err(error) => Finding::wrong("mail", error.to_string(), "nobody is sent a mail")
            .fixed_by(error.hint()),
    }
}

/// Where nodes share a database they go by its clock; that of this machine still counts for TLS and logs.
async fn shared_clock(site: &Site) -> Option<Finding> {
    let database = site.passkeys.database();
    let offset = database.clock_offset(&site.clock).await.ok().flatten()?;
    if offset.abs() <= TOLERANCE {
        return None;
    }
    let seconds = offset.abs() / 1000;
    let relation = if offset > 0 { "ahead of" } else { "behind" };
    let says = format!("the clock of the database is {seconds} s {relation} that of this machine");
    let why =
        "logs of nodes cannot be put side by side, and certificates end too early or too late";
    let fix = "timedatectl set-ntp true  # here, or where the database runs: whichever is wrong";
    Some(Finding::wrong("shared_clock", says, why).fixed_by(fix))
}

/// Whether this machine, the server and the proxy agree on the time.
pub(super) fn clock(site: &Site, answer: &Answer, seen: &Seen) -> Finding {
    let date = answer.header("date").first().and_then(|date| {
        jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().as_millisecond())
    });
    let now = site.clock.now().milliseconds();
    let apart = [("Keyfold's server", Some(seen.now)), ("the proxy", date)];
    for (whose, time) in apart {
        let Some(time) = time.filter(|time| (time - now).abs() > TOLERANCE) else { continue };
        let says = format!(
            "the clock of {whose} says {}, and that of this machine {}",
            Timestamp::from_milliseconds(time),
            Timestamp::from_milliseconds(now),
        );
        let why = "sign-ins, links and certificates end too early or too late";
        return Finding::wrong("clock", says, why).fixed_by("timedatectl set-ntp true");
    }
    Finding::good("clock", "the clocks agree")
}
