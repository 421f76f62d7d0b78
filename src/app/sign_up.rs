//! Signing up: a name, and a passkey instead of a password.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use super::account::look_up_account;
use super::answer::Answer;
use super::ceremony::{Ceremony, Stage};
use super::failure::failed;
use super::ui::{CardPage, NeedsScript, Sentences, Trouble};
use super::words::{rendered, words};
use crate::browser::{self, Signal, Turn};
use crate::wire::{Begun, CeremonyId, Code, Json, Refusal, SignUpPolicy, SitePath};

/// The fields; what they hold is read when the button is pressed.
const NAME: &str = "username";

const DISPLAY_NAME: &str = "display-name";

/// Under what the page has the token of a link, and where it goes on.
const LINK: &str = "link";

const NEXT: &str = "next";

/// Begins a sign-up under this name. The name is reserved for nobody until the end.
/// `link` is the token of the link that somebody came by.
#[server(prefix = "/api", endpoint = "begin_sign_up", input = Json, output = Answer)]
pub async fn begin_sign_up(
    name: String,
    display_name: String,
    #[server(default)] link: String,
) -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_sign_up(&name, &display_name, &link).await
}

/// Finishes a sign-up; `answer` is a `RegistrationResponseJSON` as text. The page that comes next
/// shows the account.
#[server(prefix = "/api", endpoint = "finish_sign_up", input = Json, output = Answer)]
pub async fn finish_sign_up(id: CeremonyId, answer: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_sign_up(id, answer).await
}

#[component]
pub fn SignUpPage() -> impl IntoView {
    view! {
        <Title text=words().sign_up.title />
        <Await future=look_up_account() blocking=true let:account>
            {match account {
                Ok(Some(_)) => view! { <Redirect path="/account" /> }.into_any(),
                Ok(None) => view! { <SignUpCard /> }.into_any(),
                Err(refusal) => view! { <Trouble refusal=refusal.clone() /> }.into_any(),
            }}
        </Await>
    }
}

/// What can go wrong here beside what can in every ceremony.
const WHAT_CAN_GO_WRONG: &[Code] = &[
    Code::NameTaken,
    Code::NameInvalid,
    Code::DisplayNameInvalid,
    Code::LinkInvalid,
    Code::SignUpClosed,
    Code::InvitationNeeded,
];

/// Whether anybody may sign up, and so is told where.
pub(super) fn may_sign_up() -> bool {
    use_context::<SignUpPolicy>().unwrap_or_default() != SignUpPolicy::Closed
}

/// The form for everybody, or why there is none.
#[component]
fn SignUpCard() -> impl IntoView {
    let say = &words().sign_up;
    match use_context().unwrap_or_default() {
        SignUpPolicy::Open => view! { <EntryCard heading=say.title lede=say.lede /> }.into_any(),
        SignUpPolicy::ByInvitation => {
            view! { <NoEntry why=(words().sentences)(Code::InvitationNeeded) /> }.into_any()
        }
        SignUpPolicy::Closed => {
            view! { <NoEntry why=(words().sentences)(Code::SignUpClosed) /> }.into_any()
        }
    }
}

/// The form, and what stands around it.
#[component]
pub(super) fn EntryCard(
    heading: &'static str,
    /// Before what passkeys are.
    lede: &'static str,
    /// The token of the link that somebody came by.
    #[prop(optional)]
    link: String,
    /// The page that comes next; without it that is the account.
    #[prop(optional)]
    next: &'static str,
) -> impl IntoView {
    let (say, common) = (&words().sign_up, &words().common);
    // What is empty would be read as a space.
    let also = [(LINK, link), (NEXT, next.to_owned())];
    let also: Vec<_> = also.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    view! {
        <CardPage>
            <h1>{heading}</h1>
            <p class="lede">{lede} {common.what_passkeys_are}</p>
            <SignUpForm />
            <Sentences begin=say.button done=words().sign_in.done also more=WHAT_CAN_GO_WRONG />
            <NeedsScript to=say.needs />
            <p class="aside">{say.have_an_account} <a href="/sign-in">{common.sign_in}</a></p>
        </CardPage>
    }
}

/// Why nobody can sign up here, and what to do.
#[component]
pub(super) fn NoEntry(why: [&'static str; 2]) -> impl IntoView {
    let [what, next] = why;
    view! {
        <CardPage>
            <h1>{what}</h1>
            <p class="lede">{next}</p>
            <div class="actions"><a class="button primary" href="/sign-in">{words().common.sign_in}</a></div>
        </CardPage>
    }
}

/// The form; it works by itself once its code is there.
#[island(lazy)]
pub fn SignUpForm() -> impl IntoView {
    let ceremony = Ceremony::new();
    if browser::is_here() {
        // Not before the page has been taken over: what it shows must not change until then.
        spawn_local(async move { ceremony.open() });
    }
    let is_wrong = move |wrong: Code| {
        let is_wrong = matches!(ceremony.stage(), Stage::Failed(refusal) if refusal.code == wrong);
        is_wrong.then_some("true")
    };
    view! {
        <form
            class="stack"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                press(ceremony);
            }
        >
            <div class="field">
                <label for="username">{rendered(|say| say.sign_up.username)}</label>
                <input
                    id="username"
                    type="text"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    autofocus
                    maxlength="64"
                    aria-invalid=move || is_wrong(Code::NameTaken).or(is_wrong(Code::NameInvalid))
                    aria-describedby="outcome"
                />
            </div>
            <div class="field">
                <label for="display-name">{rendered(|say| say.sign_up.display_name)}</label>
                <input
                    id="display-name"
                    type="text"
                    autocomplete="name"
                    maxlength="64"
                    aria-invalid=move || is_wrong(Code::DisplayNameInvalid)
                    aria-describedby="outcome"
                />
            </div>
            {ceremony.controls(rendered(|say| say.sign_up.button))}
        </form>
    }
}

fn press(ceremony: Ceremony) {
    if ceremony.is_idle() {
        ceremony.enter(Stage::Waiting);
        spawn_local(async move {
            if let Err(refusal) = sign_up(ceremony).await {
                let wrong_field = match refusal.code {
                    Code::NameTaken | Code::NameInvalid => Some(NAME),
                    Code::DisplayNameInvalid => Some(DISPLAY_NAME),
                    _ => None,
                };
                ceremony.fail(refusal);
                if let Some(field) = wrong_field {
                    browser::focus(field);
                }
            }
        });
    }
}

async fn sign_up(ceremony: Ceremony) -> Result<(), Refusal> {
    let turn = Turn::take()?;
    let (name, display_name) = (browser::typed_in(NAME), browser::typed_in(DISPLAY_NAME));
    let begun = begin_sign_up(name, display_name, browser::said(LINK)).await?;
    let answer = browser::create(&begun.options, None, &turn).await;
    let answer = answer.map_err(|failure| failed(&begun, failure))?;
    ceremony.enter(Stage::Sending);
    if let Err(refusal) = finish_sign_up(begun.id, answer).await {
        if let Some(argument) = &refusal.signal {
            browser::signal(Signal::UnknownCredential, argument).await;
        }
        return Err(refusal);
    }
    ceremony.enter(Stage::Done);
    browser::go(&SitePath::parse(&browser::said(NEXT)).unwrap_or_else(SitePath::account));
    Ok(())
}
