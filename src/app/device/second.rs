//! The page on the second device: it asks, waits until it is let in, and makes its passkey.
//!
//! Opening the page changes nothing. It is the button that asks, so that what merely looks at links
//! does not use this one up.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::{
    Number, STEP, begin_device_passkey, claim_device_link, device_link_state,
    finish_device_passkey, focus_step, two,
};
use crate::app::ceremony::{Ceremony, Stage};
use crate::app::failure::failed;
use crate::app::part::{Acting, Part};
use crate::app::ui::{CardPage, NeedsScript, Sentences, Trouble};
use crate::app::words::words;
use crate::browser::{self, Signal as Told, Turn};
use crate::wire::{Admission, Code, Invitation, Refusal, SitePath};

/// How often a device that waits looks whether it was let in.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Where the account is shown with the news.
const ADDED: &str = "/account?done=passkey-added";

#[component]
pub fn SecondDevicePage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    view! {
        <Title text=words().device.second.title />
        <Await future=device_link_state(token.clone()) blocking=true let:invitation>
            {match invitation.clone() {
                Ok(invitation) => {
                    view! { <SecondDeviceCard token=token.clone() invitation /> }.into_any()
                }
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn SecondDeviceCard(token: String, invitation: Invitation) -> impl IntoView {
    let say = &words().device.second;
    let Invitation { name, display_name, admission } = invitation;
    let username = (name != display_name).then(|| format!(" ({name})"));
    let body = if admission == Admission::SameBrowser {
        let [heading, text] = say.same_browser;
        view! {
            <h2>{heading}</h2>
            <p>{text}</p>
            <p class="aside"><a href="/account/add-device">{say.to_account}</a></p>
        }
        .into_any()
    } else {
        view! {
            <Acting part=Part::AskToBeAdded { token, admission, say: Box::new(Texts::of_page()) } />
            <Sentences more=&[Code::LinkInvalid, Code::NotConfirmed] />
            <NeedsScript to=say.needs />
        }
        .into_any()
    };
    view! {
        <CardPage>
            <h1>{say.title}</h1>
            <p class="lede">{say.account} <strong>{display_name}</strong> {username} "."</p>
            {body}
        </CardPage>
    }
}

/// What the steps say.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Texts {
    unasked: [String; 2],
    waiting: [String; 2],
    confirmed: [String; 2],
    over: [String; 2],
    ask: String,
    create: String,
    number: String,
    cancel: String,
}

impl Texts {
    fn of_page() -> Self {
        let say = &words().device.second;
        Self {
            unasked: two(say.unasked),
            waiting: two(say.waiting),
            confirmed: two(say.confirmed),
            over: two(say.over),
            ask: say.ask.to_owned(),
            create: say.create.to_owned(),
            number: say.number.to_owned(),
            cancel: words().common.cancel.to_owned(),
        }
    }

    fn step(&self, admission: Option<&Admission>) -> &[String; 2] {
        match admission {
            Some(Admission::Unasked) => &self.unasked,
            Some(Admission::Waiting(_)) => &self.waiting,
            Some(Admission::Confirmed) => &self.confirmed,
            Some(Admission::SameBrowser) | None => &self.over,
        }
    }
}

#[derive(Clone, Copy)]
struct Second {
    ceremony: Ceremony,
    /// None once nothing can come of it.
    admission: RwSignal<Option<Admission>>,
    token: StoredValue<String>,
    /// The server is being asked.
    looking: StoredValue<bool>,
}

/// The steps, one at a time.
#[component]
pub(in crate::app) fn AskToBeAdded(
    token: String,
    admission: Admission,
    say: Texts,
) -> impl IntoView {
    let second = Second {
        ceremony: Ceremony::new(),
        admission: RwSignal::new(Some(admission)),
        token: StoredValue::new(token),
        looking: StoredValue::new(false),
    };
    if browser::is_here() {
        spawn_local(async move { second.ceremony.open() });
        set_interval(move || second.tick(), LOOK_EVERY);
    }
    let said = StoredValue::new(say.clone());
    let step = move |which: usize| {
        let admission = second.admission.get();
        said.with_value(|say| say.step(admission.as_ref()).get(which).cloned())
    };
    let label = move || {
        let is_confirmed = second.admission.get() == Some(Admission::Confirmed);
        said.with_value(|say| match second.ceremony.stage() {
            Stage::Waiting => browser::said("waiting"),
            Stage::Sending | Stage::Done => browser::said("one-moment"),
            _ if is_confirmed => say.create.clone(),
            _ => say.ask.clone(),
        })
    };
    let number = Signal::derive(move || match second.admission.get() {
        Some(Admission::Waiting(number)) => Some(number),
        _ => None,
    });
    view! {
        <div class="stack device">
            <h2 id=STEP tabindex="-1">{move || step(0)}</h2>
            <p aria-live="polite">{move || step(1)}</p>
            <Number label=say.number number />
            <button
                type="button"
                class="primary"
                hidden=move || !second.has_something_to_do()
                disabled=move || second.ceremony.stage() == Stage::Starting
                aria-disabled=move || second.is_busy().then_some("true")
                on:click=move |_| second.press()
            >
                {label}
            </button>
            <button
                type="button"
                class="quiet"
                hidden=move || second.ceremony.stage() != Stage::Waiting
                on:click=move |_| browser::call_off()
            >
                {say.cancel}
            </button>
            {second.ceremony.outcome()}
        </div>
    }
}

impl Second {
    fn is_busy(self) -> bool {
        matches!(self.ceremony.stage(), Stage::Waiting | Stage::Sending | Stage::Done)
    }

    /// Whether it is this device's turn.
    fn has_something_to_do(self) -> bool {
        matches!(self.admission.get(), Some(Admission::Unasked | Admission::Confirmed))
    }

    fn press(self) {
        if self.ceremony.is_idle() {
            self.ceremony.enter(Stage::Sending);
            spawn_local(async move {
                let done = match self.admission.get_untracked() {
                    Some(Admission::Confirmed) => self.make_passkey().await,
                    _ => self.ask().await,
                };
                if let Err(refusal) = done {
                    self.fail(refusal);
                }
            });
        }
    }

    async fn ask(self) -> Result<(), Refusal> {
        claim_device_link(self.token.get_value()).await?;
        let admission = device_link_state(self.token.get_value()).await?.admission;
        self.ceremony.enter(Stage::Ready);
        self.come_to(Some(admission));
        Ok(())
    }

    async fn make_passkey(self) -> Result<(), Refusal> {
        self.ceremony.enter(Stage::Waiting);
        let turn = Turn::take()?;
        let begun = begin_device_passkey(self.token.get_value()).await?;
        let answer = browser::create(&begun.options, None, &turn).await;
        let answer = answer.map_err(|failure| failed(&begun, failure))?;
        self.ceremony.enter(Stage::Sending);
        let finished = finish_device_passkey(self.token.get_value(), begun.id, answer).await;
        if let Err(Refusal { signal: Some(argument), .. }) = &finished {
            browser::signal(Told::UnknownCredential, argument).await;
        }
        finished?;
        self.ceremony.enter(Stage::Done);
        browser::go(&SitePath::parse(ADDED).unwrap_or_else(SitePath::account));
        Ok(())
    }

    fn come_to(self, admission: Option<Admission>) {
        self.admission.set(admission);
        focus_step();
    }

    fn fail(self, refusal: Refusal) {
        if refusal.code == Code::LinkInvalid {
            self.come_to(None);
        }
        self.ceremony.fail(refusal);
    }

    /// Looks whether this device was let in, while somebody looks at the page.
    fn tick(self) {
        let is_waiting = self
            .admission
            .with_untracked(|admission| matches!(admission, Some(Admission::Waiting(_))));
        if is_waiting && !self.looking.get_value() && browser::is_visible() {
            self.looking.set_value(true);
            spawn_local(async move {
                let found = device_link_state(self.token.get_value()).await;
                self.looking.set_value(false);
                match found {
                    Ok(Invitation { admission: Admission::Waiting(_), .. }) => {}
                    Ok(invitation) => self.come_to(Some(invitation.admission)),
                    Err(refusal) if refusal.code == Code::LinkInvalid => self.fail(refusal),
                    // That the site cannot be reached just now is no news: it is asked again.
                    Err(_) => {}
                }
            });
        }
    }
}
