//! What happened at a relying party.

use axum::extract::State;
use axum::response::Response;

use super::caller::BackEnd;
use super::extract::{Cursor, Page};
use super::paging::with_next;
use super::problem::Problem;
use super::view::{EventView, List};
use crate::server::passkeys::Event;
use crate::server::site::Site;

/// List what happened
///
/// Newest first: registrations, authentications, refusals and removals of the last 30 days. The reference of
/// a refusal is the one in its problem.
#[utoipa::path(get, path = "/v1/events", operation_id = "listEvents", tag = "Management",
    params(("limit" = Option<u32>, Query, description = "How many", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, description = "The events", body = List<EventView>,
        headers(("Link" = String, description = "`rel=\"next\"`: the next page")))))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: BackEnd,
    page: Page,
) -> Result<Response, Problem> {
    let before = match &page.cursor {
        // One with a number is of another list.
        Some(cursor) if cursor.number != 0 => return Err(Cursor::unreadable()),
        cursor => cursor.as_ref().map(|cursor| cursor.text.as_str()),
    };
    let events = site.passkeys.events(caller.party(), before, page.limit + 1).await?;
    let place = |last: &Event| Cursor { number: 0, text: last.name() };
    let list: List<EventView> = List::of(events, page.limit, place);
    Ok(with_next(&site, &page, list))
}
