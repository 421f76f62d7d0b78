//! Settings: what is taken, and how faults are told.

use std::path::PathBuf;

use super::{Config, Faults, Places, Setting};

fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, Faults> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path: PathBuf = folder.path().join("Leptos.toml");
    std::fs::write(&path, file).expect("the file can be written");
    let environment =
        environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Config::read(Some(&path), environment.collect())
}

fn listens(config: &Config) -> Vec<String> {
    config.listening.addresses.iter().map(ToString::to_string).collect()
}

fn problems(file: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let faults = read(file, environment).expect_err("these settings are wrong").0;
    faults
        .into_iter()
        .map(|fault| {
            format!("{}: {}", fault.place.rsplit('/').next().unwrap_or_default(), fault.problem)
        })
        .collect()
}

#[test]
fn nothing_needs_to_be_set() {
    let config = read("", &[]).expect("the defaults are sound");
    assert_eq!(listens(&config), ["127.0.0.1:8080"]);
    assert_eq!(config.public_url.origin(), "http://localhost:8080");
    assert_eq!(config.public_url.host(), "localhost");
    assert!(!config.public_url.is_secure());
    assert_eq!(config.data_dir, PathBuf::from("./data"));
    assert!(config.rate_limits.is_some());
}

#[test]
fn the_file_that_ships_says_the_defaults() {
    let shipped = std::fs::read_to_string("Leptos.toml").expect("Leptos.toml is there");
    assert!(read(&shipped, &[]).is_ok());
    let switched_on: String = shipped
        .lines()
        .map(|line| line.strip_prefix("#= ").unwrap_or(line).to_owned() + "\n")
        .collect();
    let (plain, on) = (read("", &[]).expect("sound"), read(&switched_on, &[]).expect("sound"));
    assert_eq!(format!("{plain:?}"), format!("{on:?}"));
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = read(
        "public_url = \"https://a.example\"\nbegins_per_minute = 7",
        &[("KEYFOLD_PUBLIC_URL", "https://b.example:8443/")],
    );
    let config = config.expect("sound");
    assert_eq!(config.public_url.origin(), "https://b.example:8443");
    assert!(config.public_url.is_secure());
    assert_eq!(config.rate_limits.map(|limits| limits.begins_per_minute), Some(7));
}

#[test]
fn all_faults_are_told_at_once_each_with_its_line() {
    let found = problems(
        "# mine\nlisten = \"here\"\npublic_url = \"http://example.com\"\ncolour = \"red\"\nlog = true",
        &[("KEYFOLD_RATE_LIMITS", "maybe")],
    );
    assert_eq!(
        found,
        [
            "Leptos.toml, line 2: listen must be an IP address and a port, unix: and the path of a socket, or a list of these",
            "Leptos.toml, line 3: public_url must be https: browsers offer passkeys over http on localhost only",
            "KEYFOLD_RATE_LIMITS: rate_limits must be on or off",
            "Leptos.toml, line 5: log must be a text, a whole number, or a list of texts",
            "Leptos.toml, line 4: there is no setting \"colour\"",
        ]
    );
}

#[test]
fn a_fault_says_what_would_be_right() {
    let faults = read("", &[("KEYFOLD_LISTEN", "8080")]).expect_err("not an address");
    assert!(faults.to_string().contains("for example: KEYFOLD_LISTEN=127.0.0.1:8080"), "{faults}");
}

#[test]
fn a_public_url_is_one_secure_origin() {
    for bad in [
        "example.com",
        "ftp://example.com",
        "http://example.com",
        "https://*.example.com",
        "https://10.0.0.1",
        "http://127.0.0.1:8080",
        "https://example.com/path",
        "https://example.com/?q",
        "https://u@example.com",
        "",
        "https://example.com.",
        "https://a..example.com",
        "https://-a.example.com",
    ] {
        let found = read(&format!("public_url = {bad:?}"), &[]);
        assert!(found.is_err(), "{bad}");
    }
    for good in [
        "http://localhost",
        "http://app.localhost:81",
        "https://example.com",
        "https://EXAMPLE.com/",
    ] {
        assert!(read(&format!("public_url = {good:?}"), &[]).is_ok(), "{good}");
    }
}

