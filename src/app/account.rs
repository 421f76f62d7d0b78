//! The account: who is signed in and where, what can be changed, and the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use super::ceremony::{Ceremony, Stage};
use super::deed::{Deed, DeedButton, Field, Question};
use super::passkeys::PasskeySection;
use super::ui::icons::{LaptopIcon, Mark};
use super::ui::{Foot, NeedsScript, Sentences, SkipLink, Trouble, time};
use super::words::words;
use crate::browser::{self, Signal};
use crate::wire::{Account, Code, Json, Refusal, SessionView, Signals, SitePath};

/// The account of whoever is signed in, for pages while they are rendered.
#[server(prefix = "/api", endpoint = "look_up_account", input = Json, output = Json)]
pub async fn look_up_account() -> Result<Option<Account>, Refusal> {
    crate::server::Visit::current()?.account().await
}

/// Ends the session of this browser.
#[server(prefix = "/api", endpoint = "sign_out", input = Json, output = Json)]
pub async fn sign_out() -> Result<(), Refusal> {
    crate::server::Visit::current()?.sign_out().await
}

/// Ends another session of whoever is signed in.
#[server(prefix = "/api", endpoint = "end_session", input = Json, output = Json)]
pub async fn end_session(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.end_session(&id).await
}

/// Ends all sessions of whoever is signed in but this one.
#[server(prefix = "/api", endpoint = "end_other_sessions", input = Json, output = Json)]
pub async fn end_other_sessions() -> Result<(), Refusal> {
    crate::server::Visit::current()?.end_other_sessions().await
}

/// Changes what whoever is signed in is called.
#[server(prefix = "/api", endpoint = "change_names", input = Json, output = Json)]
pub async fn change_names(name: String, display_name: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.change_names(&name, &display_name).await
}

/// Deletes the account; the browser is to be told what comes back (`signalAllAcceptedCredentials`).
#[server(prefix = "/api", endpoint = "delete_account", input = Json, output = Json)]
pub async fn delete_account() -> Result<String, Refusal> {
    crate::server::Visit::current()?.delete_account().await
}

