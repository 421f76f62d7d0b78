//! The page of the kit: the codes are made when the button is pressed, and shown this once.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use super::answer::Answer;
use super::ceremony::{Ceremony, Stage};
use super::deed::step_up;
use super::part::{Acting, Part};
use super::recovery::RecoveryBanner;
use super::ui::icons::Mark;
use super::ui::{Foot, NeedsScript, Sentences, SkipLink, Trouble};
use super::words::{rendered, words};
use crate::browser;
use crate::wire::{Code, Json, KitSheet, Refusal};

/// The list, where the focus goes once the codes are there.
const CODES: &str = "codes";

/// Under what the page has what is said later.
const CONFIRM: &str = "confirm";

const COPIED: &str = "copied";

const HEAD: &str = "kit-head";

/// Makes a kit of recovery codes; the one before is worth nothing any more.
#[server(prefix = "/api", endpoint = "make_recovery_codes", input = Json, output = Answer)]
pub async fn make_recovery_codes() -> Result<Vec<String>, Refusal> {
    crate::server::Visit::current()?.make_recovery_codes().await
}

/// What stands beside the codes; nothing where nobody is signed in.
#[server(prefix = "/api", endpoint = "look_up_kit_sheet", input = Json, output = Json)]
pub async fn look_up_kit_sheet() -> Result<Option<KitSheet>, Refusal> {
    crate::server::Visit::current()?.kit_sheet().await
}

