//! By what means somebody comes to a ceremony, as far as it helps to see where people get stuck.
//!
//! Refuses to know: versions, addresses, and anything else by which one browser differs from the next
//! one of its family.

use crate::wire::Mediation;

/// How the browser was to ask, and which families system and browser belong to. None: it was not said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// How the browser was to ask.
    pub mediation: Option<Mediation>,
    /// Such as "Windows".
    pub system: Option<&'static str>,
    /// Such as "Firefox".
    pub browser: Option<&'static str>,
}

/// What all others are called.
const ANOTHER: &str = "other";

impl Circumstances {
    /// Takes what a browser and a system are called in full.
    pub fn of(browser: Option<&str>, system: Option<&str>) -> Self {
        Self {
            mediation: None,
            browser: browser.map(browser_family),
            system: system.map(system_family),
        }
    }

    /// The same, where the browser was to ask like this.
    #[must_use]
    pub fn asked_by(self, mediation: Option<Mediation>) -> Self {
        Self { mediation, ..self }
    }
}

fn system_family(system: &str) -> &'static str {
    match system {
        "iPhone" | "iPad" | "iPod" | "iOS" => "iOS",
        "Mac OSX" | "Mac OS Classic" => "macOS",
        "Android" => "Android",
        "ChromeOS" => "ChromeOS",
        "Linux" => "Linux",
        windows if windows.starts_with("Windows") && !windows.contains("Phone") => "Windows",
        _ => ANOTHER,
    }
}

fn browser_family(browser: &str) -> &'static str {
    match browser {
        "Chrome" => "Chrome",
        "Safari" => "Safari",
        "Firefox" => "Firefox",
        "Edge" => "Edge",
        "Opera" => "Opera",
        "SamsungBrowser" => "Samsung Internet",
        _ => ANOTHER,
    }
}

/// As the table says it.
pub(super) fn mediation_code(mediation: Mediation) -> &'static str {
    match mediation {
        Mediation::Conditional => "conditional",
        Mediation::Modal => "modal",
        Mediation::Immediate => "immediate",
    }
}

#[cfg(test)]
mod tests {
    use super::Circumstances;

    #[test]
    fn families_are_coarse() {
        let families = |browser, system| {
            let known = Circumstances::of(Some(browser), Some(system));
            (known.browser.unwrap_or_default(), known.system.unwrap_or_default())
        };
        assert_eq!(families("Chrome", "Windows 10"), ("Chrome", "Windows"));
        assert_eq!(families("Safari", "iPad"), ("Safari", "iOS"));
        assert_eq!(families("SamsungBrowser", "Android"), ("Samsung Internet", "Android"));
        assert_eq!(families("Googlebot", "Windows Phone OS"), ("other", "other"));
        assert_eq!(Circumstances::of(None, None), Circumstances::default());
    }
}
