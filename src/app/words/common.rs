//! What every page may say.

/// Words of every page.
#[derive(Debug)]
pub struct Common {
    /// What passkeys are, in one line.
    pub what_passkeys_are: &'static str,
    pub skip_to_content: &'static str,
    pub foot: &'static str,
    pub help: &'static str,
    /// The name of the place where the language is chosen.
    pub language: &'static str,
    pub something_went_wrong: &'static str,
    /// Before the reference id.
    pub reference: &'static str,
    pub sign_in: &'static str,
    pub create_an_account: &'static str,
    pub cancel: &'static str,
    pub waiting_for_your_device: &'static str,
    pub one_moment: &'static str,
    /// After what cannot be done without it.
    pub needs_javascript: &'static str,
    pub could_not_start: &'static str,
    pub not_found_title: &'static str,
    pub not_found_heading: &'static str,
    pub not_found: &'static str,
    pub to_the_first_page: &'static str,
}
