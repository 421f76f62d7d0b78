//! Parts of the pages that list what there is: filters, as a plain GET form, and the way to the next page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::users::in_query;
use crate::app::words::words;
use crate::wire::PartyChoice;

/// What stands in the address of the page under this name.
pub(super) fn asked(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get(name)).unwrap_or_default()
}

/// A field in which one of these words is chosen, or none of them.
#[component]
pub fn Choice(
    /// Under which name it stands in the address.
    name: &'static str,
    /// What is chosen.
    label: &'static str,
    /// The words, and what they are called.
    words: Vec<(String, String)>,
    /// The word that is chosen now.
    chosen: String,
    /// One of them is chosen always.
    #[prop(optional)]
    always: bool,
) -> impl IntoView {
    let all = crate::app::words::words().service.all;
    let options = words.into_iter().map(move |(word, called)| {
        let is_chosen = word == chosen;
        view! { <option value=word selected=is_chosen>{called}</option> }
    });
    let options = options.collect_view();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                {(!always).then(|| view! { <option value="">{all}</option> })}
                {options}
            </select>
        </div>
    }
}

/// The relying parties to choose from.
#[component]
pub fn PartyFilter(parties: Vec<PartyChoice>, chosen: String) -> impl IntoView {
    let parties = parties.into_iter().map(|party| (party.id, party.name)).collect();
    view! { <Choice name="party" label=words().service.relying_party words=parties chosen /> }
}

/// A field in which something is typed that is looked for.
#[component]
pub fn Typed(
    /// Under which name it stands in the address.
    name: &'static str,
    /// What belongs there.
    label: &'static str,
    /// What stands there.
    value: String,
    /// More about what belongs there.
    #[prop(optional)]
    hint: &'static str,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let described = (!hint.is_empty()).then(|| hint_id.clone());
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input id=name name=name type="search" value=value aria-describedby=described autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="128" />
            {(!hint.is_empty()).then(|| view! { <p id=hint_id class="hint">{hint}</p> })}
        </div>
    }
}

/// The form around filters.
#[component]
pub fn Filters(
    /// The page.
    to: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="filters" role="search" method="get" action=to>
            {children()}
            <button type="submit">{words().service.apply}</button>
        </form>
    }
}

/// The ways to the first page and to the next one, with what is looked for.
#[component]
pub fn Pages(
    /// The page.
    to: &'static str,
    /// What is looked for, as the query of the address.
    query: String,
    /// Under which name it stands in the address where the next page begins.
    place: &'static str,
    /// Where it begins, if there is one.
    next: Option<String>,
    /// This is not the first one.
    is_later: bool,
) -> impl IntoView {
    let say = &words().console;
    let first = is_later.then(|| format!("{to}?{query}"));
    let next = next.map(|next| {
        let parts = [query, in_query(&[(place, &next)])];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{to}?{}", parts.join("&"))
    });
    view! {
        <div class="actions">
            {first.map(|address| view! { <a class="button" href=address>{say.first_page}</a> })}
            {next.map(|address| view! { <a class="button" href=address>{say.next_page}</a> })}
        </div>
    }
}
