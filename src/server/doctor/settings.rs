//! Settings that are sound one by one, and do not go together.

use std::collections::BTreeSet;

use super::Finding;
use crate::server::config::Config;
use crate::server::web_origin::WebOrigin;

/// How many different names related origins may have at the least in every browser (WebAuthn Level 3,
/// §5.11.1).
const MOST_LABELS: usize = 5;

/// What is worth saying about these settings; none of it is that all is well.
pub fn findings(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(public_url(config));
    found.extend(trusted_proxies(config));
    found.extend(related_origins(config));
    found.extend(sessions(config));
    found.extend(for_tests_only(config));
    found
}

fn public_url(config: &Config) -> Option<Finding> {
    let open = config.listening.open_to_others().filter(|_| !config.public_url.is_secure());
    open.map(|address| {
        let says = format!(
            "public_url is {}, which works on this machine only, and Keyfold listens on {address} for others",
            config.public_url.origin(),
        );
        let why = "others who open it get pages on which no passkey works";
        let line = config.in_force.line_to_say("public_url", "https://your.domain");
        Finding::advice("public_url", says, why).fixed_by(line)
    })
}

fn trusted_proxies(config: &Config) -> Vec<Finding> {
    let everyone = config.trusted_proxies.iter().filter(|network| network.prefix_len() == 0);
    let finding = |network: &ipnet::IpNet| {
        let says = format!("trusted_proxies has {network}, which is everybody");
        let why = "whoever asks may say which address they come from, and no rate limit holds";
        let line = config.in_force.line_to_say("trusted_proxies", "127.0.0.1");
        Finding::wrong("trusted_proxies", says, why).fixed_by(line)
    };
    everyone.map(finding).collect()
}

fn related_origins(config: &Config) -> Vec<Finding> {
    let related = &config.related_origins;
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([config.public_url.origin()]);
    for origin in related.iter().map(WebOrigin::origin) {
        if !seen.insert(origin) {
            let says = format!("related_origins names {origin}, which is there already");
            let why = "it does no harm, and no good";
            let rest: Vec<&str> = seen.iter().skip(1).copied().collect();
            let line = config.in_force.line_to_say("related_origins", &rest.join(","));
            found.push(Finding::advice("related_origins", says, why).fixed_by(line));
        }
    }
    let labels: BTreeSet<&str> = related.iter().map(|origin| label(origin.host())).collect();
    if labels.len() > MOST_LABELS {
        let says = format!("related_origins has {} different names", labels.len());
        let why = "browsers look at the first five names, and passkeys do not work on the rest";
        let names: Vec<&str> = labels.iter().copied().take(MOST_LABELS).collect();
        let kept = related.iter().filter(|origin| names.contains(&label(origin.host())));
        let kept: Vec<&str> = kept.map(WebOrigin::origin).collect();
        let line = config.in_force.line_to_say("related_origins", &kept.join(","));
        found.push(Finding::wrong("related_origins", says, why).fixed_by(line));
    }
    found
}

/// About what browsers count: the name below the public suffix, whose list is not here.
fn label(host: &str) -> &str {
    host.rsplit('.').nth(1).unwrap_or(host)
}

fn sessions(config: &Config) -> Option<Finding> {
    (config.session_idle > config.session_absolute).then(|| {
        let hours = config.session_absolute.as_secs() / 3600;
        let says = "session_idle_hours is longer than session_days";
        let why = "sessions end after session_days in any case";
        let line = config.in_force.line_to_say("session_idle_hours", &hours.to_string());
        Finding::advice("sessions", says, why).fixed_by(line)
    })
}

fn for_tests_only(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if config.rate_limits.is_none() {
        let why = "anyone may try as often as they like; this is for benchmarks and tests only";
        let line = config.in_force.line_to_say("rate_limits", "on");
        found.push(Finding::wrong("rate_limits", "rate limits are off", why).fixed_by(line));
    }
    if config.test_clock.is_some() {
        let why = "expired sessions can be revived; this is for tests only";
        let line = "unset KEYFOLD_TEST_CLOCK";
        let says = "the clock can be moved by a file";
        found.push(Finding::wrong("test_clock", says, why).fixed_by(line));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::server::config::Config;

    fn found(settings: &[(&str, &str)]) -> Vec<String> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config = Config::read(None, settings.collect()).expect("sound");
        findings(&config).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn sound_settings_are_passed_over_in_silence() {
        assert_eq!(found(&[]), Vec::<String>::new());
        let behind_a_proxy = [
            ("KEYFOLD_PUBLIC_URL", "https://id.example"),
            ("KEYFOLD_LISTEN", "0.0.0.0:8080"),
            ("KEYFOLD_TRUSTED_PROXIES", "10.0.0.0/8"),
            ("KEYFOLD_RELATED_ORIGINS", "https://a.example,https://b.example"),
        ];
        assert_eq!(found(&behind_a_proxy), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_go_together_is_told_with_the_line_to_change() {
        for (settings, wanted) in [
            (("KEYFOLD_TRUSTED_PROXIES", "::/0"), "→ KEYFOLD_TRUSTED_PROXIES=127.0.0.1"),
            (("KEYFOLD_RATE_LIMITS", "off"), "→ KEYFOLD_RATE_LIMITS=on"),
            (("KEYFOLD_LISTEN", "0.0.0.0:80"), "→ KEYFOLD_PUBLIC_URL=https://your.domain"),
            (("KEYFOLD_SESSION_IDLE_HOURS", "800"), "→ KEYFOLD_SESSION_IDLE_HOURS=720"),
            (("KEYFOLD_TEST_CLOCK", "/clock"), "→ unset KEYFOLD_TEST_CLOCK"),
            (("KEYFOLD_RELATED_ORIGINS", "https://a.example,https://a.example"), "there already"),
        ] {
            let said = found(&[settings]).join("");
            assert!(said.contains(wanted), "{wanted} in {said}");
        }
        let many: Vec<String> = ('a'..'h').map(|name| format!("https://{name}.example")).collect();
        let said = found(&[("KEYFOLD_RELATED_ORIGINS", &many.join(","))]).join("");
        assert!(said.contains("7 different names"), "{said}");
        assert!(said.contains("→ KEYFOLD_RELATED_ORIGINS=https://a.example"), "{said}");
    }
}
