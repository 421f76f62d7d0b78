//! The page on the first device: it makes a link, shows it, and lets the other device in.
//!
//! The page looks every other second whether the other device has asked, while somebody looks at
//! it. The focus goes to the heading of each step, never to the button that lets a device in.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use serde::{Deserialize, Serialize};

use super::first_steps::First;
use super::{Number, STEP, two};
use crate::app::account::look_up_account;
use crate::app::ceremony::Stage;
use crate::app::part::{Acting, Part};
use crate::app::recovery::RecoveryBanner;
use crate::app::ui::{CardPage, NeedsScript, Sentences, Trouble};
use crate::app::words::words;
use crate::browser;
use crate::wire::{AskingDevice, Code, LinkProgress};

/// How often the time that is left is told.
const SECOND: Duration = Duration::from_secs(1);

/// The way to this page, for the account.
#[component]
pub fn AddDeviceLink() -> impl IntoView {
    view! { <a class="button" href="/account/add-device">{words().device.first.invite}</a> }
}

#[component]
pub fn FirstDevicePage() -> impl IntoView {
    view! {
        <Title text=words().device.first.title />
        <Await future=look_up_account() blocking=true let:account>
            {match account {
                Ok(Some(_)) => view! { <FirstDeviceCard /> }.into_any(),
                Ok(None) => {
                    view! { <Redirect path="/sign-in?next=/account/add-device" /> }.into_any()
                }
                Err(refusal) => view! { <Trouble refusal=refusal.clone() /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn FirstDeviceCard() -> impl IntoView {
    let say = &words().device.first;
    view! {
        <CardPage>
            <RecoveryBanner />
            <h1>{say.title}</h1>
            <p class="lede">{say.lede}</p>
            <Acting part=Part::AddDevice(Box::new(Texts::of_page())) />
            <Sentences
                signed_in=true
                more=&[Code::StaleSignIn, Code::NoPasskeyLeft, Code::NotFound, Code::LinkInvalid]
            />
            <NeedsScript to=say.needs />
            <p class="aside"><a href="/account">{say.to_account}</a></p>
        </CardPage>
    }
}

/// What the steps say.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Texts {
    start: [String; 2],
    proving: [String; 2],
    open: [String; 2],
    asked: [String; 2],
    confirmed: [String; 2],
    added: [String; 2],
    over: [String; 2],
    make_link: String,
    make_another: String,
    prove: String,
    add: String,
    refuse: String,
    link: String,
    copy: [String; 2],
    code: String,
    works_for: String,
    facts: [String; 3],
    unknown: String,
    number: String,
    passkey: String,
}

impl Texts {
    fn of_page() -> Self {
        let (say, account) = (&words().device.first, &words().account);
        Self {
            start: two(say.start),
            proving: two([account.confirm_title, account.confirm_text]),
            open: two(say.open),
            asked: two(say.asked),
            confirmed: two(say.confirmed),
            added: two(say.added),
            over: two(say.over),
            make_link: say.make_link.to_owned(),
            make_another: say.make_another.to_owned(),
            prove: account.confirm.to_owned(),
            add: say.add.to_owned(),
            refuse: say.refuse.to_owned(),
            link: say.link.to_owned(),
            copy: two([say.copy, say.copied]),
            code: say.code.to_owned(),
            works_for: say.works_for.to_owned(),
            facts: [say.browser, say.system, say.network].map(str::to_owned),
            unknown: say.unknown.to_owned(),
            number: say.number.to_owned(),
            passkey: account.unnamed_passkey.to_owned(),
        }
    }

    fn step(&self, progress: Option<&LinkProgress>, proving: bool) -> &[String; 2] {
        match progress {
            _ if proving => &self.proving,
            None => &self.start,
            Some(LinkProgress::Open) => &self.open,
            Some(LinkProgress::Asked(_)) => &self.asked,
            Some(LinkProgress::Confirmed) => &self.confirmed,
            Some(LinkProgress::Added(_)) => &self.added,
            Some(LinkProgress::Over) => &self.over,
        }
    }
}

/// The steps, one at a time.
#[component]
pub(in crate::app) fn AddDevice(say: Texts) -> impl IntoView {
    let first = First::new();
    if browser::is_here() {
        spawn_local(async move { first.ceremony.enter(Stage::Ready) });
        set_interval(move || first.tick(), SECOND);
    }
    let said = StoredValue::new(say.clone());
    let step = move |which: usize| {
        let (progress, proving) = (first.progress.get(), first.proving.get());
        said.with_value(|say| say.step(progress.as_ref(), proving).get(which).cloned())
    };
    let label = move || {
        let is_asked = matches!(first.progress.get(), Some(LinkProgress::Asked(_)));
        let is_new = first.progress.get().is_none();
        said.with_value(|say| match first.ceremony.stage() {
            Stage::Waiting => browser::said("waiting"),
            Stage::Sending | Stage::Done => browser::said("one-moment"),
            _ if first.proving.get() => say.prove.clone(),
            _ if is_asked => say.add.clone(),
            _ if is_new => say.make_link.clone(),
            _ => say.make_another.clone(),
        })
    };
    let added = move || said.with_value(|say| first.added(&say.passkey));
    let can_refuse = move || {
        let progress = first.progress.get();
        matches!(progress, Some(LinkProgress::Asked(_) | LinkProgress::Confirmed))
    };
    view! {
        <div class="stack device">
            <h2 id=STEP tabindex="-1">{move || step(0)}</h2>
            <p aria-live="polite">{move || step(1)}</p>
            {first.link_view(&say)}
            {first.asking_view(&say)}
            <p hidden=move || added().is_none()><strong>{added}</strong></p>
            // Apart from the outcome, which takes the place of a "Cancel" that stands beside it.
            <div class="stack">
                <button
                    type="button"
                    class="primary"
                    hidden=move || !first.has_something_to_do()
                    disabled=move || first.ceremony.stage() == Stage::Starting
                    aria-disabled=move || first.is_busy().then_some("true")
                    on:click=move |_| first.press()
                >
                    {label}
                </button>
                <button
                    type="button"
                    class="quiet"
                    hidden=move || !can_refuse()
                    on:click=move |_| first.refuse()
                >
                    {say.refuse}
                </button>
            </div>
            {first.ceremony.outcome()}
        </div>
    }
}

impl First {
    /// The link as text and as a picture, and how long it works.
    fn link_view(self, say: &Texts) -> impl IntoView + use<> {
        let code = move || self.link.get().and_then(|link| link.code);
        let [copy, copied] = say.copy.clone();
        let (name, works_for, label) = (say.code.clone(), say.works_for.clone(), say.link.clone());
        view! {
            <div class="stack" hidden=move || self.progress.get() != Some(LinkProgress::Open)>
                // Dark on light in both schemes: cameras expect it.
                <svg
                    class="code"
                    role="img"
                    aria-label=name
                    shape-rendering="crispEdges"
                    viewBox=move || code().map(|code| format!("0 0 {0} {0}", code.side))
                >
                    <rect width="100%" height="100%" fill="#fff"></rect>
                    <path fill="#000" d=move || code().map(|code| code.path)></path>
                </svg>
                <div class="field">
                    <label for="device-link">{label}</label>
                    <input
                        id="device-link"
                        type="text"
                        readonly
                        prop:value=move || self.link.get().map(|link| link.link).unwrap_or_default()
                    />
                </div>
                <button type="button" on:click=move |_| self.copy()>
                    <span aria-live="polite">
                        {move || if self.copied.get() { copied.clone() } else { copy.clone() }}
                    </span>
                </button>
                <p class="hint" role="timer">
                    {works_for} " " {move || minutes(self.seconds_left.get())}
                </p>
            </div>
        }
    }

    /// Who asks, and the number.
    fn asking_view(self, say: &Texts) -> impl IntoView + use<> {
        let asking = move || match self.progress.get() {
            Some(LinkProgress::Asked(device)) => Some(device),
            _ => None,
        };
        let unknown = say.unknown.clone();
        let known = move |fact: fn(AskingDevice) -> Option<String>| {
            asking().map(|device| fact(device).unwrap_or_else(|| unknown.clone()))
        };
        let (browser, system) = (known.clone(), known);
        let [browser_label, system_label, network_label] = say.facts.clone();
        let number = Signal::derive(move || asking().map(|device| device.number));
        view! {
            <div class="stack" hidden=move || asking().is_none()>
                <dl class="facts">
                    <div><dt>{browser_label}</dt><dd>{move || browser(|device| device.browser)}</dd></div>
                    <div><dt>{system_label}</dt><dd>{move || system(|device| device.system)}</dd></div>
                    <div><dt>{network_label}</dt><dd>{move || asking().map(|device| device.network)}</dd></div>
                </dl>
                <Number label=say.number.clone() number />
            </div>
        }
    }
}

/// Such as "9:59".
fn minutes(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
