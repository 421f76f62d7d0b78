//! Coming back without a passkey: a code opens a recovery, and its page leads to a new passkey.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::answer::Answer;
use super::ceremony::{Ceremony, Stage};
use super::failure::failed;
use super::part::{Acting, Part};
use super::recovery::until;
use super::ui::{CardPage, NeedsScript, Sentences, Trouble};
use super::words::{rendered, words};
use crate::browser::{self, Signal, Turn};
use crate::wire::{Begun, CeremonyId, Code, Coming, Json, Recovery, Refusal, SitePath};

/// The fields; what they hold is read when the button is pressed.
const NAME: &str = "username";

const CODE: &str = "recovery-code";

/// How often the page of a recovery that waits looks whether it still does, while somebody looks at it.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Opens a recovery with a code. It goes on at the address that is answered, and nowhere else.
#[server(prefix = "/api", endpoint = "begin_recovery", input = Json, output = Answer)]
pub async fn begin_recovery(name: String, code: String) -> Result<SitePath, Refusal> {
    crate::server::Visit::current()?.begin_recovery(&name, &code).await
}

/// Where the recovery of this token stands.
#[server(prefix = "/api", endpoint = "look_up_recovery", input = Json, output = Json)]
pub async fn look_up_recovery(token: String) -> Result<Recovery, Refusal> {
    crate::server::Visit::current()?.recovery(&token).await
}

/// Begins the registration of a new passkey in a recovery that is ready.
#[server(prefix = "/api", endpoint = "begin_recovery_passkey", input = Json, output = Answer)]
pub async fn begin_recovery_passkey(token: String) -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_recovery_passkey(&token).await
}

/// Finishes a recovery; `answer` is a `RegistrationResponseJSON` as text.
#[server(prefix = "/api", endpoint = "finish_recovery", input = Json, output = Answer)]
pub async fn finish_recovery(token: String, id: CeremonyId, answer: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_recovery(&token, id, answer).await
}

#[component]
pub fn RecoverPage() -> impl IntoView {
    let (say, common) = (&words().recovery, &words().common);
    view! {
        <Title text=words().recovery.title />
        <CardPage>
            <h1>{say.title}</h1>
            <p class="lede">{say.lede}</p>
            <Acting part=Part::Recover />
            <Sentences begin=say.begin done=say.begun more=&[Code::RecoveryRefused] />
            <NeedsScript to=say.needs />
            <p class="aside">{say.no_codes}</p>
            <p class="aside"><a href="/sign-in">{common.sign_in}</a></p>
        </CardPage>
    }
}

/// The form, where it runs.
#[component]
pub(super) fn RecoverForm() -> impl IntoView {
    let ceremony = Ceremony::new();
    if browser::is_here() {
        spawn_local(async move { ceremony.enter(Stage::Ready) });
    }
    let is_wrong = move || {
        let is_wrong = matches!(ceremony.stage(), Stage::Failed(refusal) if refusal.code == Code::RecoveryRefused);
        is_wrong.then_some("true")
    };
    view! {
        <form
            class="stack"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                begin(ceremony);
            }
        >
            <div class="field">
                <label for=NAME>{rendered(|say| say.recovery.username)}</label>
                <input id=NAME type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus maxlength="64" aria-invalid=is_wrong aria-describedby="outcome" />
            </div>
            <div class="field">
                <label for=CODE>{rendered(|say| say.recovery.code)}</label>
                <input id=CODE type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="64" aria-invalid=is_wrong aria-describedby="code-hint outcome" />
                <p id="code-hint" class="hint">{rendered(|say| say.recovery.code_hint)}</p>
            </div>
            {ceremony.controls(rendered(|say| say.recovery.begin))}
        </form>
    }
}

fn begin(ceremony: Ceremony) {
    if ceremony.is_idle() {
        ceremony.enter(Stage::Sending);
        spawn_local(async move {
            match begin_recovery(browser::typed_in(NAME), browser::typed_in(CODE)).await {
                Ok(path) => {
                    ceremony.enter(Stage::Done);
                    browser::go(&path);
                }
                Err(refusal) => {
                    ceremony.fail(refusal);
                    browser::focus(CODE);
                }
            }
        });
    }
}

