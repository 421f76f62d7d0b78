//! One user: what an admin may know, and what they can do.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::users::tags;
use super::{Console, NoPage, console_plan};
use crate::app::deed::DeedButton;
use crate::app::ui::icons::{LaptopIcon, PasskeyIcon};
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{
    ConsoleDeed, Email, Json, Passkey, Place, Refusal, SessionView, UnderWay, UserDetails, UserLine,
};

/// The user of this id.
#[server(prefix = "/api/console", endpoint = "look_up_user", input = Json, output = Json)]
pub async fn look_up_user(id: String) -> Result<UserDetails, Refusal> {
    crate::server::Visit::current()?.user(&id).await
}

#[component]
pub fn UserPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    view! {
        <Title text=words().console.users.title />
        <Await future=look_up_user(id) blocking=true let:user>
            {match user.clone() {
                Ok(user) => view! { <User user /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn User(user: UserDetails) -> impl IntoView {
    let say = &words().console.users;
    let UserDetails { line, passkeys, sessions, emails, recovery_codes, recovery } = user;
    view! {
        <Console place=Place::Users>
            <p class="back"><a href=Place::Users.path()>{say.back}</a></p>
            <h1>{line.name.clone()}</h1>
            <p class="meta">{tags(&line)}</p>
            <section aria-labelledby="account-heading">
                <h2 id="account-heading">{say.account}</h2>
                <dl class="facts">
                    <div><dt>{words().account.shown_name}</dt><dd>{line.display_name.clone().unwrap_or_else(|| "–".to_owned())}</dd></div>
                    <div><dt>{say.id}</dt><dd><code>{line.id.clone()}</code></dd></div>
                    <div><dt>{say.signed_up}</dt><dd>{time(line.created.clone())}</dd></div>
                    {emails.into_iter().map(|email| view! { <EmailFact email /> }).collect_view()}
                    <div><dt>{say.recovery_codes}</dt><dd>{recovery_codes}</dd></div>
                    <div><dt>{say.recovery}</dt><dd><RecoveryFact recovery /></dd></div>
                </dl>
            </section>
            <Passkeys passkeys />
            <Sessions sessions name=line.name.clone() id=line.id.clone() />
            <Deeds user=line />
        </Console>
    }
}

#[component]
fn EmailFact(email: Email) -> impl IntoView {
    let say = &words().console.users;
    let is = if email.is_verified { say.verified } else { say.unverified };
    view! { <div><dt>{say.email}</dt><dd>{email.address} " (" {is} ")"</dd></div> }
}

#[component]
fn RecoveryFact(recovery: Option<UnderWay>) -> impl IntoView {
    let say = &words().console.users;
    match recovery {
        Some(under_way) => {
            let whence = if under_way.by_operator {
                say.recovery_by_operator.to_owned()
            } else {
                let parts = [under_way.browser, under_way.system, under_way.network];
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            };
            view! { {time(under_way.begun)} " · " {whence} }.into_any()
        }
        None => say.no_recovery.into_any(),
    }
}

#[component]
fn Passkeys(passkeys: Vec<Passkey>) -> impl IntoView {
    let account = &words().account;
    let items = passkeys.into_iter().map(|passkey| {
        let name = passkey.name.unwrap_or_else(|| account.unnamed_passkey.to_owned());
        let last_used = match passkey.last_used {
            Some(moment) => view! { {account.last_used} {time(moment)} }.into_any(),
            None => account.never_used.into_any(),
        };
        view! {
            <li>
                <PasskeyIcon />
                <div>
                    <strong>{name}</strong>
                    <p class="meta">
                        <span>{account.created} {time(passkey.created)}</span>
                        <span>{last_used}</span>
                    </p>
                </div>
            </li>
        }
    });
    let items = items.collect_view();
    view! {
        <section aria-labelledby="passkeys-heading">
            <h2 id="passkeys-heading">{account.passkeys}</h2>
            {if items.is_empty() {
                view! { <p class="empty">{words().console.users.no_passkeys}</p> }.into_any()
            } else {
                view! { <ul class="list" role="list">{items}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionView>, name: String, id: String) -> impl IntoView {
    let (say, account) = (&words().console.users, &words().account);
    let end = (!sessions.is_empty()).then(|| {
        let (deed, text) = (ConsoleDeed::EndSessions(id.clone()), (say.end_sessions_text)(&name));
        let next = page_of(&id, "sessions-ended");
        let plan = console_plan("end-sessions", deed, say.end_sessions, text, &next).destroying();
        view! { <div class="actions"><DeedButton plan /></div> }
    });
    let items = sessions.into_iter().map(|session| {
        let browser = session.browser.as_deref().unwrap_or(account.unknown_browser);
        let whence = match &session.system {
            Some(system) => (account.on)(browser, system),
            None => browser.to_owned(),
        };
        view! {
            <li>
                <LaptopIcon />
                <div>
                    <strong>{whence}</strong>
                    <p class="meta">
                        {session.address.map(|address| view! { <span>{address}</span> })}
                        <span>{account.signed_in} {time(session.signed_in)}</span>
                        <span>{account.last_seen} {time(session.last_seen)}</span>
                    </p>
                </div>
            </li>
        }
    });
    let items = items.collect_view();
    view! {
        <section aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">{account.sessions}</h2>
            {if items.is_empty() {
                view! { <p class="empty">{say.no_sessions}</p> }.into_any()
            } else {
                view! { <ul class="list" role="list">{items}</ul> }.into_any()
            }}
            {end}
        </section>
    }
}

#[component]
fn Deeds(user: UserLine) -> impl IntoView {
    let say = &words().console.users;
    let (name, id) = (user.name.as_str(), user.id.clone());
    let plan = |key: &str, deed: ConsoleDeed, label: &str, text: String, done: &str| {
        console_plan(key, deed, label, text, &page_of(&id, done))
    };
    let recover = (!user.is_disabled).then(|| {
        let deed = ConsoleDeed::RecoverUser(id.clone());
        plan("recover", deed, say.recover, (say.recover_text)(name), "recovery-opened")
    });
    let lock = if user.is_disabled {
        let deed = ConsoleDeed::EnableUser(id.clone());
        plan("enable", deed, say.enable, (say.enable_text)(name), "user-enabled")
    } else {
        let deed = ConsoleDeed::DisableUser(id.clone());
        plan("disable", deed, say.disable, (say.disable_text)(name), "user-disabled").destroying()
    };
    let admin = if user.is_admin {
        let (deed, text) = (ConsoleDeed::MakeNoAdmin(id.clone()), (say.make_no_admin_text)(name));
        // Whoever takes it away from themselves cannot look at this page any more.
        let next = if user.is_you { "/account".to_owned() } else { page_of(&id, "admin-unmade") };
        console_plan("unmake-admin", deed, say.make_no_admin, text, &next).destroying()
    } else {
        let (deed, text) = (ConsoleDeed::MakeAdmin(id.clone()), (say.make_admin_text)(name));
        plan("make-admin", deed, say.make_admin, text, "admin-made")
    };
    let (deed, text) = (ConsoleDeed::DeleteUser(id.clone()), (say.delete_text)(name));
    let next = format!("{}?done=user-deleted", Place::Users.path());
    let delete = console_plan("delete", deed, say.delete, text, &next).destroying();
    // Nobody locks themselves out, and one's own account is deleted on its own page.
    let others = (!user.is_you).then_some([lock, delete]);
    let plans = recover.into_iter().chain([admin]).chain(others.into_iter().flatten());
    view! {
        <section aria-labelledby="deeds-heading">
            <h2 id="deeds-heading">{say.what_can_be_done}</h2>
            <div class="actions">
                {plans.map(|plan| view! { <DeedButton plan /> }).collect_view()}
            </div>
        </section>
    }
}

fn page_of(id: &str, done: &str) -> String {
    format!("{}/{id}?done={done}", Place::Users.path())
}
