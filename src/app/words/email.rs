//! What is said where people look after their e-mail addresses, and where they verify one.

/// Words of a person's e-mail addresses.
#[derive(Debug)]
pub struct Email {
    pub heading: &'static str,
    pub lede: &'static str,
    pub none: &'static str,
    pub verified: &'static str,
    pub not_verified: &'static str,
    pub address: &'static str,
    pub add: &'static str,
    pub add_text: &'static str,
    pub add_button: &'static str,
    /// Where there are as many as there may be.
    pub enough: &'static str,
    pub remove: &'static str,
    pub remove_title: &'static str,
    /// Takes the address.
    pub remove_text: fn(&str) -> String,
    pub resend: &'static str,
    pub resend_title: &'static str,
    /// Takes the address.
    pub resend_text: fn(&str) -> String,
    pub resend_button: &'static str,
    pub verify_title: &'static str,
    pub verify_text: &'static str,
    pub verify_button: &'static str,
    pub verified_title: &'static str,
    pub verified_text: &'static str,
    pub to_the_account: &'static str,
    /// What needs JavaScript, as the beginning of a sentence.
    pub needs: &'static str,
}
