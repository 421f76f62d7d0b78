//! What the sign-up page says.

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
}
