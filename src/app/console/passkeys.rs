//! The passkeys of everybody, at every relying party.

use leptos::prelude::*;
use leptos_meta::Title;

use super::filters::{Choice, Filters, Pages, PartyFilter, Typed, asked};
use super::users::in_query;
use super::{Console, NoPage};
use crate::app::ui::icons::PasskeyIcon;
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{
    FoundPasskeys, Holder, Json, KeptBy, PasskeySearch, Place, Refusal, ServicePasskey, Synced,
};

/// A page of the passkeys that are looked for.
#[server(prefix = "/api/console", endpoint = "look_up_passkeys", input = Json, output = Json)]
pub async fn look_up_passkeys(search: PasskeySearch) -> Result<FoundPasskeys, Refusal> {
    crate::server::Visit::current()?.service_passkeys(search).await
}

#[component]
pub fn PasskeysPage() -> impl IntoView {
    let search = PasskeySearch {
        user: asked("user"),
        party: asked("party"),
        aaguid: asked("aaguid"),
        after: asked("after"),
    };
    let found = look_up_passkeys(search.clone());
    view! {
        <Title text=words().service.passkeys.title />
        <Await future=found blocking=true let:found>
            {match found.clone() {
                Ok(found) => view! { <Found found search=search.clone() /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Found(found: FoundPasskeys, search: PasskeySearch) -> impl IntoView {
    let (say, service) = (&words().service.passkeys, &words().service);
    let FoundPasskeys { passkeys, kept, next, parties } = found;
    let total = kept.iter().map(|one| one.passkeys).sum();
    let makers = kept.iter().map(|one| (one.aaguid.clone(), name_of(one))).collect();
    let query = in_query(&[
        ("user", search.user.as_str()),
        ("party", &search.party),
        ("aaguid", &search.aaguid),
    ]);
    let items = passkeys.into_iter().map(|passkey| view! { <PasskeyItem passkey /> });
    let items = items.collect_view();
    view! {
        <Console place=Place::Passkeys>
            <h1>{say.title}</h1>
            <p class="lede">{(say.lede)(total)}</p>
            <Filters to=Place::Passkeys.path()>
                <Typed name="user" label=service.user value=search.user.clone() hint=service.user_hint />
                <PartyFilter parties chosen=search.party.clone() />
                <Choice name="aaguid" label=say.authenticator words=makers chosen=search.aaguid.clone() />
            </Filters>
            {if items.is_empty() {
                view! { <p class="empty">{say.none}</p> }.into_any()
            } else {
                view! { <ul class="list" role="list">{items}</ul> }.into_any()
            }}
            <Pages to=Place::Passkeys.path() query place="after" next is_later=!search.after.is_empty() />
            <Kept kept />
        </Console>
    }
}

/// What the authenticator is called; the zero AAGUID says nothing.
fn name_of(kept: &KeptBy) -> String {
    kept.authenticator.clone().unwrap_or_else(|| {
        let unknown = words().service.unknown;
        if kept.aaguid.chars().all(|letter| matches!(letter, '0' | '-')) {
            unknown.to_owned()
        } else {
            format!("{unknown} ({})", kept.aaguid)
        }
    })
}

/// Whose something is, with the way to their page where there is one.
pub(super) fn shown(holder: Holder) -> impl IntoView {
    match holder.user {
        Some(id) => {
            let page = format!("{}/{id}", Place::Users.path());
            view! { <a href=page>{holder.shown}</a> }.into_any()
        }
        None => view! { <code>{holder.shown}</code> }.into_any(),
    }
}

#[component]
fn PasskeyItem(passkey: ServicePasskey) -> impl IntoView {
    let account = &words().account;
    let name = passkey.authenticator.unwrap_or_else(|| account.unnamed_passkey.to_owned());
    let last_used = match passkey.last_used {
        Some(moment) => view! { {account.last_used} " " {time(moment)} }.into_any(),
        None => account.never_used.into_any(),
    };
    let synced = match passkey.synced {
        Synced::Synced => account.synced,
        Synced::NotYet => account.not_synced_yet,
        Synced::DeviceOnly => account.this_device_only,
    };
    view! {
        <li>
            <PasskeyIcon />
            <div>
                <strong>{shown(passkey.holder)} " · " {name}</strong>
                <p class="meta">
                    {passkey.name.map(|name| view! { <span>"“" {name} "”"</span> })}
                    <span>{passkey.party}</span>
                    <span>{synced}</span>
                    <span>{account.created} " " {time(passkey.created)}</span>
                    <span>{last_used}</span>
                </p>
                <p class="meta"><code>{passkey.id}</code></p>
            </div>
        </li>
    }
}

#[component]
fn Kept(kept: Vec<KeptBy>) -> impl IntoView {
    let say = &words().service.passkeys;
    (!kept.is_empty()).then(|| {
        let rows = kept.iter().map(|one| {
            view! {
                <tr><th scope="row">{name_of(one)}</th><td>{one.passkeys}</td></tr>
            }
        });
        view! {
            <section>
                <h2 id="kept-heading">{say.kept}</h2>
                <div class="scroll" tabindex="0" role="region" aria-labelledby="kept-heading">
                    <table>
                        <thead><tr><th scope="col">{say.authenticator}</th><th scope="col">{say.passkeys}</th></tr></thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}
