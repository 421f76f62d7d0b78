//! The page for addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use super::ui::CardPage;
use super::words::words;
use crate::wire::Reference;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    let say = &words().common;
    view! {
        <Title text=say.not_found_title />
        <CardPage>
            <h1>{say.not_found_heading}</h1>
            <p class="lede">{say.not_found}</p>
            <div class="actions"><a class="button primary" href="/">{say.to_the_first_page}</a></div>
            {use_context()
                .map(|Reference(reference)| {
                    view! { <p class="reference">{say.reference} " " {reference}</p> }
                })}
        </CardPage>
    }
}