#[test]
fn e_mail_is_off_until_a_server_is_named() {
    assert!(read("", &[]).expect("sound").mail.is_none());
    let sender = [("KEYFOLD_MAIL_FROM", "Keyfold <keys@example.com>")];
    assert!(read("", &sender).expect("sound").mail.is_none());
    for good in [
        "smtp://localhost:2525",
        "smtp://mail.example",
        "smtp://mail.example:587?tls=opportunistic",
        "smtp://ada:hunter2@localhost",
        "smtp://ada%40example.com:hunter2%2F@mail.example:587?tls=required",
        "smtps://ada:hunter2@mail.example/",
        "smtp://[::1]:2525",
    ] {
        let config = read(&format!("smtp_url = {good:?}"), &[]).expect(good);
        assert!(config.mail.is_some(), "{good}");
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    }
}

#[test]
fn a_wrong_smtp_url_is_told_without_its_password() {
    for (bad, why) in [
        ("mail.example", "is not a URL"),
        ("https://ada:hunter2@mail.example", "must begin with smtp:// or smtps://"),
        ("smtp:ada:hunter2", "must name the host"),
        ("smtp://ada@mail.example?tls=required", "both a user and a password"),
        ("smtp://:hunter2@mail.example?tls=required", "both a user and a password"),
        ("smtp://ada:hunter2@mail.example:587", "add ?tls=required"),
        ("smtp://ada:hunter2@mail.example?tls=opportunistic", "add ?tls=required"),
        ("smtp://ada:hunter2@mail.example?tls=hunter2", "may end with ?tls="),
        ("smtp://ada:hunter2@mail.example/hunter2?tls=required", "nothing after the host"),
        ("smtp://ada:hunter2%ff@mail.example?tls=required", "%40"),
    ] {
        let faults = read("", &[("KEYFOLD_SMTP_URL", bad)]).expect_err(bad).to_string();
        assert!(faults.contains("KEYFOLD_SMTP_URL: smtp_url ") && faults.contains(why), "{faults}");
        assert!(!faults.contains("hunter2"), "{faults}");
    }
    assert!(problems("mail_from = \"nobody\"", &[])[0].contains("must be an e-mail address"));
}

#[test]
fn proxies_are_networks_or_single_addresses() {
    let config = read("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]", &[]).expect("sound");
    assert_eq!(config.trusted_proxies.len(), 2);
    assert!(read("trusted_proxies = [\"everyone\"]", &[]).is_err());
}

#[test]
fn a_file_that_is_not_toml_is_told_with_its_line() {
    assert!(
        problems("listen = \"127.0.0.1:1\"\n= 3", &[])[0]
            .starts_with("Leptos.toml, line 2: is not TOML")
    );
}

#[test]
fn a_variable_that_is_no_setting_is_told() {
    assert_eq!(
        problems("", &[("KEYFOLD_PUBLIC_ULR", "https://id.example")]),
        ["KEYFOLD_PUBLIC_ULR: there is no such setting"]
    );
    let of_kubernetes =
        [("KEYFOLD_PORT", "tcp://10.0.0.1:80"), ("KEYFOLD_SERVICE_HOST", "10.0.0.1")];
    assert!(read("", &of_kubernetes).is_ok());
    assert!(read("", &[("PATH", "/bin")]).is_ok());
}

#[test]
fn a_log_filter_is_a_level_or_names_its_modules() {
    for good in ["info", "debug", "off", "info,keyfold::server::passkeys=debug"] {
        assert!(read("", &[("KEYFOLD_LOG", good)]).is_ok(), "{good}");
    }
    for bad in ["inf", "loud", "keyfold"] {
        assert!(read("", &[("KEYFOLD_LOG", bad)]).is_err(), "{bad}");
    }
}

fn look(file: &str, environment: &[(&str, &str)], options: Places<'_>) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("Leptos.toml");
    std::fs::write(&path, file).expect("the file can be written");
    let environment =
        environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let places = Places { file: Some(&path), environment: environment.collect(), ..options };
    let (in_force, _) = Config::look(places);
    let said = |setting: &Setting| {
        let origin = setting.origin.to_string();
        let origin = origin.rsplit('/').next().unwrap_or_default().to_owned();
        format!("{} = {} ({origin})", setting.key, setting.value)
    };
    in_force.all().iter().map(said).collect()
}

