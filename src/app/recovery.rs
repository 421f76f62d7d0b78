//! What whoever is signed in sees of recoveries: their kit of codes, and a recovery under way.

use leptos::prelude::*;

use super::answer::Answer;
use super::deed::{Deed, DeedButton, Plan, Question};
use super::ui::time;
use super::words::words;
use crate::wire::{Coming, Json, Kit, Refusal, UnderWay};

/// Takes the kit away.
#[server(prefix = "/api", endpoint = "remove_recovery_codes", input = Json, output = Answer)]
pub async fn remove_recovery_codes() -> Result<(), Refusal> {
    crate::server::Visit::current()?.remove_recovery_codes().await
}

/// What is left of the kit.
#[server(prefix = "/api", endpoint = "look_up_recovery_kit", input = Json, output = Json)]
pub async fn look_up_recovery_kit() -> Result<Option<Kit>, Refusal> {
    crate::server::Visit::current()?.recovery_kit().await
}

/// The recovery that is under way, if one is.
#[server(prefix = "/api", endpoint = "pending_recovery", input = Json, output = Json)]
pub async fn pending_recovery() -> Result<Option<UnderWay>, Refusal> {
    crate::server::Visit::current()?.pending_recovery().await
}

/// Calls it off, for good.
#[server(prefix = "/api", endpoint = "cancel_recovery", input = Json, output = Answer)]
pub async fn cancel_recovery() -> Result<(), Refusal> {
    crate::server::Visit::current()?.cancel_recovery().await
}

/// The warning while a recovery of the account is under way; nothing where none is.
#[component]
pub fn RecoveryBanner() -> impl IntoView {
    view! {
        <Await future=pending_recovery() blocking=true let:pending>
            {pending.clone().ok().flatten().map(|under_way| view! { <Warning under_way /> })}
        </Await>
    }
}

#[component]
fn Warning(under_way: UnderWay) -> impl IntoView {
    let (say, account) = (&words().recovery, &words().account);
    let question = Question::new(say.call_off_heading, say.call_off_text, say.call_off);
    let next = "/account?done=recovery-called-off";
    let plan = Plan::new("call-off", Deed::CancelRecovery, say.call_off, question, next);
    let UnderWay { begun, ready, by_operator, browser, system, network } = under_way;
    let browser = browser.as_deref().unwrap_or(account.unknown_browser);
    let whence = match (by_operator, &system) {
        (true, _) => say.by_operator.to_owned(),
        (false, Some(system)) => (account.on)(browser, system),
        (false, None) => browser.to_owned(),
    };
    let whence = [Some(whence), network].into_iter().flatten().collect::<Vec<_>>().join(", ");
    view! {
        <section class="notice" role="alert" aria-labelledby="recovery-warning">
            <div class="stack">
                <h2 id="recovery-warning">{say.warning}</h2>
                <p>{say.warning_text}</p>
                <dl class="facts">
                    <div><dt>{say.begun_at}</dt><dd>{time(begun)}</dd></div>
                    <div><dt>{say.begun_from}</dt><dd>{whence}</dd></div>
                    <div><dt>{say.lets_in}</dt><dd>{until(ready)}</dd></div>
                </dl>
                <DeedButton plan />
            </div>
        </section>
    }
}

/// The section of the account page: how many codes are left, and the way to new ones.
#[component]
pub fn RecoverySection() -> impl IntoView {
    let say = &words().recovery;
    view! {
        <section aria-labelledby="recovery-heading">
            <h2 id="recovery-heading">{say.codes}</h2>
            <p>{say.codes_lede}</p>
            <Await future=look_up_recovery_kit() blocking=true let:kit>
                <KitState kit=kit.clone().ok().flatten() />
            </Await>
        </section>
    }
}

#[component]
fn KitState(kit: Option<Kit>) -> impl IntoView {
    let say = &words().recovery;
    let Some(Kit { left, made }) = kit else {
        return view! {
            <p class="empty">{say.no_codes_yet}</p>
            <div class="actions"><a class="button" href="/account/recovery-codes">{say.make_codes}</a></div>
        }
        .into_any();
    };
    let question = Question::new(say.remove_codes, say.remove_codes_text, say.remove_codes);
    let (deed, next) = (Deed::RemoveRecoveryCodes, "/account?done=recovery-codes-removed");
    let plan = Plan::new("remove-codes", deed, say.remove_codes, question.destroying(), next);
    view! {
        <p>{(say.codes_left)(left)} " " <span class="hint">{say.made} {time(made)}</span></p>
        <div class="actions">
            <a class="button" href="/account/recovery-codes">{say.replace_codes}</a>
            <DeedButton plan />
        </div>
    }
    .into_any()
}

/// In how long, and exactly when.
pub(super) fn until(coming: Coming) -> impl IntoView {
    let Coming { exact, readable, seconds_left } = coming;
    view! { <time datetime=exact>{(words().until)(seconds_left)} ", " {readable}</time> }
}
