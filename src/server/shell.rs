//! The document around every page.
//!
//! Owns: the head, the names of the hashed files, and the page's content security policy with its
//! nonce. It lives in the server because islands never hydrate it.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use super::assets::{PACKAGE, Package};
use crate::app::App;
use crate::wire::{Language, SignUpPolicy};

pub(super) fn shell(options: LeptosOptions) -> impl IntoView {
    // Pages are not hydrated, islands are: nothing outside them is written into the page a second time.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    let language = use_context::<Language>().unwrap_or_default().tag();
    let nonce = use_nonce().map(|nonce| nonce.as_inner().to_string()).unwrap_or_default();
    send_policy(&nonce);
    view! {
        <!DOCTYPE html>
        <html lang=language>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {PACKAGE.as_ref().map(|package| files(package, &nonce, is_a_door()))}
                {cfg!(debug_assertions).then(|| view! { <AutoReload options /> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Whether people wait on this page for what acts on it. Others load it when they find that they have
/// something that acts; some have not.
fn is_a_door() -> bool {
    use_context::<Parts>().is_some_and(|parts| match parts.uri.path() {
        "/" | "/sign-in" | "/account" => true,
        "/sign-up" => use_context::<SignUpPolicy>() == Some(SignUpPolicy::Open),
        _ => false,
    })
}

/// A browser looks at the first frame whether the page fades in, and Chromium does not apply a style for
/// that which has only just come: it would not fade, and call that an error of the page. Whoever asks how
/// something looks makes it apply the style, and scripts wait for the style in front of them.
const APPLY_STYLE: &str = "getComputedStyle(document.documentElement).color";

fn files(package: &'static Package, nonce: &str, is_a_door: bool) -> impl IntoView + use<> {
    let Package { script, module, style } = package;
    // What Leptos' own island script does, for islands that have no children.
    let start = format!(
        "const islands=document.querySelectorAll('leptos-island');\
         if(islands.length)try{{const m=await import('{script}');await m.default({{module_or_path:'{module}'}});\
         m.hydrate();await Promise.all([...islands].map(island=>m[island.dataset.component](island)))}}\
         catch(error){{const notice=document.getElementById('not-started');\
         if(notice){{notice.dataset.code='unreachable';notice.hidden=false}}throw error}}"
    );
    view! {
        <link rel="stylesheet" href=style.as_str() />
        {is_a_door
            .then(|| {
                view! {
                    <link rel="modulepreload" href=script.as_str() />
                    <link rel="preload" href=module.as_str() r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                }
            })}
        <script nonce=nonce.to_owned() inner_html=APPLY_STYLE></script>
        <script type="module" nonce=nonce.to_owned() inner_html=start></script>
    }
}

/// What the page may do: run our own script and module, and talk to us.
pub(super) fn policy(nonce: &str) -> String {
    let reload = if cfg!(debug_assertions) { " ws://localhost:*" } else { "" };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'{reload}; img-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
}

fn send_policy(nonce: &str) {
    let policy = policy(nonce);
    if let (Some(response), Ok(policy)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy))
    {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}
