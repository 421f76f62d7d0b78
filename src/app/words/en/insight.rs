//! The insight in English.

use crate::app::words::Insight;
use crate::wire::Dimension;

pub(super) const INSIGHT: Insight = Insight {
    title: "Insight",
    lede: "How many get through, and where the others stop. Ceremonies count towards the day they began (UTC); nobody can be identified from the numbers.",
    nothing: "No ceremony began in this time. Registrations and authentications are counted here as they happen.",
    span: "Time",
    last_days: |days| format!("The last {days} days"),
    kind: "Ceremony",
    registrations: "Registrations",
    authentications: "Authentications",
    funnel: "From offered to finished",
    funnel_text: "Offered: options were issued, for example to everybody who opened the sign-in page. Begun: the browser was asked for a passkey and reported back, with an answer or an error. People who only look, or cancel with our own button, have not begun. Finished: the answer was accepted.",
    offered: "Offered",
    begun: "Begun",
    finished: "Finished",
    share: "Completion rate",
    days: "Over time",
    day: "Day",
    in_table: "The numbers are in the table below.",
    dimension: |dimension| match dimension {
        Dimension::Purpose => "What for",
        Dimension::Mediation => "How the browser asked",
        Dimension::System => "System",
        Dimension::Browser => "Browser",
        Dimension::Authenticator => "Where the passkey is kept",
    },
    refusals: "Why answers were refused",
    no_refusals: "No answer was refused.",
    browser_errors: "Why browsers failed",
    no_browser_errors: "No browser failed.",
    reason: "Reason",
    count: "How often",
    others: "All others",
    as_table: "The numbers",
    as_csv: "Download as CSV",
};
