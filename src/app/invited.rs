//! Signing up with a link: with an invitation, or to run the site.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_params_map;

use super::account::look_up_account;
use super::not_found::NotFoundPage;
use super::sign_up::{EntryCard, NoEntry, may_sign_up};
use super::ui::Trouble;
use super::words::words;
use crate::wire::{Code, Json, Refusal, Standing};

/// How the invitation of this token stands.
#[server(prefix = "/api", endpoint = "look_up_invitation", input = Json, output = Json)]
pub async fn look_up_invitation(token: String) -> Result<Standing, Refusal> {
    crate::server::Visit::current()?.invitation(&token).await
}

/// Whether this token makes somebody an admin.
#[server(prefix = "/api", endpoint = "look_up_setup_link", input = Json, output = Json)]
pub async fn look_up_setup_link(token: String) -> Result<bool, Refusal> {
    crate::server::Visit::current()?.is_setup_link(&token).await
}

/// The page of an invitation. Looking at it uses nothing up.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let arrival = {
        let token = token.clone();
        async move {
            let account = look_up_account().await?;
            Ok::<_, Refusal>((account.is_some(), look_up_invitation(token).await?))
        }
    };
    view! {
        <Title text=words().sign_up.title />
        <Await future=arrival blocking=true let:arrival>
            {match arrival.clone() {
                Ok((true, _)) => view! { <Redirect path="/account" /> }.into_any(),
                Ok((false, standing)) => {
                    view! { <Invitation standing token=token.clone() /> }.into_any()
                }
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Invitation(standing: Standing, token: String) -> impl IntoView {
    let say = &words().sign_up;
    match standing {
        Standing::Open if !may_sign_up() => {
            view! { <NoEntry why=(words().sentences)(Code::SignUpClosed) /> }.into_any()
        }
        Standing::Open => {
            view! { <EntryCard heading=say.invited lede=say.lede link=token /> }.into_any()
        }
        standing => view! { <NoEntry why=(say.invitation_over)(standing) /> }.into_any(),
    }
}

/// The page where somebody becomes an admin. Without a link that works there is no such page.
#[component]
pub fn SetupPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    view! {
        <Await future=look_up_setup_link(token.clone()) blocking=true let:is_link>
            {match is_link.clone() {
                Ok(true) => view! { <Setup token=token.clone() /> }.into_any(),
                Ok(false) => view! { <NotFoundPage /> }.into_any(),
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Setup(token: String) -> impl IntoView {
    let say = &words().sign_up;
    view! {
        <Title text=say.setup />
        <EntryCard
            heading=say.setup
            lede=say.setup_lede
            link=token
            next="/console/users?done=set-up"
        />
    }
}
