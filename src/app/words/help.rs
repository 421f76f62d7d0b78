//! What the help page says.

/// Words of the page about passkeys.
#[derive(Debug)]
pub struct Help {
    pub title: &'static str,
    pub lede: &'static str,
    /// Each question and its answer.
    pub questions: &'static [[&'static str; 2]],
    pub messages: &'static str,
    pub messages_lede: &'static str,
    pub still_stuck: &'static str,
    pub still_stuck_text: &'static str,
    pub recover: &'static str,
}
