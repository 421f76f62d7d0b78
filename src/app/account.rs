//! The account: who is signed in, their passkeys, and the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use super::ceremony::{Ceremony, Stage};
use super::ui::icons::{LaptopIcon, Mark, PasskeyIcon, SyncedIcon};
use super::ui::{Foot, NeedsScript, Sentences, SkipLink, Trouble};
use super::words::words;
use crate::browser;
use crate::wire::{Account, Json, Moment, Passkey, Refusal, SitePath, Synced};

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

#[component]
fn AccountColumn(account: Account) -> impl IntoView {
    let Account { name, display_name, passkeys } = account;
    view! {
        <Title text=words().account.title />
        <SkipLink />
        <header class="bar">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /><span>"Keyfold"</span></a>
            <span class="who">{display_name.clone()}</span>
        </header>
        <main id="main" class="column">
            <h1>{display_name}</h1>
            <p class="lede">"Signed in as " <strong>{name}</strong></p>
            <section aria-labelledby="passkeys-heading">
                <h2 id="passkeys-heading">"Passkeys"</h2>
                <p>"Each of these signs you in. Passkeys that are synced are on your other devices too."</p>
                <ul class="list" role="list" aria-label="Passkeys">
                    {passkeys.into_iter().map(|passkey| view! { <PasskeyItem passkey /> }).collect_view()}
                </ul>
            </section>
            <section aria-labelledby="session-heading">
                <h2 id="session-heading">"This session"</h2>
                <p>"Sign out when you are done on a device that others use too."</p>
                <SignOut label=words().account.sign_out.to_owned() />
                <Sentences />
                <NeedsScript to="Signing out" />
            </section>
        </main>
        <Foot />
    }
}

#[component]
fn PasskeyItem(passkey: Passkey) -> impl IntoView {
    let Passkey { name, synced, created, last_used } = passkey;
    let tag = match synced {
        Synced::Synced => view! { <span class="tag"><SyncedIcon />"Synced"</span> }.into_any(),
        Synced::NotYet => {
            view! { <span class="tag"><LaptopIcon />"Not synced yet"</span> }.into_any()
        }
        Synced::DeviceOnly => {
            view! { <span class="tag"><LaptopIcon />"This device only"</span> }.into_any()
        }
    };
    view! {
        <li>
            <PasskeyIcon />
            <div>
                <strong>{name}</strong>
                <p class="meta">
                    {tag} <span>"Created " {time(created)}</span>
                    {last_used.map(|last_used| view! { <span>"Last used " {time(last_used)}</span> })}
                </p>
            </div>
        </li>
    }
}

/// Roughly how long ago; exactly, for the pointer and for screen readers.
fn time(moment: Moment) -> impl IntoView {
    let Moment { exact, readable, seconds_ago } = moment;
    let ago = (words().ago)(seconds_ago);
    let label = format!("{ago}, {readable}");
    view! { <time datetime=exact title=readable aria-label=label>{ago}</time> }
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
