//! The users: found by name, one page after the other.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{Console, NoPage};
use crate::app::ui::icons::PersonIcon;
use crate::app::ui::time;
use crate::app::words::words;
use crate::wire::{FoundUsers, Json, Place, Refusal, UserLine};

/// A page of the users who are found by what was searched for, after the one of this name.
#[server(prefix = "/api/console", endpoint = "look_up_users", input = Json, output = Json)]
pub async fn look_up_users(search: String, after: String) -> Result<FoundUsers, Refusal> {
    crate::server::Visit::current()?.users(&search, &after).await
}

#[component]
pub fn UsersPage() -> impl IntoView {
    let asked = |name: &str| use_query_map().with_untracked(|query| query.get(name));
    let (search, after) = (asked("q").unwrap_or_default(), asked("after").unwrap_or_default());
    let found = look_up_users(search.clone(), after.clone());
    view! {
        <Title text=words().console.users.title />
        <Await future=found blocking=true let:found>
            {match found.clone() {
                Ok(found) => {
                    view! { <UserList found search=search.clone() is_first=after.is_empty() /> }
                        .into_any()
                }
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn UserList(found: FoundUsers, search: String, is_first: bool) -> impl IntoView {
    let (say, users) = (&words().console, &words().console.users);
    let next = found.next.map(|after| {
        let query = [("q", search.as_str()), ("after", after.as_str())];
        let address = format!("{}?{}", Place::Users.path(), in_query(&query));
        view! { <a class="button" href=address>{say.next_page}</a> }
    });
    let first = (!is_first).then(|| {
        let address = format!("{}?{}", Place::Users.path(), in_query(&[("q", &search)]));
        view! { <a class="button" href=address>{say.first_page}</a> }
    });
    let nobody = if search.is_empty() { users.nobody } else { users.nobody_found };
    view! {
        <Console place=Place::Users>
            <h1>{users.title}</h1>
            <p class="lede">{(users.lede)(found.total)}</p>
            <form class="search" role="search" method="get" action=Place::Users.path()>
                <label for="q">{users.search_for}</label>
                <input id="q" name="q" type="search" value=search autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="254" />
                <button type="submit">{say.search}</button>
            </form>
            {if found.users.is_empty() {
                view! { <p class="empty">{nobody}</p> }.into_any()
            } else {
                let lines = found.users.into_iter().map(|user| view! { <UserItem user /> });
                view! { <ul class="list" role="list">{lines.collect_view()}</ul> }.into_any()
            }}
            <div class="actions">{first} {next}</div>
        </Console>
    }
}

#[component]
fn UserItem(user: UserLine) -> impl IntoView {
    let say = &words().console.users;
    view! {
        <li>
            <PersonIcon />
            <div>
                <strong><a href=format!("{}/{}", Place::Users.path(), user.id)>{user.name.clone()}</a></strong>
                <p class="meta">
                    {tags(&user)}
                    {user.display_name.map(|name| view! { <span>{name}</span> })}
                    <span>{(say.sessions)(user.sessions)}</span>
                    <span>{say.signed_up} " " {time(user.created)}</span>
                </p>
            </div>
        </li>
    }
}

/// What sets a user apart from the others.
pub(super) fn tags(user: &UserLine) -> impl IntoView + use<> {
    let say = &words().console.users;
    let tags =
        [(user.is_you, say.you), (user.is_admin, say.admin), (user.is_disabled, say.disabled)];
    let tags = tags.into_iter().filter(|(is_so, _)| *is_so);
    tags.map(|(_, tag)| view! { <span class="tag">{tag}</span> }).collect_view()
}

/// Pairs as the query of an address; what is empty is left out.
pub(super) fn in_query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    let encoded = pairs.map(|(name, value)| format!("{name}={}", encoded(value)));
    encoded.collect::<Vec<_>>().join("&")
}

/// Percent-encoded, but for what means nothing in an address (RFC 3986, §2.3).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::in_query;

    #[test]
    fn whatever_was_searched_for_stands_in_one_address() {
        assert_eq!(in_query(&[("q", ""), ("after", "zoë & co")]), "after=zo%C3%AB%20%26%20co");
        assert_eq!(in_query(&[("q", "a=b"), ("after", "c#?")]), "q=a%3Db&after=c%23%3F");
    }
}
