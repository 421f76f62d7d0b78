//! Signing in: by autofill or by one button, without typing a name.
//!
//! The page already carries the challenge, so a sign-in is this page and one call. The username
//! field is there for autofill to open in; what is typed in it never leaves the page.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::answer::{self, Answer};
use super::ceremony::{Ceremony, Stage};
use super::failure::failed;
use super::sign_up::may_sign_up;
use super::ui::{CardPage, NeedsScript, Sentences, Trouble};
use super::words::{rendered, words};
use crate::browser::{self, Hint, Signal, Turn};
use crate::wire::{Begun, CeremonyId, Code, Json, Mediation, Refusal, SitePath};

/// How often an open page looks whether its challenge is about to die.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// A challenge with less life than this is replaced.
const ENOUGH_LIFE: f64 = 60_000.0;

/// An offer that was taken sooner than this was taken by no person. Made again at once, it would be
/// taken and refused without end; the next look makes it again.
const SOONER_THAN_A_PERSON: f64 = 1_000.0;

/// Begins a sign-in of whoever will answer.
#[server(prefix = "/api", endpoint = "begin_sign_in", input = Json, output = Answer)]
pub async fn begin_sign_in() -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_sign_in().await
}

/// Finishes a sign-in; `answer` is an `AuthenticationResponseJSON` as text, `mediation` is how the
/// browser asked for it. The page that comes next shows the account.
#[server(prefix = "/api", endpoint = "finish_sign_in", input = Json, output = Answer)]
pub async fn finish_sign_in(
    id: CeremonyId,
    answer: String,
    mediation: Option<Mediation>,
) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_sign_in(id, answer, mediation).await
}

/// What the browser is to be told where the passkey that was just refused is in no account.
#[server(prefix = "/api", endpoint = "stray_passkey", input = Json, output = Answer)]
pub async fn stray_passkey(id: CeremonyId, answer: String) -> Result<Option<String>, Refusal> {
    crate::server::Visit::current()?.stray_passkey(id, &answer).await
}

/// Finishes a sign-in. A passkey that is in no account goes from the device.
pub(super) async fn enter(
    id: CeremonyId,
    answer: String,
    mediation: Mediation,
) -> Result<(), Refusal> {
    let entered = finish_sign_in(id.clone(), answer.clone(), Some(mediation)).await;
    let is_refused = matches!(&entered, Err(refusal) if refusal.code == Code::Refused);
    if is_refused && let Ok(Some(argument)) = stray_passkey(id, answer).await {
        browser::signal(Signal::UnknownCredential, &argument).await;
    }
    entered
}

/// Who stands at the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Arrival {
    /// Somebody who is signed in already.
    SignedIn,
    /// Anybody else, with a ceremony; without one where there have been too many: the button then
    /// asks for one.
    Stranger(Option<Begun>),
}