#[test]
fn each_setting_in_force_says_where_it_comes_from() {
    let file = "# mine\nsite_name = \"Example\"\nbegins_per_minute = 7\ntrusted_proxies = [\"::1\", \"10.0.0.0/8\"]\nlog = \"debug\"";
    let environment = [("KEYFOLD_LOG", "warn"), ("KEYFOLD_TEST_CLOCK", "/clock")];
    let flag = "--accept-stranded-passkeys";
    let options = vec![("accept_stranded_passkeys", flag, "old.example".to_owned())];
    let found = look(file, &environment, Places { options, ..Places::default() });
    for wanted in [
        "listen = 127.0.0.1:8080 (default)",
        "site_name = Example (Leptos.toml, line 2)",
        "begins_per_minute = 7 (Leptos.toml, line 3)",
        "trusted_proxies = ::1,10.0.0.0/8 (Leptos.toml, line 4)",
        "log = warn (KEYFOLD_LOG)",
        "test_clock = /clock (KEYFOLD_TEST_CLOCK)",
        "accept_stranded_passkeys = old.example (--accept-stranded-passkeys)",
        "smtp_url =  (default)",
    ] {
        assert!(found.iter().any(|line| line == wanted), "{wanted} in {found:#?}");
    }
}

#[test]
fn secrets_are_not_among_the_settings_in_force() {
    for (file, environment) in [
        ("smtp_url = \"smtps://ada:hunter2@mail.example\"", vec![]),
        ("", vec![("KEYFOLD_SMTP_URL", "smtps://ada:hunter2@mail.example")]),
        ("", vec![("KEYFOLD_SMTP_URL", "hunter2")]),
    ] {
        let found = look(file, &environment, Places::default()).join("\n");
        assert!(found.contains("smtp_url = set (") && !found.contains("hunter2"), "{found}");
    }
}

#[test]
fn all_that_can_be_told_is_told_even_where_something_is_wrong() {
    let found = look("listen = \"here\"\nlog = true", &[], Places::default());
    assert!(found.iter().any(|line| line == "listen = here (Leptos.toml, line 1)"), "{found:#?}");
    assert!(found.iter().any(|line| line == "session_days = 30 (default)"), "{found:#?}");
    assert!(look("= 3", &[], Places::default()).len() > 10);
}

#[test]
fn hosts_that_are_left_behind_are_named() {
    let config = read("accept_stranded_passkeys = [\"a.example\", \"localhost\"]", &[]);
    assert_eq!(config.expect("sound").accept_stranded_passkeys, ["a.example", "localhost"]);
    for bad in ["https://a.example", "A.example", "a.example:8443", "*", "10.0.0.1"] {
        assert!(read("", &[("KEYFOLD_ACCEPT_STRANDED_PASSKEYS", bad)]).is_err(), "{bad}");
    }
}

#[test]
fn a_server_listens_in_several_places() {
    let list = "listen = [\"127.0.0.1:8080\", \"[::1]:8080\", \"unix:/run/keyfold.sock\"]";
    let config = read(list, &[]).expect("sound");
    assert_eq!(listens(&config), ["127.0.0.1:8080", "[::1]:8080", "unix:/run/keyfold.sock"]);
    assert_eq!(config.listening.unix_socket_mode, 0o660);
    assert!(!config.listening.unix_socket_trusted);
    for bad in ["localhost:80", "unix:here", "unix:", "127.0.0.1", ","] {
        assert!(read("", &[("KEYFOLD_LISTEN", bad)]).is_err(), "{bad}");
    }
    for (bad, mode) in [("0888", false), ("1777", false), ("rw", false), ("0666", true)] {
        assert_eq!(read("", &[("KEYFOLD_UNIX_SOCKET_MODE", bad)]).is_ok(), mode, "{bad}");
    }
}

#[test]
fn a_certificate_needs_its_key() {
    let both = [("KEYFOLD_TLS_CERTIFICATE", "/a.pem"), ("KEYFOLD_TLS_KEY", "/b.pem")];
    assert!(read("", &both).expect("sound").listening.tls.is_some());
    assert_eq!(
        problems("", &both[..1]),
        ["KEYFOLD_TLS_KEY: tls_key must be set, too: tls_certificate is"]
    );
    assert_eq!(
        problems("", &both[1..]),
        ["KEYFOLD_TLS_CERTIFICATE: tls_certificate must be set, too: tls_key is"]
    );
}

#[test]
fn nobody_watches_until_it_is_wanted() {
    let config = read("", &[]).expect("sound");
    assert!(config.metrics_listen.is_none() && config.otlp_endpoint.is_none());
    let wanted =
        [("KEYFOLD_METRICS_LISTEN", "[::1]:9464"), ("KEYFOLD_OTLP_ENDPOINT", "http://here:4318")];
    let config = read("", &wanted).expect("sound");
    assert!(config.metrics_listen.is_some() && config.otlp_endpoint.is_some());
    for bad in ["here:4318", "grpc://here:4317"] {
        assert!(read("", &[("KEYFOLD_OTLP_ENDPOINT", bad)]).is_err(), "{bad}");
    }
}
