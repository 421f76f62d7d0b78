//! The invitations: made here, and taken back.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{Console, NoPage, console_plan};
use crate::app::deed::{Deed, DeedButton, Plan, Question};
use crate::app::recovery::until;
use crate::app::ui::icons::InvitationIcon;
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{ConsoleDeed, InvitationLine, Json, Place, Refusal, SignUpPolicy, Standing};

/// All invitations.
#[server(prefix = "/api/console", endpoint = "look_up_invitations", input = Json, output = Json)]
pub async fn look_up_invitations() -> Result<Vec<InvitationLine>, Refusal> {
    crate::server::Visit::current()?.invitations().await
}

#[component]
pub fn InvitationsPage() -> impl IntoView {
    view! {
        <Title text=words().console.invitations.title />
        <Await future=look_up_invitations() blocking=true let:invitations>
            {match invitations.clone() {
                Ok(invitations) => view! { <Invitations invitations /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Invitations(invitations: Vec<InvitationLine>) -> impl IntoView {
    let say = &words().console.invitations;
    let policy = use_context::<SignUpPolicy>().unwrap_or_default();
    let question = Question::new(say.invite, say.invite_text, say.invite)
        .asking(say.uses, "1", "off")
        .asking(say.days, "7", "off")
        .asking(say.note, "", "off");
    let next = format!("{}?done=invitation-made", Place::Invitations.path());
    let deed = Deed::Console(ConsoleDeed::Invite);
    let plan = Plan::new("invite", deed, say.invite, question, &next);
    let items = invitations.into_iter().enumerate();
    let items = items.map(|(place, invitation)| view! { <Item place invitation /> }).collect_view();
    view! {
        <Console place=Place::Invitations>
            <h1>{say.title}</h1>
            <p class="lede">{(say.policy)(policy)}</p>
            <div class="actions">
                <DeedButton plan />
            </div>
            {if items.is_empty() {
                view! { <p class="empty">{say.none}</p> }.into_any()
            } else {
                view! { <ul class="list" role="list">{items}</ul> }.into_any()
            }}
        </Console>
    }
}

#[component]
fn Item(place: usize, invitation: InvitationLine) -> impl IntoView {
    let say = &words().console.invitations;
    let InvitationLine { id, note, created, expires, uses, used, standing } = invitation;
    let name = if note.is_empty() { id.clone() } else { note };
    let is_open = standing == Standing::Open;
    let revoke = is_open.then(|| {
        let (key, text) = (format!("revoke-{place}"), (say.revoke_text)(&name));
        let next = format!("{}?done=invitation-revoked", Place::Invitations.path());
        let deed = ConsoleDeed::RevokeInvitation(id);
        let plan = console_plan(&key, deed, say.revoke, text, &next).destroying();
        let plan = plan.called(format!("{}: {name}", say.revoke));
        view! { <div class="row"><DeedButton plan /></div> }
    });
    view! {
        <li>
            <InvitationIcon />
            <div>
                <strong>{name.clone()}</strong>
                <p class="meta">
                    <span class="tag">{(say.standing)(standing)}</span>
                    <span>{(say.used)(used, uses)}</span>
                    <span>{say.made} " " {time(created)}</span>
                    {is_open.then(|| view! { <span>{say.expires} " " {until(expires)}</span> })}
                </p>
                {revoke}
            </div>
        </li>
    }
}
