//! The doctor: what it finds behind proxies that are set up wrong, and that it finds nothing behind
//! those that are not.

mod findings;
mod in_front;
mod nginx;
mod orphans;
mod others;

use clap::ValueEnum as _;
use nginx::{Change, Installation, Shown};

use crate::server::doctor::proxy::Proxy;
use crate::server::doctor::{Finding, Level};

/// What is not as it should be, but for what every installation of a test is: without e-mail.
fn faults(found: &[Finding]) -> Vec<&Finding> {
    let faults = found.iter().filter(|finding| !finding.is_good() && finding.check != "mail");
    faults.collect()
}

#[track_caller]
fn assert_found(found: &[Finding], check: &str, level: Level, phrase: &str) {
    let is_wanted = |finding: &&Finding| {
        finding.check == check && finding.level == level && finding.to_string().contains(phrase)
    };
    assert!(faults(found).iter().any(is_wanted), "{check} {level:?} {phrase:?} in {found:#?}");
}

const LOCATION: &str = "location / {";

#[tokio::test(flavor = "multi_thread")]
async fn nginx_as_the_doctor_writes_it_is_well() {
    let installation = Installation::new().await;
    // None of these does any harm.
    let harmless: [&[Change]; 3] = [
        &[],
        &[(LOCATION, "location / { proxy_buffering off; gzip on;")],
        &[(
            LOCATION,
            "location / { proxy_request_buffering off; client_max_body_size 64k; proxy_buffers 16 32k;",
        )],
    ];
    for changes in harmless {
        let found = installation.examine(changes).await;
        assert!(faults(&found).is_empty(), "{changes:?}: {:#?}", faults(&found));
        assert!(found.len() > 15, "{found:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_keeps_things_from_keyfold_is_found() {
    let installation = Installation::new().await;
    let host = "proxy_set_header Host $http_host;";
    let forwarded_for = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
    let forwarded_proto = "proxy_set_header X-Forwarded-Proto $scheme;";
    let cases: [(Change, &str, &str); 13] = [
        ((host, ""), "host", "→ nginx: proxy_set_header Host $http_host;"),
        ((host, "proxy_set_header Host $host;"), "host", "and was sent as \"localhost:"),
        ((forwarded_for, ""), "forwarded_for", "as the client wrote it"),
        (
            (forwarded_for, "proxy_set_header X-Forwarded-For \"\";"),
            "forwarded_for",
            "does not arrive",
        ),
        ((forwarded_proto, ""), "forwarded_proto", "as the client wrote it"),
        (
            (forwarded_proto, "proxy_set_header X-Forwarded-Proto \"\";"),
            "forwarded_proto",
            "does not arrive",
        ),
        (
            (forwarded_proto, "proxy_set_header X-Forwarded-Proto http;"),
            "forwarded_proto",
            "says \"http\"",
        ),
        (
            (LOCATION, "location / { proxy_set_header Origin \"\";"),
            "request_headers",
            "origin does not arrive",
        ),
        (
            (LOCATION, "location / { proxy_set_header Authorization \"\";"),
            "request_headers",
            "authorization does not",
        ),
        (
            (LOCATION, "location / { proxy_set_header Cookie \"\";"),
            "request_headers",
            "cookie does not arrive",
        ),
        (
            (LOCATION, "location / { proxy_set_header Sec-Fetch-Site none;"),
            "request_headers",
            "arrives as \"none\"",
        ),
        ((LOCATION, "location / { client_max_body_size 1k;"), "body", "answered with 413"),
        (
            (LOCATION, "location / { limit_except GET POST { deny all; }"),
            "method",
            "PATCH do not arrive",
        ),
    ];
    for (change, check, phrase) in cases {
        let found = installation.examine(&[change]).await;
        assert_found(&found, check, Level::Wrong, phrase);
        assert_eq!(faults(&found).len(), 1, "{change:?}: {:#?}", faults(&found));
    }
    let found =
        installation.examine(&[("proxy_http_version 1.1;", "proxy_http_version 1.0;")]).await;
    assert_found(&found, "inner_protocol", Level::Advice, "→ nginx: proxy_http_version 1.1;");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_leads_elsewhere_is_found() {
    let installation = Installation::new().await;
    let cases: [(Change, &str, &str); 6] = [
        (
            (LOCATION, "location / { rewrite ^(.*)$ /app$1 break;"),
            "path",
            "/account arrives as /app/account",
        ),
        // A path behind the port, if only a slash, lets nginx write the path anew.
        (
            (";\n        proxy_http", "/;\n        proxy_http"),
            "path",
            "/v1/users/a%2Fb%20c%25%3F%23%3B%5C/credentials arrives as",
        ),
        (
            (LOCATION, "location /v1 { return 404; }\n    location / {"),
            "path",
            "/v1/credentials?limit=2&after=a%26b does not arrive",
        ),
        (("return 301 https://", "return 200 https://"), "http", "does not lead to https"),
        (("return 301 https://", "return 301 https://www."), "http", "http leads to"),
        (
            ("proxy_pass http://127.0.0.1:", "proxy_pass http://127.0.0.1:1; #"),
            "upstream",
            "answers 502",
        ),
    ];
    for (change, check, phrase) in cases {
        let found = installation.examine(&[change]).await;
        assert_found(&found, check, Level::Wrong, phrase);
    }
    let elsewhere = (LOCATION, "location / { return 200 hello;");
    let found = installation.examine(&[elsewhere]).await;
    assert_found(&found, "upstream", Level::Wrong, "is not the Keyfold of these databases");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_changes_answers_is_found() {
    let installation = Installation::new().await;
    let cases: [(&'static str, &str, &str); 9] = [
        ("proxy_hide_header Set-Cookie;", "set_cookie", "does not come through"),
        ("proxy_cookie_path / /app/;", "set_cookie", "Path=/app/"),
        ("proxy_cookie_flags ~ nosecure;", "set_cookie", "comes through as"),
        (
            "proxy_hide_header Content-Security-Policy;",
            "response_headers",
            "content-security-policy does not",
        ),
        (
            "add_header Content-Security-Policy \"default-src 'self'\" always;",
            "response_headers",
            "content-security-policy comes 2 times",
        ),
        (
            "add_header X-Content-Type-Options nosniff always;",
            "response_headers",
            "x-content-type-options comes 2 times",
        ),
        (
            "proxy_hide_header Permissions-Policy;",
            "response_headers",
            "permissions-policy does not",
        ),
        (
            "proxy_intercept_errors on; error_page 403 404 /account;",
            "error_pages",
            "is replaced on its way",
        ),
        ("proxy_hide_header Cache-Control;", "cache", "pages may be kept"),
    ];
    for (line, check, phrase) in cases {
        let change: &'static str = Box::leak(format!("{LOCATION} {line}").into_boxed_str());
        let found = installation.examine(&[(LOCATION, change)]).await;
        assert_found(&found, check, Level::Wrong, phrase);
        assert_eq!(faults(&found).len(), 1, "{line}: {:#?}", faults(&found));
    }
    let caching = [
        ("access_log off;", "access_log off; proxy_cache_path cache keys_zone=pages:1m;"),
        (
            LOCATION,
            "location / { proxy_cache pages; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control Set-Cookie;",
        ),
    ];
    let found = installation.examine(&caching).await;
    assert_found(&found, "cache", Level::Wrong, "answers from a cache");
    let found = installation.examine(&[(" ssl http2;", " ssl;")]).await;
    assert_found(&found, "outer_protocol", Level::Advice, "HTTP/1.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_browsers_refuse_is_found() {
    let installation = Installation::new().await;
    for (shown, ca, level, phrase) in [
        (Shown::OfAnotherName, Some("ca.pem"), Level::Wrong, "localhost is for "),
        (Shown::Expired, Some("ca.pem"), Level::Wrong, "has expired"),
        (Shown::Good, None, Level::Wrong, "keyfold doctor --ca FILE"),
        (Shown::SoonOver, Some("ca.pem"), Level::Advice, "ends in 4 days"),
    ] {
        let found = installation.examine_with(shown, ca, &[]).await;
        assert_found(&found, "tls", level, phrase);
    }
    let found = installation.examine_with(Shown::Good, Some("missing.pem"), &[]).await;
    assert_found(&found, "ca", Level::Wrong, "cannot be read");
    let found = installation.examine(&[(" ssl http2;", ";")]).await;
    assert_found(&found, "tls", Level::Wrong, "listen 443 ssl");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_trusted_is_found() {
    let installation = Installation::with(&[("KEYFOLD_TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    let found = installation.examine(&[]).await;
    let line = "→ KEYFOLD_TRUSTED_PROXIES=10.0.0.0/8,127.0.0.1";
    assert_found(&found, "trusted_proxies", Level::Wrong, line);
    assert_eq!(faults(&found).len(), 1, "{found:#?}");
    let everybody = Installation::with(&[("KEYFOLD_TRUSTED_PROXIES", "0.0.0.0/0")]).await;
    assert_found(&everybody.examine(&[]).await, "trusted_proxies", Level::Wrong, "everybody");
}

#[test]
fn snippets_are_for_these_settings() {
    let settings =
        [("KEYFOLD_PUBLIC_URL", "https://id.example:8443"), ("KEYFOLD_LISTEN", "0.0.0.0:9000")];
    let config = super::config(&settings);
    for proxy in Proxy::value_variants() {
        let snippet = proxy.snippet(&config);
        assert!(!snippet.contains("{{"), "{snippet}");
        for part in ["id.example", "8443", "127.0.0.1:9000", "KEYFOLD_TRUSTED_PROXIES=127.0.0.1"] {
            assert!(snippet.contains(part), "{part} in {snippet}");
        }
    }
}
