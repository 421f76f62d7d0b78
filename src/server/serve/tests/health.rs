//! `keyfold health` finds the server wherever it listens.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use super::https::{OnDisk, open};
use super::{Listener, Server, patient, serve, serve_with, sockets};
use crate::server::cli::health::{HealthCommand, HealthError, ask};
use crate::server::config::{Address, Config};

fn well_and_not_ready() -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async || StatusCode::SERVICE_UNAVAILABLE))
}

fn config(settings: &[(&str, &str)]) -> Config {
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Config::read(None, settings.collect()).expect("sound")
}

async fn assert_is_asked(settings: &[(&str, &str)], shown: &str) {
    let config = config(settings);
    let said = ask(&config, &HealthCommand { ready: false, json: false }).await.expect("well");
    assert_eq!(said, format!("{shown} is well\n"));
    let said = ask(&config, &HealthCommand { ready: true, json: true }).await;
    let is_not_ready =
        matches!(&said, Err(HealthError::Unwell { status, .. }) if status.as_u16() == 503);
    assert!(is_not_ready, "{said:?}");
}

#[tokio::test]
async fn on_a_port_and_behind_every_wildcard() {
    let (_server, address) = serve(well_and_not_ready(), 10, patient());
    for listen in [address.to_string(), format!("0.0.0.0:{}", address.port())] {
        assert_is_asked(&[("KEYFOLD_LISTEN", &listen)], &listen).await;
    }
}

#[tokio::test]
async fn on_a_unix_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("http.sock");
    let listening = config(&[("KEYFOLD_LISTEN", &format!("unix:{}", path.display()))]).listening;
    let listeners = sockets::open(&listening, listenfd::ListenFd::empty()).expect("it is free");
    let server = Server::new(well_and_not_ready(), 10, None, patient());
    for listener in listeners {
        assert!(matches!(listener, Listener::Unix(..)));
        server.listen(listener);
    }
    let shown = Address::Unix(path).to_string();
    assert_is_asked(&[("KEYFOLD_LISTEN", &shown)], &shown).await;
}

/// Also with a certificate that nobody believes.
#[tokio::test]
async fn over_tls() {
    let files = OnDisk::new();
    files.renew();
    let (_server, address) = serve_with(well_and_not_ready(), 10, patient(), Some(open(&files)));
    let (listen, files) = (address.to_string(), files.files());
    let text = |path: &std::path::Path| path.to_str().expect("letters").to_owned();
    let settings = [
        ("KEYFOLD_LISTEN", listen.as_str()),
        ("KEYFOLD_PUBLIC_URL", "https://id.example"),
        ("KEYFOLD_TLS_CERTIFICATE", &text(&files.certificate)),
        ("KEYFOLD_TLS_KEY", &text(&files.key)),
    ];
    assert_is_asked(&settings, &listen).await;
}

#[tokio::test]
async fn whoever_is_not_there_is_told() {
    let (server, address) = serve(well_and_not_ready(), 10, patient());
    server.stop().await;
    let config = config(&[("KEYFOLD_LISTEN", &address.to_string())]);
    let said = ask(&config, &HealthCommand { ready: false, json: false }).await;
    let error = said.expect_err("it is gone").to_string();
    assert!(error.starts_with(&format!("nothing answers on {address}: ")), "{error}");
}
