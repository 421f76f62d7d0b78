//! How many get through, as admins see it.

use serde::{Deserialize, Serialize};

use super::PartyChoice;

/// How many days can be looked at. At first it is the second of these.
pub const INSIGHT_SPANS: [u32; 4] = [7, 30, 90, 400];

/// Which ceremonies are looked at; empty is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsightScope {
    /// How many days; 0 for as many as are shown at first.
    #[serde(default)]
    pub days: u32,
    /// The id of a relying party.
    #[serde(default)]
    pub party: String,
    /// `registration` or `authentication`.
    #[serde(default)]
    pub kind: String,
}

/// How many ceremonies got how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelLine {
    /// Options were given.
    pub offered: i64,
    /// The browser was asked, and said so.
    pub begun: i64,
    /// The answer passed.
    pub finished: i64,
}

/// By what ceremonies are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// What the ceremony was for.
    Purpose,
    /// How the browser was to ask.
    Mediation,
    /// The family of the system.
    System,
    /// The family of the browser.
    Browser,
    /// Who made the authenticator that answered.
    Authenticator,
}

/// The funnels by one dimension, most offered first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// By what.
    pub by: Dimension,
    /// The word, empty where it was not said, and the funnel.
    pub lines: Vec<(String, FunnelLine)>,
}

/// How often there was what, over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// The chart, as SVG; None where there is nothing to draw.
    pub chart: Option<String>,
    /// What is in the chart by itself, in the order of its colours.
    pub drawn: Vec<String>,
    /// The reason, and how often; most often first.
    pub lines: Vec<(String, i64)>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insight {
    /// What is looked at.
    pub scope: InsightScope,
    /// All together.
    pub total: FunnelLine,
    /// The funnel, as SVG.
    pub funnel: Option<String>,
    /// The funnels over time, as SVG.
    pub days: Option<String>,
    /// The day, and its funnel.
    pub by_day: Vec<(String, FunnelLine)>,
    /// The funnels by each dimension.
    pub breakdowns: Vec<Breakdown>,
    /// Why answers were refused.
    pub refusals: Reasons,
    /// Why browsers failed.
    pub browser_errors: Reasons,
    /// All relying parties.
    pub parties: Vec<PartyChoice>,
}
