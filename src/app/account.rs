//! The account: who is signed in and where, what can be changed, and the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

use super::answer::Answer;
use super::ceremony::{Ceremony, Stage};
use super::deed::{Deed, DeedButton, DeedDialog, Plan, Question};
use super::email::EmailSection;
use super::part::{Acting, Part};
use super::passkeys::PasskeySection;
use super::recovery::{RecoveryBanner, RecoverySection};
use super::ui::icons::{LaptopIcon, Mark};
use super::ui::{Foot, NeedsScript, Sentences, SkipLink, Trouble, time};
use super::words::words;
use crate::browser::{self, Hint, Signal};
use crate::wire::{Account, Code, Json, Refusal, SessionView, Signals, SitePath};

/// The account of whoever is signed in, for pages while they are rendered.
#[server(prefix = "/api", endpoint = "look_up_account", input = Json, output = Json)]
pub async fn look_up_account() -> Result<Option<Account>, Refusal> {
    crate::server::Visit::current()?.account().await
}

/// Ends the session of this browser.
#[server(prefix = "/api", endpoint = "sign_out", input = Json, output = Answer)]
pub async fn sign_out() -> Result<(), Refusal> {
    crate::server::Visit::current()?.sign_out().await
}

/// Ends another session of whoever is signed in.
#[server(prefix = "/api", endpoint = "end_session", input = Json, output = Answer)]
pub async fn end_session(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.end_session(&id).await
}

/// Ends all sessions of whoever is signed in but this one.
#[server(prefix = "/api", endpoint = "end_other_sessions", input = Json, output = Answer)]
pub async fn end_other_sessions() -> Result<(), Refusal> {
    crate::server::Visit::current()?.end_other_sessions().await
}

/// Changes what whoever is signed in is called.
#[server(prefix = "/api", endpoint = "change_names", input = Json, output = Answer)]
pub async fn change_names(name: String, display_name: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.change_names(&name, &display_name).await
}

/// Deletes the account; the browser is to be told what comes back (`signalAllAcceptedCredentials`).
#[server(prefix = "/api", endpoint = "delete_account", input = Json, output = Answer)]
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
    Code::NoPasskeyLeft,
    Code::NotFound,
    Code::LastPasskey,
    Code::PasskeyNameInvalid,
    Code::NameTaken,
    Code::NameInvalid,
    Code::DisplayNameInvalid,
    Code::EmailInvalid,
    Code::LastAdmin,
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
            <Acting part=Part::Signals { signals: account.signals.clone(), advice: advice() } />
            <RecoveryBanner />
            <h1>{display_name}</h1>
            <p class="lede">{say.signed_in_as} <strong>{account.name.clone()}</strong></p>
            {account.is_admin.then(|| view! { <p><a href="/console">{say.open_console}</a></p> })}
            <NeedsScript to=say.needs />
            {account.came_from_other_device.then(|| view! { <Acting part=add_here() /> })}
            <PasskeySection passkeys=account.passkeys.clone() />
            <SessionSection sessions=account.sessions.clone() />
            <EmailSection />
            <RecoverySection />
            <ProfileSection account=account.clone() />
            <DataSection name=account.name.clone() />
            <Sentences signed_in=true more=WHAT_CAN_GO_WRONG />
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

/// The offer for whoever came with a passkey that is on another device.
fn add_here() -> Part {
    let say = &words().account;
    let question = Question::new(say.add_passkey_here, say.add_passkey_text, say.add_passkey);
    let deed = Deed::AddPasskey(Some(Hint::ThisDevice));
    let next = "/account?done=passkey-added";
    let add = Plan::new("add-here", deed, say.add_passkey_to_this_device, question, next);
    let (heading, text) = (say.add_passkey_here.to_owned(), say.add_passkey_here_text.to_owned());
    Part::AddHere { heading, text, add: Box::new(add) }
}

/// The offer; it shows only where the device itself can keep a passkey.
#[component]
pub(super) fn AddHere(heading: String, text: String, add: Plan) -> impl IntoView {
    let is_capable = RwSignal::new(false);
    if browser::is_here() {
        spawn_local(async move { is_capable.set(browser::can_keep_passkeys().await) });
    }
    view! {
        <section class="offer" aria-labelledby="offer-heading" hidden=move || !is_capable.get()>
            <h2 id="offer-heading">{heading}</h2>
            <p>{text}</p>
            <DeedDialog plan=add />
        </section>
    }
}

