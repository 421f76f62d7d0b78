//! The passkeys of an account: the list, and what can be done with each.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::answer::Answer;
use super::deed::{Deed, DeedButton, Plan, Question};
use super::device::first::AddDeviceLink;
use super::failure::failed;
use super::ui::icons::{LaptopIcon, PasskeyIcon, SyncedIcon};
use super::ui::time;
use super::words::words;
use crate::browser::{self, Hint, Signal, Turn};
use crate::wire::{Begun, CeremonyId, Json, Passkey, Refusal, Synced};

/// Begins to add a passkey to the account of whoever is signed in and has just proved it.
#[server(prefix = "/api", endpoint = "begin_add_passkey", input = Json, output = Answer)]
pub async fn begin_add_passkey() -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_add_passkey().await
}

/// Finishes it; `answer` is a `RegistrationResponseJSON` as text.
#[server(prefix = "/api", endpoint = "finish_add_passkey", input = Json, output = Answer)]
pub async fn finish_add_passkey(id: CeremonyId, answer: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_add_passkey(id, answer).await
}

/// Gives a passkey another name.
#[server(prefix = "/api", endpoint = "rename_passkey", input = Json, output = Answer)]
pub async fn rename_passkey(id: String, name: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.rename_passkey(&id, &name).await
}

/// Removes a passkey, and ends the sessions that it has opened elsewhere.
#[server(prefix = "/api", endpoint = "remove_passkey", input = Json, output = Answer)]
pub async fn remove_passkey(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.remove_passkey(&id).await
}

/// Removes all passkeys but the one that has opened this session, and ends the sessions that they have
/// opened.
#[server(prefix = "/api", endpoint = "remove_other_passkeys", input = Json, output = Answer)]
pub async fn remove_other_passkeys() -> Result<(), Refusal> {
    crate::server::Visit::current()?.remove_other_passkeys().await
}

/// Makes another passkey with the device.
pub(super) async fn add_passkey(hint: Option<Hint>) -> Result<(), Refusal> {
    browser::supports_passkeys()?;
    let turn = Turn::take()?;
    let begun = begin_add_passkey().await?;
    let answer = browser::create(&begun.options, hint, &turn).await;
    let answer = answer.map_err(|failure| failed(&begun, failure))?;
    let added = finish_add_passkey(begun.id, answer).await;
    if let Err(Refusal { signal: Some(argument), .. }) = &added {
        browser::signal(Signal::UnknownCredential, argument).await;
    }
    added
}

#[component]
pub fn PasskeySection(passkeys: Vec<Passkey>) -> impl IntoView {
    let say = &words().account;
    let old_ones = has_recovered().then(|| view! { <RemoveOldOnes passkeys=passkeys.clone() /> });
    let ways = [
        ("add-passkey", None, say.add_passkey),
        ("add-security-key", Some(Hint::SecurityKey), say.add_security_key),
        ("add-phone", Some(Hint::Phone), say.add_phone),
    ];
    let ways = ways.map(|(id, hint, label)| {
        let question = Question::new(label, say.add_passkey_text, say.add_passkey);
        let next = "/account?done=passkey-added";
        let plan = Plan::new(id, Deed::AddPasskey(hint), label, question, next);
        view! { <DeedButton plan /> }
    });
    view! {
        <section aria-labelledby="passkeys-heading">
            <h2 id="passkeys-heading">{say.passkeys}</h2>
            <p>{say.passkeys_lede}</p>
            {old_ones}
            {if passkeys.is_empty() {
                view! { <p class="empty">{say.no_passkeys}</p> }.into_any()
            } else {
                view! { <PasskeyList passkeys /> }.into_any()
            }}
            <div class="actions">{ways.into_iter().collect_view()} <AddDeviceLink /></div>
        </section>
    }
}

/// Whether the person has just come back with a new passkey.
fn has_recovered() -> bool {
    use_query_map().with_untracked(|query| query.get("done").as_deref() == Some("recovered"))
}

