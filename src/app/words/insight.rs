//! What the console says of how many get through.

use crate::wire::Dimension;

/// Words of the insight.
#[derive(Debug)]
pub struct Insight {
    pub title: &'static str,
    pub lede: &'static str,
    pub nothing: &'static str,
    pub span: &'static str,
    /// Takes a number of days.
    pub last_days: fn(u32) -> String,
    pub kind: &'static str,
    pub registrations: &'static str,
    pub authentications: &'static str,
    pub funnel: &'static str,
    /// What the three stages are.
    pub funnel_text: &'static str,
    pub offered: &'static str,
    pub begun: &'static str,
    pub finished: &'static str,
    pub share: &'static str,
    pub days: &'static str,
    pub day: &'static str,
    /// Of a chart, for whoever cannot see it.
    pub in_table: &'static str,
    pub dimension: fn(Dimension) -> &'static str,
    pub refusals: &'static str,
    pub no_refusals: &'static str,
    pub browser_errors: &'static str,
    pub no_browser_errors: &'static str,
    pub reason: &'static str,
    pub count: &'static str,
    pub others: &'static str,
    pub as_table: &'static str,
    pub as_csv: &'static str,
}
