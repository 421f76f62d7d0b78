//! What has happened, each with the ceremony in which it did.

use leptos::prelude::*;
use leptos_meta::Title;

use super::filters::{Choice, Filters, Pages, PartyFilter, Typed, asked};
use super::passkeys::shown;
use super::users::in_query;
use super::{Console, NoPage};
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{
    CeremonyView, EventLine, EventSearch, FoundEvents, Json, Place, Refusal, StepKind,
};

const KINDS: [&str; 4] = ["registration", "authentication", "refusal", "removal"];

/// A page of the events that are looked for.
#[server(prefix = "/api/console", endpoint = "look_up_events", input = Json, output = Json)]
pub async fn look_up_events(search: EventSearch) -> Result<FoundEvents, Refusal> {
    crate::server::Visit::current()?.service_events(search).await
}

#[component]
pub fn EventsPage() -> impl IntoView {
    let search = EventSearch {
        kind: asked("kind"),
        user: asked("user"),
        reference: asked("reference"),
        party: asked("party"),
        before: asked("before").parse().unwrap_or_default(),
    };
    let found = look_up_events(search.clone());
    view! {
        <Title text=words().service.events.title />
        <Await future=found blocking=true let:found>
            {match found.clone() {
                Ok(found) => view! { <Found found search=search.clone() /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Found(found: FoundEvents, search: EventSearch) -> impl IntoView {
    let (say, service) = (&words().service.events, &words().service);
    let FoundEvents { events, next, parties } = found;
    let kinds = KINDS.map(|kind| (kind.to_owned(), (say.kinds)(kind).to_owned())).to_vec();
    let query = in_query(&[
        ("kind", search.kind.as_str()),
        ("user", &search.user),
        ("reference", &search.reference),
        ("party", &search.party),
    ]);
    let is_narrowed = !query.is_empty();
    // Whoever looks for one thing wants to see all of it.
    let is_one = events.len() == 1 && !search.reference.is_empty();
    let items = events.into_iter().map(|event| view! { <EventItem event is_open=is_one /> });
    let items = items.collect_view();
    let none = if is_narrowed { say.none_found } else { say.none };
    let next = next.map(|next| next.to_string());
    view! {
        <Console place=Place::Events>
            <h1>{say.title}</h1>
            <p class="lede">{say.lede}</p>
            <Filters to=Place::Events.path()>
                <Typed name="reference" label=say.reference value=search.reference.clone() />
                <Choice name="kind" label=say.kind words=kinds chosen=search.kind.clone() />
                <Typed name="user" label=service.user value=search.user.clone() hint=service.user_hint />
                <PartyFilter parties chosen=search.party.clone() />
            </Filters>
            {if items.is_empty() {
                view! { <p class="empty">{none}</p> }.into_any()
            } else {
                view! { <ul class="list events" role="list">{items}</ul> }.into_any()
            }}
            <Pages to=Place::Events.path() query place="before" next is_later={search.before > 0} />
        </Console>
    }
}

#[component]
fn EventItem(event: EventLine, is_open: bool) -> impl IntoView {
    let say = &words().service.events;
    let kind = event.kind.as_deref().map_or(say.nothing_came, say.kinds);
    let refused = event.ceremony.as_ref().and_then(|ceremony| {
        ceremony.steps.iter().find_map(|step| match &step.what {
            StepKind::Refused { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    });
    view! {
        <li>
            <div>
                <strong>{kind}</strong>
                <p class="meta">
                    {refused.map(|reason| view! { <span class="tag">{reason}</span> })}
                    <span>{time(event.at)}</span>
                    {event.holder.map(|holder| view! { <span>{shown(holder)}</span> })}
                    <span>{event.party}</span>
                    <span>{say.reference} " " <code>{event.reference}</code></span>
                </p>
                {event.passkey.map(|id| view! { <p class="meta"><span>{say.passkey} " " <code>{id}</code></span></p> })}
                {event.ceremony.map(|ceremony| view! { <Ceremony ceremony is_open /> })}
            </div>
        </li>
    }
}

/// The way through a ceremony.
#[component]
fn Ceremony(ceremony: CeremonyView, is_open: bool) -> impl IntoView {
    let (say, service) = (&words().service.events, &words().service);
    let purpose = ceremony.purpose.as_deref().and_then(service.purpose);
    let mediation = ceremony.mediation.as_deref().and_then(service.mediation);
    let what = purpose.unwrap_or_else(|| (say.kinds)(&ceremony.kind));
    let means =
        [ceremony.browser, ceremony.system, mediation.map(str::to_owned), ceremony.authenticator];
    let means: Vec<String> = means.into_iter().flatten().collect();
    let steps = ceremony.steps.into_iter().map(|step| {
        let (exact, readable) = (step.at.exact, step.at.readable);
        view! {
            <li><time datetime=exact>{readable}</time> " " {(say.step)(&step.what)}</li>
        }
    });
    view! {
        <details open=is_open>
            <summary>{say.ceremony} ": " {what}</summary>
            <ol class="timeline">{steps.collect_view()}</ol>
            {(!means.is_empty()).then(|| view! { <p class="meta">{say.by} ": " {means.join(", ")}</p> })}
        </details>
    }
}