/// For whoever has come back: the passkeys from before may be in other hands.
#[component]
fn RemoveOldOnes(passkeys: Vec<Passkey>) -> impl IntoView {
    let say = &words().account;
    let old = told_apart(&passkeys).into_iter().zip(passkeys);
    let old = old.filter(|(_, passkey)| !passkey.is_of_this_session);
    let names: Vec<String> = old.map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| {
        let text = (say.remove_old_passkeys_text)(&names);
        let label = say.remove_old_passkeys;
        let question = Question::new(label, text, label).destroying();
        let next = "/account?done=passkeys-removed";
        let plan =
            Plan::new("remove-old-passkeys", Deed::RemoveOtherPasskeys, label, question, next);
        view! {
            <div class="actions"><DeedButton plan /></div>
        }
    })
}

/// What each passkey is called, so that no two are called the same: the older has the plain name. The newest
/// is the first of them.
fn told_apart(passkeys: &[Passkey]) -> Vec<String> {
    let name = |passkey: &Passkey| {
        passkey.name.clone().unwrap_or_else(|| words().account.unnamed_passkey.to_owned())
    };
    let called = passkeys.iter().enumerate().map(|(place, passkey)| {
        let name_of_this = name(passkey);
        let older = passkeys.iter().skip(place + 1);
        match older.filter(|older| name(older) == name_of_this).count() {
            0 => name_of_this,
            older => format!("{name_of_this} {}", older + 1),
        }
    });
    called.collect()
}

#[component]
fn PasskeyList(passkeys: Vec<Passkey>) -> impl IntoView {
    let items = told_apart(&passkeys).into_iter().zip(passkeys).enumerate();
    let items = items.map(|(place, (name, passkey))| view! { <PasskeyItem place name passkey /> });
    view! {
        <ul class="list" role="list" aria-labelledby="passkeys-heading">
            {items.collect_view()}
        </ul>
    }
}

#[component]
fn PasskeyItem(place: usize, name: String, passkey: Passkey) -> impl IntoView {
    let say = &words().account;
    let rename = {
        let own_name = passkey.name.as_deref().unwrap_or(say.unnamed_passkey);
        let question = Question::new(say.rename_passkey, "", say.save);
        let question = question.asking(say.passkey_name, own_name, "off");
        let deed = Deed::RenamePasskey(passkey.id.clone());
        let (id, next) = (format!("rename-{place}"), "/account?done=passkey-renamed");
        Plan::new(id, deed, say.rename, question, next).called(format!("{} {name}", say.rename))
    };
    let remove = {
        let text = (say.remove_passkey_text)(&name);
        let question = Question::new(say.remove_passkey, text, say.remove_passkey).destroying();
        let deed = Deed::RemovePasskey(passkey.id);
        let (id, next) = (format!("remove-{place}"), "/account?done=passkey-removed");
        Plan::new(id, deed, say.remove, question, next).called(format!("{} {name}", say.remove))
    };
    view! {
        <li>
            <PasskeyIcon />
            <div>
                <strong>{name.clone()}</strong>
                <p class="meta">
                    <SyncedTag synced=passkey.synced />
                    {passkey.is_of_this_session.then(|| view! { <span class="tag">{say.used_for_this_session}</span> })}
                    <span>{say.created} {time(passkey.created)}</span>
                    {match passkey.last_used {
                        Some(last_used) => view! { <span>{say.last_used} {time(last_used)}</span> }.into_any(),
                        None => view! { <span>{say.never_used}</span> }.into_any(),
                    }}
                </p>
                <div class="row">
                    <DeedButton plan=rename />
                    <DeedButton plan=remove />
                </div>
            </div>
        </li>
    }
}

#[component]
fn SyncedTag(synced: Synced) -> impl IntoView {
    let say = &words().account;
    match synced {
        Synced::Synced => view! { <span class="tag"><SyncedIcon />{say.synced}</span> }.into_any(),
        Synced::NotYet => {
            view! { <span class="tag"><LaptopIcon />{say.not_synced_yet}</span> }.into_any()
        }
        Synced::DeviceOnly => {
            view! { <span class="tag"><LaptopIcon />{say.this_device_only}</span> }.into_any()
        }
    }
}
