//! The parts that pages are made of.

pub mod icons;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::words::{language, words};
use crate::wire::{Code, Language, Moment, Refusal};
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
    view! { <a class="skip" href="#main">{words().common.skip_to_content}</a> }
}

/// A page that could not be made.
#[component]
pub fn Trouble(refusal: Refusal) -> impl IntoView {
    let say = words();
    let [what, next] = (say.sentences)(refusal.code);
    view! {
        <Title text=say.common.something_went_wrong />
        <CardPage>
            <div aria-live="assertive" data-code=refusal.code.as_str()>
                <h1>{what}</h1>
                <p class="lede">{next}</p>
                <p class="reference">{say.common.reference} " " {refusal.reference}</p>
            </div>
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
    let say = &words().common;
    view! {
        <noscript><p class="notice">{to} {say.needs_javascript}</p></noscript>
        <p id="not-started" class="notice" role="alert" hidden>{say.could_not_start}</p>
    }
}

/// What the islands of the page may have to say: they carry no sentence themselves, so that a page
/// brings those of one language, and the client none.
#[component]
pub fn Sentences(
    /// What the button says at first.
    #[prop(optional)]
    begin: &'static str,
    /// What the button says when it is done.
    #[prop(optional)]
    done: &'static str,
    /// What the islands want to know beside that.
    #[prop(optional)]
    also: Vec<(&'static str, String)>,
    /// What can happen on this page beside what happens in every ceremony.
    #[prop(optional)]
    more: &'static [Code],
    /// Whether the page is for whoever is signed in.
    #[prop(optional)]
    signed_in: bool,
) -> impl IntoView {
    let say = words();
    let sentences = Code::OF_EVERY_CEREMONY.iter().chain(more).map(|code| {
        let different = signed_in.then(|| (say.sentences_when_signed_in)(*code)).flatten();
        let [what, next] = different.unwrap_or_else(|| (say.sentences)(*code));
        view! { <p id=code.as_str()><b>{what}</b><i>{next}</i></p> }
    });
    view! {
        <template id="sentences">
            <b id="waiting">{say.common.waiting_for_your_device}</b>
            <b id="one-moment">{say.common.one_moment}</b>
            <b id="begin">{begin}</b>
            <b id="done">{done}</b>
            {also.into_iter().map(|(id, text)| view! { <b id=id>{text}</b> }).collect_view()}
            <b id="reference">{say.common.reference}</b>
            {sentences.collect_view()}
        </template>
    }
}

/// The quiet foot of every page: who made it, help, and the other languages.
#[component]
pub fn Foot() -> impl IntoView {
    let say = &words().common;
    let here = use_location();
    let search = here.search.with_untracked(|search| search.trim_start_matches('?').to_owned());
    let others = Language::ALL.into_iter().filter(|other| *other != language());
    let links = others.map(|other| {
        let tag = other.tag();
        let query = if search.is_empty() {
            format!("?lang={tag}")
        } else {
            format!("?{search}&lang={tag}")
        };
        view! { <a href=query lang=tag hreflang=tag>{other.own_name()}</a> }
    });
    view! {
        <footer class="foot">
            <p>{say.foot}</p>
            <nav aria-label=say.language>{links.collect_view()}</nav>
            <a href="/help/passkeys">{say.help}</a>
        </footer>
    }
}

/// Roughly how long ago; exactly, for the pointer and for screen readers.
pub(super) fn time(moment: Moment) -> impl IntoView {
    let Moment { exact, readable, seconds_ago } = moment;
    let ago = (words().ago)(seconds_ago);
    let label = format!("{ago}, {readable}");
    view! { <time datetime=exact title=readable aria-label=label>{ago}</time> }
}
