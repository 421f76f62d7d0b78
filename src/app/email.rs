//! E-mail addresses: the section of the account page, and the page that a link leads to.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::answer::Answer;
use super::ceremony::{Ceremony, Stage};
use super::deed::{Deed, DeedButton, Plan, Question};
use super::part::{Acting, Part};
use super::ui::icons::MailIcon;
use super::ui::{CardPage, NeedsScript, Sentences};
use super::words::words;
use crate::browser;
use crate::wire::{Code, Email, Json, Refusal, SitePath};

/// The addresses of whoever is signed in; none where e-mail is switched off.
#[server(prefix = "/api", endpoint = "look_up_emails", input = Json, output = Json)]
pub async fn look_up_emails() -> Result<Option<Vec<Email>>, Refusal> {
    crate::server::Visit::current()?.emails().await
}

/// Adds an address; a mail with a link goes there.
#[server(prefix = "/api", endpoint = "add_email", input = Json, output = Answer)]
pub async fn add_email(address: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.add_email(&address).await
}

/// Removes an address.
#[server(prefix = "/api", endpoint = "remove_email", input = Json, output = Answer)]
pub async fn remove_email(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.remove_email(&id).await
}

/// Sends another mail with a link.
#[server(prefix = "/api", endpoint = "resend_verification", input = Json, output = Answer)]
pub async fn resend_verification(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.resend_verification(&id).await
}

/// Verifies the address that this link was sent to.
#[server(prefix = "/api", endpoint = "verify_email", input = Json, output = Answer)]
pub async fn verify_email(token: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.verify_email(&token).await
}

/// How many addresses a person may have; the server sees to it.
const MOST: usize = 5;

/// Where people look after their addresses; nothing at all where e-mail is switched off.
#[component]
pub fn EmailSection() -> impl IntoView {
    view! {
        <Await future=look_up_emails() blocking=true let:emails>
            {emails.clone().ok().flatten().map(|emails| view! { <Addresses emails /> })}
        </Await>
    }
}

#[component]
fn Addresses(emails: Vec<Email>) -> impl IntoView {
    let say = &words().email;
    let has_room = emails.len() < MOST;
    let question = Question::new(say.add, say.add_text, say.add_button);
    let question = question.asking(say.address, "", "email");
    let next = "/account?done=email-added";
    let add = Plan::new("add-email", Deed::AddEmail, say.add, question, next);
    view! {
        <section aria-labelledby="email-heading">
            <h2 id="email-heading">{say.heading}</h2>
            <p>{say.lede}</p>
            {if emails.is_empty() {
                view! { <p class="empty">{say.none}</p> }.into_any()
            } else {
                let items = emails.into_iter().enumerate();
                let items = items.map(|(place, email)| view! { <AddressItem place email /> });
                view! {
                    <ul class="list" role="list" aria-labelledby="email-heading">{items.collect_view()}</ul>
                }
                    .into_any()
            }}
            {if has_room {
                view! { <DeedButton plan=add /> }.into_any()
            } else {
                view! { <p>{say.enough}</p> }.into_any()
            }}
        </section>
    }
}

#[component]
fn AddressItem(place: usize, email: Email) -> impl IntoView {
    let say = &words().email;
    let Email { id, address, is_verified } = email;
    let resend = (!is_verified).then(|| {
        let question =
            Question::new(say.resend_title, (say.resend_text)(&address), say.resend_button);
        let deed = Deed::ResendVerification(id.clone());
        let (button, next) = (format!("resend-{place}"), "/account?done=email-sent");
        let plan = Plan::new(button, deed, say.resend, question, next);
        view! { <DeedButton plan=plan.called(format!("{}: {address}", say.resend)) /> }
    });
    let remove = {
        let text = (say.remove_text)(&address);
        let question = Question::new(say.remove_title, text, say.remove_title).destroying();
        let (button, next) = (format!("remove-email-{place}"), "/account?done=email-removed");
        let plan = Plan::new(button, Deed::RemoveEmail(id), say.remove, question, next);
        plan.called(format!("{} {address}", say.remove))
    };
    let tag = if is_verified { say.verified } else { say.not_verified };
    view! {
        <li>
            <MailIcon />
            <div>
                <strong>{address.clone()}</strong>
                <p class="meta"><span class="tag">{tag}</span></p>
                <div class="row">
                    {resend}
                    <DeedButton plan=remove />
                </div>
            </div>
        </li>
    }
}

/// The page that the link in a mail leads to. It changes nothing by itself: mail programs and their
/// guards follow links, too.
#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let say = &words().email;
    let token = use_params_map().with_untracked(|parameters| parameters.get("token"));
    let (token, label) = (token.unwrap_or_default(), say.verify_button.to_owned());
    let verify = Part::VerifyEmail { token, label };
    view! {
        <Title text=words().email.verify_title />
        <CardPage>
            <h1>{say.verify_title}</h1>
            <p class="lede">{say.verify_text}</p>
            <Acting part=verify />
            <Sentences more=&[Code::LinkInvalid] />
            <NeedsScript to=say.needs />
        </CardPage>
    }
}

/// Where the button leads.
#[component]
pub fn EmailVerifiedPage() -> impl IntoView {
    let say = &words().email;
    view! {
        <Title text=words().email.verified_title />
        <CardPage>
            <h1>{say.verified_title}</h1>
            <p class="lede" role="status">{say.verified_text}</p>
            <div class="actions"><a class="button primary" href="/account">{say.to_the_account}</a></div>
        </CardPage>
    }
}

/// The button that verifies an address.
#[component]
pub(super) fn VerifyButton(token: String, label: String) -> impl IntoView {
    let ceremony = Ceremony::new();
    if browser::is_here() {
        spawn_local(async move { ceremony.enter(Stage::Ready) });
    }
    let press = move |_| {
        if ceremony.is_idle() {
            ceremony.enter(Stage::Sending);
            let token = token.clone();
            spawn_local(async move {
                match verify_email(token).await {
                    Ok(()) => browser::go(&SitePath::email_verified()),
                    Err(refusal) => ceremony.fail(refusal),
                }
            });
        }
    };
    view! {
        <div class="stack">
            <button
                type="button"
                class="primary"
                disabled=move || ceremony.stage() == Stage::Starting
                aria-disabled=move || (ceremony.stage() == Stage::Sending).then_some("true")
                on:click=press
            >
                {label}
            </button>
            {ceremony.outcome()}
        </div>
    }
}
