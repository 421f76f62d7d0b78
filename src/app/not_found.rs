//! The page for addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use super::ui::CardPage;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Page not found" />
        <CardPage>
            <h1>"There is no page here"</h1>
            <p class="lede">"The address may have a typing error, or the page is gone."</p>
            <div class="actions"><a class="button primary" href="/">"Go to the first page"</a></div>
        </CardPage>
    }
}