/// Looks who stands at the door, for the page while it is rendered.
#[server(prefix = "/api", endpoint = "arrive", input = Json, output = Json)]
pub async fn arrive() -> Result<Arrival, Refusal> {
    let visit = crate::server::Visit::current()?;
    Ok(if visit.is_signed_in().await? {
        Arrival::SignedIn
    } else {
        Arrival::Stranger(visit.begin_sign_in().await.ok())
    })
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next"));
    let next = next.and_then(|next| SitePath::parse(&next)).unwrap_or_else(SitePath::account);
    view! {
        <Title text=words().sign_in.title />
        <Await future=arrive() blocking=true let:arrival>
            {match arrival.clone() {
                Ok(Arrival::SignedIn) => view! { <Redirect path=next.as_str().to_owned() /> }.into_any(),
                Ok(Arrival::Stranger(begun)) => {
                    view! { <SignInCard begun next=next.clone() /> }.into_any()
                }
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn SignInCard(begun: Option<Begun>, next: SitePath) -> impl IntoView {
    let (say, common) = (&words().sign_in, &words().common);
    let begun = begun.and_then(|begun| serde_json::to_string(&begun).ok()).unwrap_or_default();
    view! {
        <CardPage>
            <h1>{say.title}</h1>
            <p class="lede">{common.what_passkeys_are}</p>
            <SignInForm />
            <Sentences begin=say.button done=say.done also=vec![(BEGUN, begun), (NEXT, next.as_str().to_owned())] />
            <NeedsScript to=say.needs />
            {may_sign_up()
                .then(|| {
                    view! { <p class="aside">{say.new_here} <a href="/sign-up">{common.create_an_account}</a></p> }
                })}
            <p class="aside"><a href="/recover">{words().recovery.lost}</a></p>
        </CardPage>
    }
}

/// Under what the page has the ceremony that was begun with it, and the page that comes next.
const BEGUN: &str = "begun";

const NEXT: &str = "next";

/// The form; it works by itself once its code is there. It has no props: they would bring a JSON
/// reader along ([`super::answer`]).
#[island]
pub fn SignInForm() -> impl IntoView {
    let sign_in = SignIn {
        ceremony: Ceremony::new(),
        armed: StoredValue::new(None),
        offers: StoredValue::new(0),
    };
    if browser::is_here() {
        sign_in.open();
    }
    view! {
        <form
            class="stack"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                sign_in.press(Hint::named(&browser::value_of_pressed(&event)));
            }
        >
            <div class="field">
                <label for="username">{rendered(|say| say.sign_in.username)}</label>
                <input
                    id="username"
                    type="text"
                    autocomplete="username webauthn"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby="username-hint"
                    autofocus
                />
                <p id="username-hint" class="hint">{rendered(|say| say.sign_in.hint)}</p>
            </div>
            {sign_in.ceremony.controls(rendered(|say| say.sign_in.button))}
            <details class="more">
                <summary>{rendered(|say| say.sign_in.other_ways)}</summary>
                <button type="submit" value="security-key">
                    {rendered(|say| say.sign_in.security_key)}
                </button>
                <button type="submit" value="hybrid">{rendered(|say| say.sign_in.phone)}</button>
            </details>
        </form>
    }
}

/// A ceremony that can be answered, and until when by this device's clock.
#[derive(Debug, Clone)]
struct Armed {
    begun: Begun,
    until: f64,
}

impl From<Begun> for Armed {
    fn from(begun: Begun) -> Self {
        let until = browser::now() + f64::from(begun.lives_for) * 1000.0;
        Self { begun, until }
    }
}

#[derive(Clone, Copy)]
struct SignIn {
    ceremony: Ceremony,
    armed: StoredValue<Option<Armed>>,
    /// How many offers in the field the browser has not answered yet.
    offers: StoredValue<u32>,
}

impl SignIn {
    /// Once, outside every effect: a change on the page must not start it again.
    fn open(self) {
        self.armed.set_value(answer::read::<Begun>(&browser::said(BEGUN)).map(Armed::from));
        spawn_local(async move {
            self.ceremony.open();
            self.offer().await;
        });
        set_interval(move || self.look(), LOOK_EVERY);
    }

    /// Replaces a challenge before it dies, and makes an offer again that the browser has dropped,
    /// while somebody looks at the page.
    fn look(self) {
        let is_dying = self.armed.with_value(|armed| armed.as_ref().is_none_or(Armed::is_dying));
        let is_dropped = self.offers.get_value() == 0;
        if (is_dying || is_dropped) && self.ceremony.is_idle() && browser::is_visible() {
            browser::call_off();
            spawn_local(self.offer());
        }
    }

    fn press(self, hint: Option<Hint>) {
        if self.ceremony.is_idle() {
            self.ceremony.enter(Stage::Waiting);
            spawn_local(self.prompt(hint));
        }
    }

    /// Offers passkeys among the suggestions of the field. That nobody takes one is no failure.
    async fn offer(self) {
        if !browser::can_offer_in_field().await {
            return;
        }
        let Ok(begun) = self.armed().await else { return };
        // Meanwhile the button may have been pressed.
        if !self.ceremony.is_idle() {
            return;
        }
        let Ok(turn) = Turn::take() else { return };
        let offered_at = browser::now();
        self.offers.update_value(|offers| *offers += 1);
        let answer = browser::get(&begun.options, Mediation::Conditional, None, &turn).await;
        self.offers.update_value(|offers| *offers -= 1);
        let Ok(answer) = answer else { return };
        match self.finish(begun.id, answer, Mediation::Conditional).await {
            Ok(()) => {}
            Err(refusal) if refusal.code == Code::CeremonyExpired => self.prompt(None).await,
            Err(refusal) if browser::now() - offered_at < SOONER_THAN_A_PERSON => {
                self.ceremony.fail(refusal);
            }
            Err(refusal) => self.fail(refusal),
        }
    }

    /// Asks with a prompt. Should the ceremony have died unnoticed, asks once more with a new one.
    async fn prompt(self, hint: Option<Hint>) {
        let mut tried_again = false;
        loop {
            match self.prompt_once(hint).await {
                Ok(()) => return,
                Err(refusal) if refusal.code == Code::CeremonyExpired && !tried_again => {
                    tried_again = true;
                }
                Err(refusal) => return self.fail(refusal),
            }
        }
    }

    async fn prompt_once(self, hint: Option<Hint>) -> Result<(), Refusal> {
        self.ceremony.enter(Stage::Waiting);
        let turn = Turn::take()?;
        let begun = self.armed().await?;
        let answer = browser::get(&begun.options, Mediation::Modal, hint, &turn).await;
        let answer = answer.map_err(|failure| failed(&begun, failure))?;
        self.finish(begun.id, answer, Mediation::Modal).await
    }

    async fn finish(
        self,
        id: CeremonyId,
        answer: String,
        mediation: Mediation,
    ) -> Result<(), Refusal> {
        self.armed.set_value(None);
        self.ceremony.enter(Stage::Sending);
        enter(id, answer, mediation).await?;
        self.ceremony.enter(Stage::Done);
        browser::go(&SitePath::parse(&browser::said(NEXT)).unwrap_or_else(SitePath::account));
        Ok(())
    }

    /// Tells what happened, and offers passkeys in the field again.
    fn fail(self, refusal: Refusal) {
        self.ceremony.fail(refusal);
        spawn_local(self.offer());
    }

    /// A ceremony with life in it: the one at hand, or a new one.
    async fn armed(self) -> Result<Begun, Refusal> {
        let at_hand = self.armed.get_value().filter(|armed| !armed.is_dying());
        if let Some(armed) = at_hand {
            return Ok(armed.begun);
        }
        let begun = begin_sign_in().await?;
        self.armed.set_value(Some(begun.clone().into()));
        Ok(begun)
    }
}

impl Armed {
    fn is_dying(&self) -> bool {
        self.until - browser::now() < ENOUGH_LIFE
    }
}
