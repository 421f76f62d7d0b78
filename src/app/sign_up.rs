//! Signing up: a name, and a passkey instead of a password.

use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use super::account::look_up_account;
use super::ceremony::{Ceremony, Stage};
use super::ui::{CardPage, NeedsScript};
use super::words::WHAT_PASSKEYS_ARE;
use crate::browser;
use crate::wire::{
    Account, Begun, CeremonyId, Code, DISPLAY_NAME_MAX, Refusal, SitePath, USERNAME_MAX,
};

/// Begins a sign-up under this name. The name is reserved for nobody until the end.
#[server(prefix = "/api", endpoint = "begin_sign_up", input = Json)]
pub async fn begin_sign_up(name: String, display_name: String) -> Result<Begun, Refusal> {
    crate::server::Visit::current().begin_sign_up(&name, &display_name).await
}

/// Finishes a sign-up; `answer` is a `RegistrationResponseJSON` as text.
#[server(prefix = "/api", endpoint = "finish_sign_up", input = Json)]
pub async fn finish_sign_up(id: CeremonyId, answer: String) -> Result<Account, Refusal> {
    crate::server::Visit::current().finish_sign_up(&id, &answer).await
}

#[component]
pub fn SignUpPage() -> impl IntoView {
    view! {
        <Title text="Create your account" />
        <Await future=look_up_account() blocking=true let:account>
            {match account {
                Ok(Some(_)) => view! { <Redirect path="/account" /> }.into_any(),
                Ok(None) | Err(_) => view! { <SignUpCard /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn SignUpCard() -> impl IntoView {
    view! {
        <CardPage>
            <h1>"Create your account"</h1>
            <p class="lede">"A passkey takes the place of a password. " {WHAT_PASSKEYS_ARE}</p>
            <SignUpForm />
            <NeedsScript to="Creating a passkey" />
            <p class="aside">"Have an account? " <a href="/sign-in">"Sign in"</a></p>
        </CardPage>
    }
}

/// The form; it works by itself once its code is there.
#[island]
pub fn SignUpForm() -> impl IntoView {
    let sign_up =
        SignUp { ceremony: Ceremony::new(), name: NodeRef::new(), display_name: NodeRef::new() };
    if browser::is_here() {
        spawn_local(async move {
            match browser::supports_passkeys() {
                Ok(()) => sign_up.ceremony.enter(Stage::Ready),
                Err(code) => sign_up.ceremony.fail(code),
            }
        });
    }
    view! {
        <form
            class="stack"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                sign_up.press();
            }
        >
            <div class="field">
                <label for="username">"Username"</label>
                <input
                    id="username"
                    type="text"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    autofocus
                    maxlength=USERNAME_MAX
                    node_ref=sign_up.name
                />
            </div>
            <div class="field">
                <label for="display-name">"Display name (optional)"</label>
                <input
                    id="display-name"
                    type="text"
                    autocomplete="name"
                    maxlength=DISPLAY_NAME_MAX
                    node_ref=sign_up.display_name
                />
            </div>
            {sign_up.ceremony.controls("Create account with a passkey")}
        </form>
    }
}

#[derive(Clone, Copy)]
struct SignUp {
    ceremony: Ceremony,
    name: NodeRef<Input>,
    display_name: NodeRef<Input>,
}

impl SignUp {
    fn press(self) {
        if self.ceremony.is_idle() {
            self.ceremony.enter(Stage::Waiting);
            spawn_local(async move {
                if let Err(refusal) = self.sign_up().await {
                    let is_about_the_name =
                        matches!(refusal.code, Code::NameTaken | Code::NameInvalid);
                    self.ceremony.fail(refusal);
                    if is_about_the_name {
                        focus(self.name);
                    }
                }
            });
        }
    }

    async fn sign_up(self) -> Result<(), Refusal> {
        let (name, display_name) = (typed(self.name), typed(self.display_name));
        let abort = self.ceremony.take_turn()?;
        let begun = begin_sign_up(name, display_name).await?;
        let answer = browser::create(&begun.options, &abort).await?;
        self.ceremony.enter(Stage::Sending);
        match finish_sign_up(begun.id, answer.clone()).await {
            Ok(account) => {
                self.ceremony.enter(Stage::Done(format!("Welcome, {}.", account.display_name)));
                browser::go(&SitePath::account());
                Ok(())
            }
            Err(refusal) => {
                // The device has made a passkey for an account that will never be.
                if matches!(refusal.code, Code::NameTaken | Code::CeremonyExpired | Code::Refused) {
                    browser::forget(&begun.options, &answer).await;
                }
                Err(refusal)
            }
        }
    }
}

fn typed(field: NodeRef<Input>) -> String {
    field.get_untracked().map(|field| field.value()).unwrap_or_default()
}

fn focus(field: NodeRef<Input>) {
    if let Some(field) = field.get_untracked() {
        // Fails only for what is not in the page.
        let _: Result<(), _> = field.focus();
    }
}
