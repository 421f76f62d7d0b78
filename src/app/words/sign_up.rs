//! What the sign-up page says.

use crate::wire::Standing;

/// Words of the sign-up page.
#[derive(Debug)]
pub struct SignUp {
    pub title: &'static str,
    pub lede: &'static str,
    pub username: &'static str,
    pub display_name: &'static str,
    pub button: &'static str,
    pub have_an_account: &'static str,
    pub needs: &'static str,
    /// For whoever comes with an invitation.
    pub invited: &'static str,
    /// What is with an invitation that lets nobody in, and what to do now.
    pub invitation_over: fn(Standing) -> [&'static str; 2],
    /// For whoever is to run the site.
    pub setup: &'static str,
    pub setup_lede: &'static str,
}
