//! The console: where admins look after the site.
//!
//! Owns: the frame of every page of it, and the one call by which anything is changed there. Only admins
//! get here: the server answers everybody else as if there were no such address (`server::console`).
//!
//! Decision: the pages are rendered on the server, with links and plain GET forms; what acts is a
//! [`DeedButton`](super::deed::DeedButton). Their style is a file of its own. So the console weighs
//! nothing where people sign in.

pub mod events;
pub mod filters;
pub mod insight;
pub mod invitations;
pub mod passkeys;
pub mod relying_parties;
pub mod relying_party;
pub mod settings;
pub mod user;
pub mod users;

use leptos::prelude::*;
use leptos_meta::Link;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use super::answer::Answer;
use super::deed::{Deed, Plan, Question};
use super::not_found::NotFoundPage;
use super::recovery::RecoveryBanner;
use super::ui::icons::Mark;
use super::ui::{Foot, NeedsScript, Sentences, SkipLink, Trouble};
use super::words::words;
use crate::wire::{Admin, Code, ConsoleDeed, Json, Place, Refusal};

/// Does what an admin asks for; what comes back is told once.
#[server(prefix = "/api/console", endpoint = "act", input = Json, output = Answer)]
pub async fn act_in_console(
    deed: ConsoleDeed,
    typed: Vec<String>,
) -> Result<Option<String>, Refusal> {
    crate::server::Visit::current()?.act_in_console(deed, typed).await
}

/// The console itself: its first place.
#[component]
pub fn ConsolePage() -> impl IntoView {
    view! { <Redirect path=Place::ALL[0].path() /> }
}

/// What can go wrong in the console beside what can in every ceremony.
const WHAT_CAN_GO_WRONG: &[Code] = &[
    Code::StaleSignIn,
    Code::NoPasskeyLeft,
    Code::NotFound,
    Code::LastAdmin,
    Code::InvitationInvalid,
    Code::RelyingPartyInvalid,
    Code::RpIdInvalid,
    Code::ApiKeyInvalid,
];

/// What is around every page of the console: who looks at it, the rail of places, and the foot.
#[component]
pub fn Console(
    /// Where the page is.
    place: Place,
    children: Children,
) -> impl IntoView {
    let say = &words().console;
    let called = use_context::<Admin>().map(|admin| admin.called);
    view! {
        <Link rel="stylesheet" href="/console.css" />
        <SkipLink />
        <header class="bar">
            <a class="mark" href="/console" aria-label=say.title><Mark /><span>{say.title}</span></a>
            <a class="who" href="/account">{called}</a>
        </header>
        <div class="console">
            <nav aria-label=say.title>
                <ul role="list">
                    {Place::ALL.map(|other| view! { <PlaceItem place=other is_here=other == place /> }).collect_view()}
                </ul>
            </nav>
            <main id="main" class="column">
                <Done />
                <RecoveryBanner />
                {children()}
                <NeedsScript to=say.needs />
                <Sentences also=said_later() signed_in=true more=WHAT_CAN_GO_WRONG />
            </main>
        </div>
        <Foot />
    }
}

/// A deed of the console: `key` tells it from the others of the page, the label stands on the button and
/// above what the dialog says; `next` is the page that comes when it is done.
pub fn console_plan(key: &str, deed: ConsoleDeed, label: &str, text: String, next: &str) -> Plan {
    Plan::new(key, Deed::Console(deed), label, Question::new(label, text, label), next)
}

/// What dialogs of the console say beside that.
fn said_later() -> Vec<(&'static str, String)> {
    let say = &words().console;
    let texts = [("told-once", say.told_once), ("copy", say.copy), ("close", say.close)];
    texts.map(|(id, text)| (id, text.to_owned())).into()
}

#[component]
fn PlaceItem(place: Place, is_here: bool) -> impl IntoView {
    let name = (words().console.place)(place);
    view! {
        <li><a href=place.path() aria-current=is_here.then_some("page")>{name}</a></li>
    }
}

/// What was done on the page before; the focus begins here.
#[component]
fn Done() -> impl IntoView {
    let what = use_query_map().with_untracked(|query| query.get("done"));
    let done = what.as_deref().and_then(words().console.done);
    done.map(
        |done| view! { <p class="notice done" role="status" tabindex="-1" autofocus>{done}</p> },
    )
}

/// A page of the console that could not be made. What is not there looks like every address that leads
/// nowhere.
#[component]
pub fn NoPage(refusal: Refusal) -> impl IntoView {
    match refusal.code {
        Code::NotFound => view! { <NotFoundPage /> }.into_any(),
        _ => view! { <Trouble refusal /> }.into_any(),
    }
}
