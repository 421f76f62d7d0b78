//! What stands in front of Keyfold and has no business there: logins, other proxies, what rewrites pages.

use super::nginx::{Change, Installation, free_port};
use super::{LOCATION, assert_found, faults};
use crate::server::config::Address;
use crate::server::doctor::Level;

/// As if it stood in the source.
fn text(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_instead_is_told_with_what_to_take_out() {
    let installation = Installation::new().await;
    let cases: [(&str, &str, &[&str]); 4] = [
        (
            "location / { auth_basic inside; auth_basic_user_file passwords;",
            "login_in_front",
            &["a login stands in front of the site (status 401)", "→ nginx: auth_basic off;"],
        ),
        (
            "return 301 https://www.example.com$request_uri;\n    location / {",
            "redirect",
            &[
                "leads to https://www.example.com/api/probe (status 301)",
                "stay bound to localhost",
                "→ KEYFOLD_PUBLIC_URL=https://www.example.com",
                "→ nginx: take \"return 301 …;\"",
            ],
        ),
        (
            "return 302 /login;\n    location / {",
            "redirect",
            &["/login (status 302)", "a login, or a rewrite"],
        ),
        (
            "location / { return 418;",
            "upstream",
            &[
                "is not the Keyfold of these databases",
                "→ nginx: location / { proxy_pass http://127",
            ],
        ),
    ];
    for (instead, check, phrases) in cases {
        let found = installation.examine(&[(LOCATION, text(instead.to_owned()))]).await;
        for phrase in phrases {
            assert_found(&found, check, Level::Wrong, phrase);
        }
        assert_eq!(faults(&found).len(), 1, "{found:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_rewritten_is_found() {
    let installation = Installation::new().await;
    let uncompressed = "proxy_set_header Accept-Encoding \"\";";
    let cases: [(&str, &str, &str, &str); 4] = [
        (
            "sub_filter '</head>' '<script src=\"/x.js\"></script></head>';",
            "page_as_it_is",
            "has put a script into the page",
            "→ nginx: take \"sub_filter …;\"",
        ),
        (
            "sub_filter 'nonce=\"' 'nonce=\"x'; sub_filter_once off;",
            "page_as_it_is",
            "has put a script into the page",
            "→ nginx: take \"sub_filter …;\"",
        ),
        (
            "proxy_hide_header Content-Security-Policy; add_header Content-Security-Policy \"default-src 'self'\" always;",
            "response_headers",
            "content-security-policy comes through changed",
            "→ nginx: take the lines \"add_header content-security-policy …;\"",
        ),
        (
            "location = /help/passkeys { return 404; }",
            "page",
            "comes with status 404",
            "→ nginx: location / { proxy_pass http://127.0.0.1:",
        ),
    ];
    for (line, check, phrase, fix) in cases {
        let change = text(format!("{LOCATION} {uncompressed} {line}"));
        let found = installation.examine(&[(LOCATION, change)]).await;
        assert_found(&found, check, Level::Wrong, phrase);
        assert_found(&found, check, Level::Wrong, fix);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_without_room_for_headers_is_found() {
    let installation = Installation::new().await;
    let small =
        "location / { proxy_buffer_size 512; proxy_buffers 8 512; proxy_busy_buffers_size 1k;";
    let found = installation.examine(&[(LOCATION, small)]).await;
    let says: String = faults(&found).iter().map(ToString::to_string).collect();
    assert!(says.contains("502") && says.contains("proxy_buffer_size 16k;"), "{says}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_in_front_of_the_one_that_is_trusted_is_found() {
    let installation = Installation::new().await;
    let Some(Address::Tcp(keyfold)) = installation.site.config.listening.addresses.first() else {
        panic!("it listens on a port");
    };
    let inner = free_port();
    let server = format!(
        "server {{ listen 127.0.0.1:{inner}; location / {{ proxy_pass http://{keyfold}; \
            proxy_http_version 1.1; proxy_set_header Connection \"\"; \
            proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Host $http_host; \
            proxy_set_header X-Forwarded-Proto https; \
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}\n"
    );
    let to_keyfold = text(format!("proxy_pass http://{keyfold};"));
    let to_the_other = text(format!("proxy_bind 127.0.0.2; proxy_pass http://127.0.0.1:{inner};"));
    let changes: [Change; 2] =
        [(to_keyfold, to_the_other), ("# From nginx 1.25.1 on", text(format!("{server}#")))];
    let found = installation.examine(&changes).await;
    assert_found(&found, "trusted_proxies", Level::Wrong, "there is another proxy at 127.0.0.2");
    let line = "→ KEYFOLD_TRUSTED_PROXIES=127.0.0.1/32,127.0.0.2";
    assert_found(&found, "trusted_proxies", Level::Wrong, line);
    assert_eq!(faults(&found).len(), 1, "{found:#?}");
    // An outer one that does not pass on what others have said.
    let forgets = [
        changes[0],
        (
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
            "proxy_set_header X-Forwarded-For $remote_addr;",
        ),
        changes[1],
    ];
    let found = installation.examine(&forgets).await;
    assert_found(&found, "trusted_proxies", Level::Wrong, line);
    let both = [("KEYFOLD_TRUSTED_PROXIES", "127.0.0.2,127.0.0.1")];
    assert!(faults(&Installation::with(&both).await.examine(&[]).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_that_are_half_the_internet_are_found() {
    let settings = [("KEYFOLD_TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1")];
    let installation = Installation::with(&settings).await;
    let elsewhere = (
        "X-Forwarded-For $proxy_add_x_forwarded_for;",
        "X-Forwarded-For \"$http_x_forwarded_for, 198.51.100.7\";",
    );
    let found = installation.examine(&[elsewhere]).await;
    let phrase = "trusted_proxies takes 198.51.100.7 for a proxy";
    assert_found(&found, "trusted_proxies", Level::Wrong, phrase);
    let line = "→ KEYFOLD_TRUSTED_PROXIES=127.0.0.1";
    assert_found(&found, "trusted_proxies", Level::Wrong, line);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_the_client_forwards_is_told() {
    let installation = Installation::new().await;
    let line = "proxy_set_header X-Forwarded-Host $http_host;";
    let found = installation.examine(&[(line, "")]).await;
    let fix = "→ nginx: proxy_set_header X-Forwarded-Host $http_host;";
    assert_found(&found, "forwarded_host", Level::Advice, fix);
    assert_eq!(faults(&found).len(), 1, "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_at_the_socket_has_to_be_trusted() {
    let installation = Installation::on_a_socket(&[]).await;
    let found = installation.examine(&[]).await;
    assert_found(&found, "trusted_proxies", Level::Wrong, "→ KEYFOLD_UNIX_SOCKET_TRUSTED=on");
    assert_eq!(faults(&found).len(), 1, "{found:#?}");
    let trusted = Installation::on_a_socket(&[("KEYFOLD_UNIX_SOCKET_TRUSTED", "on")]).await;
    let found = trusted.examine(&[]).await;
    assert!(faults(&found).is_empty(), "{:#?}", faults(&found));
}
