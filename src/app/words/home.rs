//! What the first page says.

/// Words of the first page.
#[derive(Debug)]
pub struct Home {
    pub title: &'static str,
    pub heading: &'static str,
    pub lede: &'static str,
    /// Three reasons: each what it is, and what that means.
    pub points: [[&'static str; 2]; 3],
}
