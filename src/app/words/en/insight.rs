//! The insight in English.

use crate::app::words::Insight;
use crate::wire::Dimension;

pub(super) const INSIGHT: Insight = Insight {
    title: "Insight",
    lede: "How many get through, and where the others stop. Ceremonies are counted by the day on which they began (UTC); nobody can be told from it.",
    nothing: "No ceremony began in this time. Sign-ups and sign-ins are counted here as they happen.",
    span: "Time",
    last_days: |days| format!("The last {days} days"),
    kind: "Ceremony",
    registrations: "Registrations",
    authentications: "Authentications",
    funnel: "From offered to finished",
    funnel_text: "Offered: options were given, such as with the sign-in page, to whoever opened it. Begun: the browser was asked for a passkey, and said so: it answered or failed. Who only looks, or cancels with our own button, has not begun. Finished: the answer passed.",
    offered: "Offered",
    begun: "Begun",
    finished: "Finished",
    share: "Finished of begun",
    days: "Over time",
    day: "Day",
    in_table: "The numbers stand in the table beneath.",
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
