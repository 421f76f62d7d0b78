//! What is said in e-mail: plain text, in lines short enough for every mail program.

/// Words of e-mail.
#[derive(Debug)]
pub struct Mail {
    /// Takes the name of the site.
    pub verification_subject: fn(&str) -> String,
    /// Takes the username, the name of the site and the link.
    pub verification: fn(&str, &str, &str) -> String,
    /// Takes the passkey.
    pub passkey_added: Told,
    /// Takes the passkey.
    pub passkey_removed: Told,
    pub new_browser: Told,
    /// Takes the time when the delay is over.
    pub recovery_begun: Told,
    pub recovery_done: Told,
    /// Before the time.
    pub when: &'static str,
    /// Before the browser, the system and the network.
    pub whence: &'static str,
    /// The subject of the mail by which the operator tries the SMTP server; takes the name of the site.
    pub test_subject: fn(&str) -> String,
    pub test: &'static str,
}

/// How something that happened is told.
#[derive(Debug)]
pub struct Told {
    /// Takes the name of the site.
    pub subject: fn(&str) -> String,
    /// Takes the username, the name of the site, and what it is about.
    pub text: fn(&str, &str, &str) -> String,
    /// What to do if it was not you; an address follows.
    pub not_you: &'static str,
}