#[component]
fn SessionSection(sessions: Vec<SessionView>) -> impl IntoView {
    let say = &words().account;
    let question =
        Question::new(say.sign_out_elsewhere, say.sign_out_elsewhere_text, say.sign_out_elsewhere);
    let end_others = (sessions.len() > 1).then(|| {
        let next = "/account?done=sessions-ended";
        let (deed, label) = (Deed::EndOtherSessions, say.sign_out_elsewhere);
        let plan = Plan::new("end-other-sessions", deed, label, question.destroying(), next);
        view! { <DeedButton plan /> }
    });
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
                <Acting part=Part::SignOut(say.sign_out.to_owned()) />
                {end_others}
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
    let end = (!session.is_this_one).then(|| {
        let text = (say.sign_out_there_text)(&whence);
        let question = Question::new(say.sign_out_there, text, say.sign_out_there).destroying();
        let (id, next) = (format!("end-session-{place}"), "/account?done=session-ended");
        let plan = Plan::new(id, Deed::EndSession(session.id), say.sign_out_there, question, next);
        let since = (words().ago)(session.signed_in.seconds_ago);
        let plan = plan.called(format!(
            "{}: {whence}, {}{since}",
            say.sign_out_there,
            say.signed_in.to_lowercase()
        ));
        view! { <div class="row"><DeedButton plan /></div> }
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
    let question = Question::new(say.change_names, say.change_names_text, say.save)
        .asking(say.username, &account.name, "username")
        .asking(say.display_name, &display_name.unwrap_or_default(), "name");
    let next = "/account?done=names-changed";
    let plan = Plan::new("change-names", Deed::ChangeNames, say.change_names, question, next);
    view! {
        <section aria-labelledby="profile-heading">
            <h2 id="profile-heading">{say.profile}</h2>
            <dl class="facts">
                <div><dt>{say.username}</dt><dd>{account.name}</dd></div>
                <div><dt>{say.shown_name}</dt><dd>{account.display_name}</dd></div>
            </dl>
            <DeedButton plan />
        </section>
    }
}

#[component]
fn DataSection(name: String) -> impl IntoView {
    let say = &words().account;
    let question = Question::new(say.delete, (say.delete_warning)(&name), say.delete_button);
    let question = question.destroying();
    let next = "/?done=account-deleted";
    let plan = Plan::new("delete-account", Deed::DeleteAccount, say.delete, question, next);
    view! {
        <section aria-labelledby="data-heading">
            <h2 id="data-heading">{say.your_data}</h2>
            <p>{say.export_text} " " {say.delete_text}</p>
            <div class="actions">
                <a class="button" href="/account/export">{say.export}</a>
                <DeedButton plan />
            </div>
        </section>
    }
}

/// Tells the browser at each visit which passkeys this person has, and what they are called. Where
/// something has just changed and the browser cannot be told, the person is told what to do.
#[component]
pub(super) fn SignalPasskeys(signals: Signals, advice: Option<String>) -> impl IntoView {
    let failed = RwSignal::new(None::<Code>);
    if browser::is_here() {
        spawn_local(async move {
            let accepted =
                browser::try_to_signal(Signal::AllAcceptedCredentials, &signals.accepted).await;
            let details =
                browser::try_to_signal(Signal::CurrentUserDetails, &signals.details).await;
            failed.set(accepted.and(details).err().map(|failure| failure.code()));
        });
    }
    advice.map(|advice| {
        view! {
            <p
                class="hint"
                role="note"
                data-code=move || failed.get().map(Code::as_str)
                hidden=move || failed.get().is_none()
            >
                {advice}
            </p>
        }
    })
}

/// What to do by oneself where the browser cannot be told what has just changed.
fn advice() -> Option<String> {
    let what = use_query_map().with_untracked(|query| query.get("done"));
    let has_changed = matches!(what.as_deref(), Some("passkey-removed" | "names-changed"));
    has_changed.then(|| words().account.tell_it_yourself.to_owned())
}

/// The way out.
#[component]
pub(super) fn SignOut(label: String) -> impl IntoView {
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
