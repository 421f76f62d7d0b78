//! One relying party: its settings, its API keys, and what can be done with them.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{Console, NoPage, console_plan};
use crate::app::deed::{Deed, DeedButton, Plan, Question};
use crate::app::recovery::until;
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{ApiKeyLine, ConsoleDeed, Json, PartyDetails, PartyLine, Place, Refusal};

/// The relying party of this id.
#[server(prefix = "/api/console", endpoint = "look_up_relying_party", input = Json, output = Json)]
pub async fn look_up_relying_party(id: String) -> Result<PartyDetails, Refusal> {
    crate::server::Visit::current()?.relying_party(&id).await
}

#[component]
pub fn RelyingPartyPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    view! {
        <Title text=words().service.parties.title />
        <Await future=look_up_relying_party(id) blocking=true let:party>
            {match party.clone() {
                Ok(party) => view! { <Party party /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

fn page_of(id: &str, done: &str) -> String {
    format!("{}/{id}?done={done}", Place::RelyingParties.path())
}

#[component]
fn Party(party: PartyDetails) -> impl IntoView {
    let say = &words().service.parties;
    let PartyDetails { line, keys } = party;
    let verification = if line.requires_verification { say.required } else { say.preferred };
    let passkeys = format!("{}?party={}", Place::Passkeys.path(), line.id);
    let origins = line.origins.iter().map(|origin| view! { <code>{origin.clone()}</code> " " });
    let origins = origins.collect_view();
    view! {
        <Console place=Place::RelyingParties>
            <p class="back"><a href=Place::RelyingParties.path()>{say.back}</a></p>
            <h1>{line.name.clone()}</h1>
            <section aria-labelledby="settings-heading">
                <h2 id="settings-heading">{say.settings}</h2>
                <dl class="facts">
                    <div><dt>{say.id}</dt><dd><code>{line.id.clone()}</code></dd></div>
                    <div><dt>"RP ID"</dt><dd><code>{line.rp_id.clone()}</code></dd></div>
                    <div><dt>{say.origins}</dt><dd>{origins}</dd></div>
                    <div><dt>{say.verification}</dt><dd>{verification}</dd></div>
                    <div><dt>{say.created}</dt><dd>{time(line.created.clone())}</dd></div>
                    <div><dt>{say.passkeys}</dt><dd><a href=passkeys>{(say.passkey_count)(line.passkeys)}</a></dd></div>
                </dl>
            </section>
            <Keys keys id=line.id.clone() />
            <Deeds line />
        </Console>
    }
}

#[component]
fn Keys(keys: Vec<ApiKeyLine>, id: String) -> impl IntoView {
    let say = &words().service.parties;
    let question = Question::new(say.create_key, say.create_key_text, say.create_key)
        .asking(say.key_name, "", "off")
        .asking(say.key_days, "", "off");
    let deed = Deed::Console(ConsoleDeed::CreateApiKey(id.clone()));
    let next = page_of(&id, "key-created");
    let create = Plan::new("create-api-key", deed, say.create_key, question, &next);
    let items = keys.into_iter().map(|key| view! { <Key key_line=key id=id.clone() /> });
    let items = items.collect_view();
    view! {
        <section aria-labelledby="keys-heading">
            <h2 id="keys-heading">{say.keys}</h2>
            <p>{say.keys_lede}</p>
            {if items.is_empty() {
                view! { <p class="empty">{say.no_keys}</p> }.into_any()
            } else {
                view! { <ul class="list" role="list">{items}</ul> }.into_any()
            }}
            <div class="actions"><DeedButton plan=create /></div>
        </section>
    }
}

#[component]
fn Key(key_line: ApiKeyLine, id: String) -> impl IntoView {
    let say = &words().service.parties;
    let ApiKeyLine { id: key, name, created, last_used, revoked, expires, works } = key_line;
    let revoke = works.then(|| {
        let (deed, text) = (ConsoleDeed::RevokeApiKey(key.clone()), (say.revoke_text)(&name));
        let next = page_of(&id, "key-revoked");
        let plan = console_plan(&format!("revoke-{key}"), deed, say.revoke, text, &next);
        let plan = plan.destroying().called(format!("{}: {name}", say.revoke));
        view! { <div class="row"><DeedButton plan /></div> }
    });
    let used = match last_used {
        Some(moment) => view! { {say.last_used} " " {time(moment)} }.into_any(),
        None => say.never_used.into_any(),
    };
    let end = match (revoked, expires, works) {
        (Some(moment), _, _) => {
            view! { <span class="tag">{say.revoked} " " {time(moment)}</span> }.into_any()
        }
        (None, Some(_), false) => view! { <span class="tag">{say.expired}</span> }.into_any(),
        (None, Some(end), true) => view! { <span>{say.expires} " " {until(end)}</span> }.into_any(),
        (None, None, _) => ().into_any(),
    };
    view! {
        <li>
            <div>
                <strong>{name}</strong>
                <p class="meta">
                    {end}
                    <span><code>"kf_" {key} "_…"</code></span>
                    <span>{say.created} " " {time(created)}</span>
                    <span>{used}</span>
                </p>
                {revoke}
            </div>
        </li>
    }
}

#[component]
fn Deeds(line: PartyLine) -> impl IntoView {
    let say = &words().service.parties;
    let id = line.id.clone();
    let changed = page_of(&id, "party-changed");
    let question = Question::new(say.change, say.change_text, say.change)
        .asking(say.name, &line.name, "off")
        .asking(say.origins_typed, &line.origins.join(" "), "off");
    let deed = Deed::Console(ConsoleDeed::ChangeRelyingParty(id.clone()));
    let change = Plan::new("change-relying-party", deed, say.change, question, &changed);
    let verification = if line.requires_verification {
        let (deed, text) = (ConsoleDeed::PreferVerification(id.clone()), say.prefer_text);
        console_plan("prefer-verification", deed, say.prefer, text.to_owned(), &changed)
    } else {
        let (deed, text) = (ConsoleDeed::RequireVerification(id.clone()), say.require_text);
        console_plan("require-verification", deed, say.require, text.to_owned(), &changed)
    };
    let text = (say.remove_text)(&line.name, &(say.passkey_count)(line.passkeys));
    let next = format!("{}?done=party-removed", Place::RelyingParties.path());
    let deed = ConsoleDeed::RemoveRelyingParty(id);
    let remove = console_plan("remove-relying-party", deed, say.remove, text, &next).destroying();
    let plans = [change, verification, remove];
    view! {
        <section aria-labelledby="deeds-heading">
            <h2 id="deeds-heading">{say.what_can_be_done}</h2>
            <div class="actions">
                {plans.map(|plan| view! { <DeedButton plan /> }).collect_view()}
            </div>
        </section>
    }
}