/// The page of one recovery. Looking at it changes nothing.
#[component]
pub fn RecoveryPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let recovery = look_up_recovery(token.clone());
    view! {
        <Title text=words().recovery.title />
        <Await future=recovery blocking=true let:recovery>
            {match recovery.clone() {
                Ok(Recovery::Waiting { name, ready }) => view! { <Waiting name ready /> }.into_any(),
                Ok(Recovery::Ready { name }) => {
                    view! { <Ready name token=token.clone() /> }.into_any()
                }
                Ok(Recovery::CalledOff) => view! { <Over code=Code::RecoveryCancelled /> }.into_any(),
                Ok(Recovery::Over) => view! { <Over code=Code::LinkInvalid /> }.into_any(),
                Err(refusal) => view! { <Trouble refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Waiting(name: String, ready: Coming) -> impl IntoView {
    let say = &words().recovery;
    view! {
        <CardPage>
            <h1>{say.waiting}</h1>
            <p>{say.keep_address}</p>
            <dl class="facts">
                <div><dt>{say.username}</dt><dd>{name}</dd></div>
                <div><dt>{say.ready_at}</dt><dd>{until(ready)}</dd></div>
            </dl>
            <p class="hint">{say.can_be_called_off}</p>
            <Acting part=Part::AwaitRecovery />
        </CardPage>
    }
}

/// Shows the page anew once its recovery has done with waiting. Which one that is only the address says, not
/// the page. Without script it is for whoever waits to load it again.
#[component]
pub(super) fn AwaitRecovery() -> impl IntoView {
    if browser::is_here() {
        set_interval(look, LOOK_EVERY);
    }
}

fn look() {
    if browser::is_visible() {
        spawn_local(async {
            let token = browser::last_of_path();
            // That the site cannot be reached just now is no news: it is asked again.
            if let Ok(found) = look_up_recovery(token.clone()).await
                && !matches!(found, Recovery::Waiting { .. })
            {
                browser::go(&SitePath::recovery(&token));
            }
        });
    }
}

#[component]
fn Ready(name: String, token: String) -> impl IntoView {
    let say = &words().recovery;
    let more = &[Code::LinkInvalid, Code::RecoveryWaiting, Code::RecoveryCancelled];
    view! {
        <CardPage>
            <h1>{say.ready}</h1>
            <p class="lede">{say.ready_text}</p>
            <dl class="facts">
                <div><dt>{say.username}</dt><dd>{name}</dd></div>
            </dl>
            <Acting part=Part::NewPasskey(token) />
            <Sentences begin=say.make_passkey done=words().sign_in.done more />
            <NeedsScript to=say.needs />
        </CardPage>
    }
}

#[component]
fn Over(code: Code) -> impl IntoView {
    let [what, next] = (words().sentences)(code);
    let (say, common) = (&words().recovery, &words().common);
    view! {
        <CardPage>
            <h1 data-code=code.as_str()>{what}</h1>
            <p class="lede">{next}</p>
            <p class="aside"><a href="/recover">{say.try_again}</a></p>
            <p class="aside"><a href="/sign-in">{common.sign_in}</a></p>
        </CardPage>
    }
}

/// The button that makes the new passkey.
#[component]
pub(super) fn NewPasskey(token: String) -> impl IntoView {
    let ceremony = Ceremony::new();
    if browser::is_here() {
        spawn_local(async move { ceremony.open() });
    }
    let token = StoredValue::new(token);
    let press = move || {
        if ceremony.is_idle() {
            ceremony.enter(Stage::Waiting);
            spawn_local(async move {
                if let Err(refusal) = recover(ceremony, token.get_value()).await {
                    ceremony.fail(refusal);
                }
            });
        }
    };
    view! {
        <form
            class="stack"
            on:submit=move |event| {
                event.prevent_default();
                press();
            }
        >
            {ceremony.controls(rendered(|say| say.recovery.make_passkey))}
        </form>
    }
}

async fn recover(ceremony: Ceremony, token: String) -> Result<(), Refusal> {
    let turn = Turn::take()?;
    let begun = begin_recovery_passkey(token.clone()).await?;
    let answer = browser::create(&begun.options, None, &turn).await;
    let answer = answer.map_err(|failure| failed(&begun, failure))?;
    ceremony.enter(Stage::Sending);
    if let Err(refusal) = finish_recovery(token, begun.id, answer).await {
        if let Some(argument) = &refusal.signal {
            browser::signal(Signal::UnknownCredential, argument).await;
        }
        return Err(refusal);
    }
    ceremony.enter(Stage::Done);
    if let Some(next) = SitePath::parse("/account?done=recovered") {
        browser::go(&next);
    }
    Ok(())
}
