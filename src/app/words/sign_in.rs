//! What the sign-in page says.

/// Words of the sign-in page.
#[derive(Debug)]
pub struct SignIn {
    pub title: &'static str,
    pub username: &'static str,
    pub hint: &'static str,
    pub button: &'static str,
    pub other_ways: &'static str,
    pub security_key: &'static str,
    pub phone: &'static str,
    pub done: &'static str,
    pub new_here: &'static str,
    pub needs: &'static str,
}
