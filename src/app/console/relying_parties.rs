//! The relying parties: all of them, and the way to another one.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{Console, NoPage};
use crate::app::deed::{Deed, DeedButton, Plan, Question};
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{ConsoleDeed, Json, PartyLine, Place, Refusal};

/// All relying parties but Keyfold's own pages.
#[server(prefix = "/api/console", endpoint = "look_up_relying_parties", input = Json, output = Json)]
pub async fn look_up_relying_parties() -> Result<Vec<PartyLine>, Refusal> {
    crate::server::Visit::current()?.relying_parties().await
}

#[component]
pub fn RelyingPartiesPage() -> impl IntoView {
    view! {
        <Title text=words().service.parties.title />
        <Await future=look_up_relying_parties() blocking=true let:parties>
            {match parties.clone() {
                Ok(parties) => view! { <PartyList parties /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn PartyList(parties: Vec<PartyLine>) -> impl IntoView {
    let say = &words().service.parties;
    let question = Question::new(say.create, say.create_text, say.create)
        .asking(say.name, "", "off")
        .asking(say.rp_id, "", "off")
        .asking(say.origins_typed, "", "off");
    let deed = Deed::Console(ConsoleDeed::CreateRelyingParty);
    let next = format!("{}?done=party-created", Place::RelyingParties.path());
    let plan = Plan::new("create-relying-party", deed, say.create, question, &next);
    let items = parties.into_iter().map(|party| view! { <PartyItem party /> }).collect_view();
    view! {
        <Console place=Place::RelyingParties>
            <h1>{say.title}</h1>
            <p class="lede">{say.lede}</p>
            {if items.is_empty() {
                view! { <p class="empty">{say.none}</p> }.into_any()
            } else {
                view! { <ul class="list" role="list">{items}</ul> }.into_any()
            }}
            <div class="actions"><DeedButton plan /></div>
        </Console>
    }
}

#[component]
fn PartyItem(party: PartyLine) -> impl IntoView {
    let say = &words().service.parties;
    let page = format!("{}/{}", Place::RelyingParties.path(), party.id);
    view! {
        <li>
            <div>
                <strong><a href=page>{party.name}</a></strong>
                <p class="meta">
                    <span>{party.rp_id}</span>
                    <span>{(say.passkey_count)(party.passkeys)}</span>
                    <span>{say.created} " " {time(party.created)}</span>
                </p>
            </div>
        </li>
    }
}