#[component]
pub fn KitPage() -> impl IntoView {
    view! {
        <Await future=look_up_kit_sheet() blocking=true let:sheet>
            {match sheet.clone() {
                Ok(Some(sheet)) => view! { <KitColumn sheet /> }.into_any(),
                Ok(None) => view! { <Redirect path="/sign-in?next=/account/recovery-codes" /> }.into_any(),
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn KitColumn(sheet: KitSheet) -> impl IntoView {
    let say = &words().recovery;
    let also = said_later(&sheet);
    let KitSheet { name, display_name, site, address, today, replaces } = sheet;
    view! {
        <Title text=words().recovery.codes />
        <SkipLink />
        <header class="bar">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /><span>"Keyfold"</span></a>
            <span class="who">{display_name}</span>
        </header>
        <main id="main" class="column">
            <RecoveryBanner />
            <h1 id="kit-heading">{say.codes}</h1>
            <p class="lede">{say.kit_lede}</p>
            {replaces.then(|| view! { <p>{say.kit_replaces}</p> })}
            <section aria-labelledby="kit-heading">
                <dl class="facts">
                    <div><dt>{say.site}</dt><dd>{site}</dd></div>
                    <div><dt>{say.username}</dt><dd>{name}</dd></div>
                    <div><dt>{say.made_on}</dt><dd><time datetime=today.exact>{today.readable}</time></dd></div>
                    <div><dt>{say.use_at}</dt><dd>{address}</dd></div>
                </dl>
                <Acting part=Part::Kit />
            </section>
            <p class="aside"><a href="/account">{say.back}</a></p>
            <Sentences
                begin=say.show_codes
                signed_in=true
                more=&[Code::StaleSignIn, Code::NoPasskeyLeft]
                also
            />
            <NeedsScript to=say.needs_kit />
        </main>
        <Foot />
    }
}

/// What the part has to say later, and what stands above the codes in the file.
fn said_later(sheet: &KitSheet) -> Vec<(&'static str, String)> {
    let (say, account) = (&words().recovery, &words().account);
    let facts = [
        (say.site, &sheet.site),
        (say.username, &sheet.name),
        (say.made_on, &sheet.today.readable),
        (say.use_at, &sheet.address),
    ];
    let facts = facts.map(|(what, value)| format!("{what}: {value}")).join("\n");
    vec![
        (CONFIRM, account.confirm.to_owned()),
        (COPIED, say.copied.to_owned()),
        (HEAD, format!("{}\n\n{facts}\n\n", say.codes)),
    ]
}

/// The button, and then the codes.
#[component]
pub(super) fn NewKit() -> impl IntoView {
    let ceremony = Ceremony::new();
    let (codes, is_proving) = (RwSignal::new(Vec::new()), RwSignal::new(false));
    if browser::is_here() {
        spawn_local(async move { ceremony.enter(Stage::Ready) });
    }
    let has_codes = move || codes.with(|codes: &Vec<String>| !codes.is_empty());
    let make = rendered(|say| say.recovery.show_codes);
    let label = move || match ceremony.stage() {
        Stage::Waiting => browser::said("waiting"),
        Stage::Sending | Stage::Done => browser::said("one-moment"),
        _ if !browser::is_here() => make.to_owned(),
        _ if is_proving.get() => browser::said(CONFIRM),
        _ => browser::said("begin"),
    };
    let is_busy = move || matches!(ceremony.stage(), Stage::Waiting | Stage::Sending);
    view! {
        <form
            class="stack"
            hidden=has_codes
            on:submit=move |event| {
                event.prevent_default();
                press(ceremony, codes, is_proving);
            }
        >
            <button
                type="submit"
                class="primary"
                disabled=move || ceremony.stage() == Stage::Starting
                aria-disabled=move || is_busy().then_some("true")
            >
                {label}
            </button>
            <button
                type="button"
                class="quiet"
                disabled=move || ceremony.stage() != Stage::Waiting
                on:click=|_| browser::call_off()
            >
                {rendered(|say| say.common.cancel)}
            </button>
            {ceremony.outcome()}
        </form>
        <div class="kit" hidden=move || !has_codes()>
            <p class="notice" role="status">{rendered(|say| say.recovery.kit_once)}</p>
            <ol id=CODES class="codes" tabindex="-1" aria-labelledby="kit-heading">
                {move || {
                    codes.get().into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()
                }}
            </ol>
            <Keeping codes />
        </div>
    }
}

/// The ways to keep the codes.
#[component]
fn Keeping(codes: RwSignal<Vec<String>>) -> impl IntoView {
    let is_copied = RwSignal::new(false);
    let text = |codes: &[String]| browser::said(HEAD) + &codes.join("\n") + "\n";
    let address = move || {
        let codes = codes.get();
        if browser::is_here() { browser::as_file(&text(&codes)) } else { String::new() }
    };
    let copy = move |_| {
        let text = text(&codes.get_untracked());
        spawn_local(async move { is_copied.set(browser::copy(&text).await) });
    };
    let copied = move || is_copied.get().then(|| browser::said(COPIED));
    view! {
        <div class="actions">
            <button type="button" class="primary" on:click=|_| browser::print()>
                {rendered(|say| say.recovery.print)}
            </button>
            <button type="button" on:click=copy>{rendered(|say| say.recovery.copy)}</button>
            <a class="button" href=address download="recovery-codes.txt">
                {rendered(|say| say.recovery.download)}
            </a>
        </div>
        <p role="status">{copied}</p>
    }
}

/// Makes the codes; where the server wants a fresh proof, the next press gives it first.
fn press(ceremony: Ceremony, codes: RwSignal<Vec<String>>, is_proving: RwSignal<bool>) {
    if !ceremony.is_idle() {
        return;
    }
    ceremony.enter(Stage::Sending);
    spawn_local(async move {
        let made = async {
            if is_proving.get_untracked() {
                ceremony.enter(Stage::Waiting);
                step_up().await?;
                is_proving.set(false);
                ceremony.enter(Stage::Sending);
            }
            make_recovery_codes().await
        };
        match made.await {
            Ok(made) => {
                ceremony.enter(Stage::Done);
                codes.set(made);
                // Once they are there.
                request_animation_frame(|| browser::focus(CODES));
            }
            Err(refusal) => {
                is_proving.update(|proving| *proving |= refusal.code == Code::StaleSignIn);
                ceremony.fail(refusal);
            }
        }
    });
}