#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <Await future=look_up_account() blocking=true let:account>
            {match account.clone() {
                Ok(Some(account)) => view! { <AccountColumn account /> }.into_any(),
                Ok(None) => view! { <Redirect path="/sign-in?next=/account" /> }.into_any(),
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

/// What can go wrong here beside what can in every ceremony.
const WHAT_CAN_GO_WRONG: &[Code] = &[
    Code::StaleSignIn,
    Code::NotFound,
    Code::LastPasskey,
    Code::PasskeyNameInvalid,
    Code::NameTaken,
    Code::NameInvalid,
    Code::DisplayNameInvalid,
    Code::EmailInvalid,
];

#[component]
fn AccountColumn(account: Account) -> impl IntoView {
    let say = &words().account;
    let display_name = account.display_name.clone();
    view! {
        <Title text=words().account.title />
        <SkipLink />
        <header class="bar">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /><span>"Keyfold"</span></a>
            <span class="who">{display_name.clone()}</span>
        </header>
        <main id="main" class="column">
            <Done />
            <h1>{display_name}</h1>
            <p class="lede">{say.signed_in_as} <strong>{account.name.clone()}</strong></p>
            <NeedsScript to=say.needs />
            {account.came_from_other_device.then(|| view! { <AddHere /> })}
            <PasskeySection passkeys=account.passkeys.clone() />
            <SessionSection sessions=account.sessions.clone() />
            <ProfileSection account=account.clone() />
            <DataSection name=account.name.clone() />
            <Sentences more=WHAT_CAN_GO_WRONG />
            <SignalPasskeys signals=account.signals />
        </main>
        <Foot />
    }
}

/// What was done on the page before; the focus begins here.
#[component]
pub(super) fn Done() -> impl IntoView {
    let what = use_query_map().with_untracked(|query| query.get("done"));
    let done = what.as_deref().and_then(words().account.done);
    done.map(
        |done| view! { <p class="notice done" role="status" tabindex="-1" autofocus>{done}</p> },
    )
}

/// Offered to whoever came with a passkey that is on another device.
#[component]
fn AddHere() -> impl IntoView {
    let say = &words().account;
    let question = Question {
        heading: say.add_passkey_here.to_owned(),
        text: say.add_passkey_text.to_owned(),
        fields: Vec::new(),
        button: say.add_passkey.to_owned(),
        destroys: false,
    };
    view! {
        <OnCapableDevices>
            <section class="offer" aria-labelledby="offer-heading">
                <h2 id="offer-heading">{say.add_passkey_here}</h2>
                <p>{say.add_passkey_here_text}</p>
                <DeedButton
                    id="add-here"
                    deed=Deed::AddPasskey(Some(browser::Hint::ThisDevice))
                    label=say.add_passkey_to_this_device
                    question
                    next="/account?done=passkey-added"
                />
            </section>
        </OnCapableDevices>
    }
}

/// Shows what it holds only where the device itself can keep a passkey.
#[island(lazy)]
pub fn OnCapableDevices(children: Children) -> impl IntoView {
    let is_capable = RwSignal::new(false);
    if browser::is_here() {
        spawn_local(async move { is_capable.set(browser::can_keep_passkeys().await) });
    }
    view! { <div hidden=move || !is_capable.get()>{children()}</div> }
}

#[component]
fn SessionSection(sessions: Vec<SessionView>) -> impl IntoView {
    let say = &words().account;
    let has_others = sessions.len() > 1;
    let question = Question {
        heading: say.sign_out_elsewhere.to_owned(),
        text: say.sign_out_elsewhere_text.to_owned(),
        fields: Vec::new(),
        button: say.sign_out_elsewhere.to_owned(),
        destroys: true,
    };
    view! {
        <section aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">{say.sessions}</h2>
            <p>{say.sessions_lede}</p>
            <ul class="list" role="list" aria-labelledby="sessions-heading">
                {sessions
                    .into_iter()
                    .enumerate()
                    .map(|(place, session)| view! { <SessionItem place session /> })
                    .collect_view()}
            </ul>
            <div class="actions">
                <SignOut label=say.sign_out.to_owned() />
                {has_others
                    .then(|| {
                        view! {
                            <DeedButton
                                id="end-other-sessions"
                                deed=Deed::EndOtherSessions
                                label=say.sign_out_elsewhere
                                question
                                next="/account?done=sessions-ended"
                            />
                        }
                    })}
            </div>
        </section>
    }
}

#[component]
fn SessionItem(place: usize, session: SessionView) -> impl IntoView {
    let say = &words().account;
    let browser = session.browser.as_deref().unwrap_or(say.unknown_browser);
    let whence = match &session.system {
        Some(system) => (say.on)(browser, system),
        None => browser.to_owned(),
    };
    let question = Question {
        heading: say.sign_out_there.to_owned(),
        text: (say.sign_out_there_text)(&whence),
        fields: Vec::new(),
        button: say.sign_out_there.to_owned(),
        destroys: true,
    };
    let end = (!session.is_this_one).then(|| {
        view! {
            <div class="row">
                <DeedButton
                    id=format!("end-session-{place}")
                    deed=Deed::EndSession(session.id)
                    label=say.sign_out_there
                    name=format!("{}: {whence}", say.sign_out_there)
                    question
                    next="/account?done=session-ended"
                />
            </div>
        }
    });
    view! {
        <li>
            <LaptopIcon />
            <div>
                <strong>{whence}</strong>
                <p class="meta">
                    {session.is_this_one.then(|| view! { <span class="tag">{say.this_one}</span> })}
                    {session.address.map(|address| view! { <span>{address}</span> })}
                    <span>{say.signed_in} {time(session.signed_in)}</span>
                    <span>{say.last_seen} {time(session.last_seen)}</span>
                </p>
                {end}
            </div>
        </li>
    }
}

#[component]
fn ProfileSection(account: Account) -> impl IntoView {
    let say = &words().account;
    let display_name = account.has_display_name.then(|| account.display_name.clone());
    let field = |label: &str, value: String, autocomplete: &str| Field {
        label: label.to_owned(),
        value,
        autocomplete: autocomplete.to_owned(),
    };
    let question = Question {
        heading: say.change_names.to_owned(),
        text: String::new(),
        fields: vec![
            field(say.username, account.name.clone(), "username"),
            field(say.display_name, display_name.unwrap_or_default(), "name"),
        ],
        button: say.save.to_owned(),
        destroys: false,
    };
    view! {
        <section aria-labelledby="profile-heading">
            <h2 id="profile-heading">{say.profile}</h2>
            <dl class="facts">
                <div><dt>{say.username}</dt><dd>{account.name}</dd></div>
                <div><dt>{say.shown_name}</dt><dd>{account.display_name}</dd></div>
            </dl>
            <DeedButton
                id="change-names"
                deed=Deed::ChangeNames
                label=say.change_names
                question
                next="/account?done=names-changed"
            />
        </section>
    }
}

#[component]
fn DataSection(name: String) -> impl IntoView {
    let say = &words().account;
    let question = Question {
        heading: say.delete.to_owned(),
        text: (say.delete_warning)(&name),
        fields: Vec::new(),
        button: say.delete_button.to_owned(),
        destroys: true,
    };
    view! {
        <section aria-labelledby="data-heading">
            <h2 id="data-heading">{say.your_data}</h2>
            <p>{say.export_text} " " {say.delete_text}</p>
            <div class="actions">
                <a class="button" href="/account/export" download>{say.export}</a>
                <DeedButton
                    id="delete-account"
                    deed=Deed::DeleteAccount
                    label=say.delete
                    question
                    next="/?done=account-deleted"
                />
            </div>
        </section>
    }
}

/// Tells the browser at each visit which passkeys this person has, and what they are called.
#[island(lazy)]
pub fn SignalPasskeys(signals: Signals) -> impl IntoView {
    if browser::is_here() {
        spawn_local(async move {
            browser::signal(Signal::AllAcceptedCredentials, &signals.accepted).await;
            browser::signal(Signal::CurrentUserDetails, &signals.details).await;
        });
    }
}

/// The way out.
#[island(lazy)]
pub fn SignOut(label: String) -> impl IntoView {
    let ceremony = Ceremony::new();
    if browser::is_here() {
        spawn_local(async move { ceremony.enter(Stage::Ready) });
    }
    let press = move |_| {
        if ceremony.is_idle() {
            ceremony.enter(Stage::Sending);
            spawn_local(async move {
                match sign_out().await {
                    Ok(()) => browser::go(&SitePath::home()),
                    Err(refusal) => ceremony.fail(refusal),
                }
            });
        }
    };
    view! {
        <button
            type="button"
            disabled=move || ceremony.stage() == Stage::Starting
            aria-disabled=move || (ceremony.stage() == Stage::Sending).then_some("true")
            on:click=press
        >
            {label}
        </button>
        {ceremony.outcome()}
    }
}
