//! The parts that pages are made of.

pub mod icons;

use leptos::prelude::*;

use icons::Mark;

/// A page with one card in the middle, and the mark above it.
#[component]
pub fn CardPage(children: Children) -> impl IntoView {
    view! {
        <SkipLink />
        <main id="main" class="card-page">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /></a>
            <section class="card">{children()}</section>
        </main>
        <Foot />
    }
}

/// The first stop of the keyboard on every page.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! { <a class="skip" href="#main">"Skip to content"</a> }
}

/// The quiet foot of every page.
#[component]
pub fn Foot() -> impl IntoView {
    view! { <footer class="foot"><p>"Passkeys by Keyfold"</p></footer> }
}
