//! The first page: what this is, and the two ways in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use super::account::look_up_account;
use super::ui::icons::{LaptopIcon, Mark, PasskeyIcon, SyncedIcon};
use super::ui::{Foot, SkipLink, Trouble};
use super::words::WHAT_PASSKEYS_ARE;

#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Title text="Keyfold" />
        <Await future=look_up_account() blocking=true let:account>
            {match account {
                Ok(Some(_)) => view! { <Redirect path="/account" /> }.into_any(),
                Ok(None) => view! { <Welcome /> }.into_any(),
                Err(refusal) => view! { <Trouble refusal=refusal.clone() /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Welcome() -> impl IntoView {
    view! {
        <SkipLink />
        <main id="main" class="landing">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /></a>
            <h1>"Sign in without a password"</h1>
            <p class="lede">"Keyfold lets you in with a passkey. " {WHAT_PASSKEYS_ARE}</p>
            <div class="actions">
                <a class="button primary" href="/sign-in">"Sign in"</a>
                <a class="button" href="/sign-up">"Create an account"</a>
            </div>
            <ul class="points">
                <li>
                    <PasskeyIcon />
                    <div><strong>"One look, one touch"</strong><p>"Your device knows you. That is all it takes."</p></div>
                </li>
                <li>
                    <SyncedIcon />
                    <div><strong>"On all your devices"</strong><p>"Passkeys follow you to your other phones and computers."</p></div>
                </li>
                <li>
                    <LaptopIcon />
                    <div><strong>"Yours alone"</strong><p>"Your face and your finger never leave your device."</p></div>
                </li>
            </ul>
        </main>
        <Foot />
    }
}
