//! Keyfold behind a real Caddy, a real Apache and a real Traefik, as the doctor writes them, or broken.

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

/// Behind a Traefik whose entry point for https has these options, too.
async fn behind_traefik(
    installation: &Installation,
    entry_point: &str,
    changes: &[(&str, &str)],
) -> Vec<Finding> {
    let Installation { folder, http, https, site, .. } = installation;
    installation.write_certificate(Shown::Good);
    let folder = folder.path();
    let own = [("\n        certResolver: letsencrypt", " {}")];
    let routes = changed(changed(Proxy::Traefik.snippet(&site.config), &own), changes);
    let certificate = "tls: { certificates: [{ certFile: fullchain.pem, keyFile: privkey.pem }] }";
    std::fs::write(folder.join("routes.yml"), format!("{routes}\n{certificate}\n"))
        .expect("a file");
    let settings = format!(
        "global: {{ checkNewVersion: false, sendAnonymousUsage: false }}\nentryPoints:\n  \
         web: {{ address: \"127.0.0.1:{http}\" }}\n  \
         websecure: {{ address: \"127.0.0.1:{https}\", {entry_point} }}\n\
         providers: {{ file: {{ filename: routes.yml, watch: false }} }}\n"
    );
    std::fs::write(folder.join("traefik.yml"), settings).expect("a file");
    let mut command = Command::new("traefik");
    command.arg("--configFile=traefik.yml");
    installation.examine_once_led(&mut command).await
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

#[tokio::test(flavor = "multi_thread")]
async fn traefik_as_the_doctor_writes_it_is_well_and_broken_it_is_found() {
    let installation = Installation::new().await;
    let found = behind_traefik(&installation, "", &[]).await;
    assert!(faults(&found).is_empty(), "{:#?}", faults(&found));
    assert!(found.len() > 15, "{found:#?}");
    let cases: [(Change, &str, &str); 4] = [
        (
            ("passHostHeader: true", "passHostHeader: false"),
            "host",
            "→ Traefik: passHostHeader: true",
        ),
        (("middlewares: [to-https]", "middlewares: []"), "http", "→ Traefik: redirectScheme: {"),
        (
            ("`)\"", "`) && (Method(`GET`) || Method(`POST`))\""),
            "method",
            "→ Traefik: take the Method()",
        ),
        (("http://127.0.0.1:", "http://127.0.0.2:"), "upstream", "→ Traefik: or it is there"),
    ];
    for (change, check, phrase) in cases {
        let found = behind_traefik(&installation, "", &[change]).await;
        assert_found(&found, check, Level::Wrong, phrase);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_traefik_s_middlewares_and_entry_points_do_is_found() {
    let installation = Installation::new().await;
    let middlewares = [
        ("stripPrefix: { prefixes: [/v1] }", "path", "→ Traefik: take the stripPrefix,"),
        (
            "encodedCharacters: { allowEncodedSlash: true }",
            "path",
            "encodedCharacters middlewares out;",
        ),
        ("basicAuth: { users: [\"a:b\"] }", "login_in_front", "→ Traefik: take the basicAuth,"),
        (
            "buffering: { maxRequestBodyBytes: 1000 }",
            "body",
            "→ Traefik: maxRequestBodyBytes: 1000000",
        ),
        (
            "redirectRegex: { regex: \".*\", replacement: \"https://www.example.com/\" }",
            "redirect",
            "→ Traefik: take the redirectRegex",
        ),
        (
            "errors: { status: [\"400-599\"], service: keyfold, query: /help }",
            "error_pages",
            "→ Traefik: take the errors middleware out",
        ),
        (
            "headers: { customRequestHeaders: { X-Forwarded-For: \"\" } }",
            "forwarded_for",
            "→ Traefik: it is sent by itself; take a headers middleware",
        ),
        (
            "headers: { customRequestHeaders: { Origin: \"\" } }",
            "request_headers",
            "→ Traefik: take origin out of the customRequestHeaders",
        ),
        (
            "headers: { customResponseHeaders: { Set-Cookie: \"\" } }",
            "set_cookie",
            "→ Traefik: take Set-Cookie out of the customResponseHeaders",
        ),
        (
            "headers: { contentSecurityPolicy: \"default-src 'self'\" }",
            "response_headers",
            "→ Traefik: take content-security-policy, and the option that writes it,",
        ),
    ];
    for (middleware, check, phrase) in middlewares {
        let defined = format!("  middlewares:\n    broken: {{ {middleware} }}\n    to-https");
        let changes = [
            ("tls: {}", "middlewares: [broken]\n      tls: {}"),
            ("  middlewares:\n    to-https", &*defined),
        ];
        let found = behind_traefik(&installation, "", &changes).await;
        assert_found(&found, check, Level::Wrong, phrase);
    }
    let entry_points = [
        (
            "forwardedHeaders: { insecure: true }",
            "forwarded_proto",
            "and forwardedHeaders.insecure of",
        ),
        (
            "http: { encodedCharacters: { allowEncodedSlash: false } }",
            "path",
            "http: { encodedCharacters: { allowEncodedSlash: true,",
        ),
    ];
    for (options, check, phrase) in entry_points {
        let found = behind_traefik(&installation, options, &[]).await;
        assert_found(&found, check, Level::Wrong, phrase);
        assert!(
            !format!("{found:?}").contains("Caddy:"),
            "it is known by its requests: {found:#?}"
        );
    }
}
