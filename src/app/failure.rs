//! What is done when the browser fails in a ceremony: the person is told, and the server.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::answer::Answer;
use crate::wire::{Begun, Failure, Json, Refusal, Report};

/// Tells the server what the browser said, so that its record of the ceremony can be found by the
/// reference that the person was shown.
#[server(prefix = "/api", endpoint = "report_failure", input = Json, output = Answer)]
pub async fn report_failure(report: Report) -> Result<(), Refusal> {
    crate::server::Visit::current()?.report_failure(report).await
}

/// What the person is told; the server is told meanwhile. That one calls it off oneself is not worth
/// telling.
pub(super) fn failed(begun: &Begun, failure: Failure) -> Refusal {
    let refusal =
        Refusal { code: failure.code(), reference: Some(begun.reference.clone()), signal: None };
    if failure.error != "AbortError" {
        let report = Report { ceremony: begun.id.clone(), failure };
        spawn_local(async move {
            // Where the server cannot be told, the person is told all the same.
            let _: Result<(), Refusal> = report_failure(report).await;
        });
    }
    refusal
}
