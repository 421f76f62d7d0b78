//! The first page: what this is, and the two ways in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use super::account::{Done, look_up_account};
use super::part::{Acting, Part};
use super::sign_up::may_sign_up;
use super::ui::icons::{LaptopIcon, Mark, PasskeyIcon, SyncedIcon};
use super::ui::{Foot, SkipLink, Trouble};
use super::words::words;
use crate::wire::SitePath;

#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Title text=words().home.title />
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
    let (say, common) = (&words().home, &words().common);
    let [first, second, third] = say.points;
    let point = |[what, means]: [&'static str; 2]| {
        view! { <div><strong>{what}</strong><p>{means}</p></div> }
    };
    let without_one = SitePath::parse(if may_sign_up() { "/sign-up" } else { "/sign-in" });
    let without_one = without_one.unwrap_or_else(SitePath::home);
    view! {
        <SkipLink />
        <main id="main" class="landing">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /></a>
            <Done />
            <h1>{say.heading}</h1>
            <p class="lede">{say.lede} {common.what_passkeys_are}</p>
            <div class="actions">
                <Acting part=Part::Enter { label: common.sign_in.to_owned(), without_one } />
                {may_sign_up()
                    .then(|| view! { <a class="button" href="/sign-up">{common.create_an_account}</a> })}
            </div>
            <ul class="points">
                <li><PasskeyIcon /> {point(first)}</li>
                <li><SyncedIcon /> {point(second)}</li>
                <li><LaptopIcon /> {point(third)}</li>
            </ul>
        </main>
        <Foot />
    }
}
