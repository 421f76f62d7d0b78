//! The parts that pages are made of.

pub mod icons;

use leptos::prelude::*;
use leptos_meta::Title;

use super::words::sentences;
use crate::wire::Refusal;
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

/// A page that could not be made.
#[component]
pub fn Trouble(refusal: Refusal) -> impl IntoView {
    let (what, next) = sentences(refusal.code);
    view! {
        <Title text="Something went wrong" />
        <CardPage>
            <h1>{what}</h1>
            <p class="lede">{next}</p>
            <p class="reference" data-code=refusal.code.as_str()>"Reference " {refusal.reference}</p>
        </CardPage>
    }
}

/// What is read where the code of the page cannot run, and where it could not be loaded: then the
/// start script of the page shows the second one.
#[component]
pub fn NeedsScript(
    /// What cannot be done, as the beginning of a sentence.
    to: &'static str,
) -> impl IntoView {
    view! {
        <noscript>
            <p class="notice">
                {to} " needs JavaScript. Switch it on for this site and load the page again."
            </p>
        </noscript>
        <p id="not-started" class="notice" role="alert" hidden>
            "This page could not start. Load it again; if that does not help, update your browser."
        </p>
    }
}

/// The quiet foot of every page.
#[component]
pub fn Foot() -> impl IntoView {
    view! { <footer class="foot"><p>"Passkeys by Keyfold"</p></footer> }
}
