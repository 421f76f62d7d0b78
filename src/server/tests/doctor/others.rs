//! Keyfold behind a real Caddy and a real Apache, as the doctor writes them, or broken.

use std::process::Command;

use super::nginx::{Change, Installation, Shown, program};
use super::{assert_found, faults};
use crate::server::doctor::proxy::Proxy;
use crate::server::doctor::{Finding, Level};

/// The snippet, changed from what each says to what it says instead.
fn changed<T: AsRef<str>>(mut text: String, changes: &[(&str, T)]) -> String {
    for (from, to) in changes {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replace(from, to.as_ref());
    }
    text
}

async fn behind_caddy(installation: &Installation, changes: &[(&str, String)]) -> Vec<Finding> {
    let Installation { folder, http, site, .. } = installation;
    installation.write_certificate(Shown::Good);
    let folder = folder.path();
    let text = changed(Proxy::Caddy.snippet(&site.config), changes);
    // Nobody can have a certificate for localhost from outside.
    let (start, rest) = text.split_once("{\n").expect("a site");
    let text = format!(
        "{{\n admin off\n default_bind 127.0.0.1\n http_port {http}\n \
         storage file_system {0}\n}}\n{start}{{\n tls {0}/fullchain.pem {0}/privkey.pem\n{rest}",
        folder.display()
    );
    std::fs::write(folder.join("Caddyfile"), text).expect("a file");
    let mut command = Command::new(program("caddy"));
    command.args(["run", "--config", "Caddyfile", "--adapter", "caddyfile"]).env("HOME", folder);
    installation.examine_behind(&mut command, Some("ca.pem")).await
}

async fn behind_apache(installation: &Installation, changes: &[Change]) -> Vec<Finding> {
    const MODULES: [&str; 8] =
        ["mpm_event", "authz_core", "alias", "ssl", "http2", "proxy", "proxy_http", "headers"];
    let Installation { folder, http, https, site, .. } = installation;
    installation.write_certificate(Shown::Good);
    let folder = folder.path();
    let (here, plain) = (folder.display().to_string(), format!("*:{http}"));
    let text = changed(
        Proxy::Apache.snippet(&site.config),
        &[("/etc/letsencrypt/live/localhost", here.as_str()), ("*:80", plain.as_str())],
    );
    let modules = MODULES
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let text = format!(
        "ServerRoot {here}\nDefaultRuntimeDir {here}\nPidFile apache.pid\nErrorLog error.log\n\
         ServerName localhost\nUser nobody\nGroup nogroup\nMutex pthread\n{}\
         Listen 127.0.0.1:{http}\nListen 127.0.0.1:{https}\n{}",
        modules.concat(),
        changed(text, changes)
    );
    std::fs::write(folder.join("apache.conf"), text).expect("a file");
    let mut command = Command::new(program("apache2"));
    // One process, so that nothing is left of it when that ends.
    command.arg("-X").arg("-f").arg(folder.join("apache.conf"));
    installation.examine_behind(&mut command, Some("ca.pem")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_as_the_doctor_writes_it_is_well_and_broken_it_is_found() {
    let installation = Installation::new().await;
    let found = behind_caddy(&installation, &[]).await;
    assert!(faults(&found).is_empty(), "{:#?}", faults(&found));
    assert!(found.len() > 15, "{found:#?}");
    let cases = [
        (
            "{line} {\nheader_up Host {upstream_hostport}\n}",
            "host",
            "→ Caddy: header_up Host {http.request.hostport}",
        ),
        ("{line} {\nheader_up -X-Forwarded-Proto\n}", "forwarded_proto", "→ Caddy: take"),
        ("{line} {\nheader_down -Content-Security-Policy\n}", "response_headers", "→ Caddy: take"),
        ("redir https://www.example.com{uri}", "redirect", "→ Caddy: take \"redir …\" out"),
    ];
    let site = Proxy::Caddy.snippet(&installation.site.config);
    let line = site.lines().find(|line| line.contains("reverse_proxy")).expect("it is passed on");
    for (instead, check, phrase) in cases {
        let change = [(line, instead.replace("{line}", line))];
        let found = behind_caddy(&installation, &change).await;
        assert_found(&found, check, Level::Wrong, phrase);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn apache_as_the_doctor_writes_it_is_well_and_broken_it_is_found() {
    let installation = Installation::new().await;
    let found = behind_apache(&installation, &[]).await;
    assert!(faults(&found).is_empty(), "{:#?}", faults(&found));
    assert!(found.len() > 15, "{found:#?}");
    let cases: [(Change, &str, &str); 4] = [
        (("ProxyPreserveHost On", ""), "host", "→ Apache: ProxyPreserveHost On"),
        (
            ("RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}", ""),
            "forwarded_proto",
            "→ Apache: RequestHeader set X-Forwarded-Proto",
        ),
        (("AllowEncodedSlashes NoDecode", ""), "path", "→ Apache: ProxyPass /"),
        (("Redirect permanent /", "#"), "http", "→ Apache: Redirect permanent /"),
    ];
    for (change, check, phrase) in cases {
        let found = behind_apache(&installation, &[change]).await;
        assert_found(&found, check, Level::Wrong, phrase);
    }
}
