//! What people do in their account: a button, a dialog that asks, and one call.
//!
//! Owns: asking before it is done, what was typed, and that a deed for which the server wants a fresh
//! proof goes on by itself once the device has given it. Refuses to know: how a page looks afterwards;
//! it is loaded again and says what was done.

mod plan;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::account::{change_names, delete_account, end_other_sessions, end_session};
use super::answer::Answer;
use super::ceremony::{Ceremony, Stage};
use super::console::act_in_console;
use super::email::{add_email, remove_email, resend_verification};
use super::failure::failed;
use super::part::{Acting, Part};
use super::passkeys::{add_passkey, remove_other_passkeys, remove_passkey, rename_passkey};
use super::recovery::{cancel_recovery, remove_recovery_codes};
use crate::browser::{self, Hint, Signal, Turn};
use crate::wire::{Begun, CeremonyId, Code, ConsoleDeed, Json, Mediation, Refusal, SitePath};
pub use plan::{Plan, Question};

/// Begins to prove in an open session that it is still the same person.
#[server(prefix = "/api", endpoint = "begin_step_up", input = Json, output = Answer)]
pub async fn begin_step_up() -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_step_up().await
}

/// Finishes it; `answer` is an `AuthenticationResponseJSON` as text.
#[server(prefix = "/api", endpoint = "finish_step_up", input = Json, output = Answer)]
pub async fn finish_step_up(id: CeremonyId, answer: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_step_up(id, answer).await
}

/// What is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Deed {
    /// Makes another passkey, where the hint says.
    AddPasskey(Option<Hint>),
    /// Gives the passkey of this id the name that was typed.
    RenamePasskey(String),
    /// Removes the passkey of this id.
    RemovePasskey(String),
    /// Ends the session of this id.
    EndSession(String),
    /// Ends all sessions but this one.
    EndOtherSessions,
    /// Takes the username and the display name that were typed.
    ChangeNames,
    /// Adds the e-mail address that was typed.
    AddEmail,
    /// Removes the e-mail address of this id.
    RemoveEmail(String),
    /// Sends the link to the e-mail address of this id again.
    ResendVerification(String),
    /// Deletes the account.
    DeleteAccount,
    /// Removes all passkeys but the one that has opened this session.
    RemoveOtherPasskeys,
    /// Calls off the recovery that is under way.
    CancelRecovery,
    /// Takes the recovery codes away.
    RemoveRecoveryCodes,
    /// What only admins do, with what was typed.
    Console(ConsoleDeed),
}

/// What is left to do when a deed is done.
enum Done {
    /// The page comes that the plan names.
    GoOn,
    /// Another page comes.
    GoTo(&'static str),
    /// This is told once, then the page comes that the plan names.
    Tell(String),
}

impl Deed {
    async fn carry_out(&self, typed: &[String]) -> Result<Done, Refusal> {
        let all = typed;
        let typed = |place: usize| typed.get(place).cloned().unwrap_or_default();
        match self {
            Self::AddPasskey(hint) => add_passkey(*hint).await,
            Self::RenamePasskey(id) => rename_passkey(id.clone(), typed(0)).await,
            Self::RemovePasskey(id) => remove_passkey(id.clone()).await,
            Self::RemoveOtherPasskeys => remove_other_passkeys().await,
            Self::EndSession(id) => end_session(id.clone()).await,
            Self::EndOtherSessions => end_other_sessions().await,
            Self::ChangeNames => change_names(typed(0), typed(1)).await,
            Self::AddEmail => add_email(typed(0)).await,
            Self::RemoveEmail(id) => remove_email(id.clone()).await,
            Self::ResendVerification(id) => resend_verification(id.clone()).await,
            Self::CancelRecovery => cancel_recovery().await,
            Self::RemoveRecoveryCodes => remove_recovery_codes().await,
            Self::DeleteAccount => {
                let signal = delete_account().await?;
                let told = browser::try_to_signal(Signal::AllAcceptedCredentials, &signal).await;
                return Ok(if told.is_ok() { Done::GoOn } else { Done::GoTo(TELL_IT_YOURSELF) });
            }
            Self::Console(deed) => {
                let told = act_in_console(deed.clone(), all.to_vec()).await?;
                return Ok(told.map_or(Done::GoOn, Done::Tell));
            }
        }
        .map(|()| Done::GoOn)
    }
}

/// Comes when an account is gone and the browser could not be told that its passkeys are worth nothing.
const TELL_IT_YOURSELF: &str = "/?done=account-deleted-here";

/// A button that opens a dialog, and does what the dialog asks.
#[component]
pub fn DeedButton(plan: Plan) -> impl IntoView {
    view! { <Acting part=Part::Deed(Box::new(plan)) /> }
}

#[derive(Debug, Clone, Copy)]
struct Dialog {
    ceremony: Ceremony,
    /// The server wants a fresh proof first.
    proving: RwSignal<bool>,
    /// What came back, to be told once.
    told: RwSignal<Option<String>>,
    /// How often it was closed. What was pressed before that is not wanted any more.
    round: StoredValue<u32>,
    id: StoredValue<String>,
    deed: StoredValue<Deed>,
    fields: usize,
    next: StoredValue<SitePath>,
}

/// The same, where it runs.
#[component]
pub(super) fn DeedDialog(plan: Plan) -> impl IntoView {
    let Plan { id, deed, label, name, question, asides, next } = plan;
    let dialog = Dialog {
        ceremony: Ceremony::new(),
        proving: RwSignal::new(false),
        told: RwSignal::new(None),
        round: StoredValue::new(0),
        id: StoredValue::new(id.clone()),
        deed: StoredValue::new(deed),
        fields: question.fields.len(),
        next: StoredValue::new(next),
    };
    if browser::is_here() {
        spawn_local(async move { dialog.ceremony.enter(Stage::Ready) });
    }
    let Question { heading, text, fields, button, destroys } = question;
    let heading_id = format!("{id}-heading");
    let is_proving = move || dialog.proving.get();
    let has_told = move || dialog.told.with(Option::is_some);
    let fields = fields.into_iter().enumerate().map(|(place, field)| {
        let field_id = field_id(&id, place);
        view! {
            <div class="field" hidden=is_proving>
                <label for=field_id.clone()>{field.label}</label>
                <input id=field_id type="text" value=field.value autocomplete=field.autocomplete maxlength="254" />
            </div>
        }
    });
    let fields = fields.collect_view();
    let (confirm_heading, confirm_text, confirm) =
        (asides.confirm_heading, asides.confirm_text, asides.confirm);
    view! {
        <button
            type="button"
            aria-label=(!name.is_empty()).then_some(name)
            aria-haspopup="dialog"
            class:danger=destroys
            disabled=move || dialog.ceremony.stage() == Stage::Starting
            on:click=move |_| dialog.open()
        >
            {label}
        </button>
        <dialog id=id aria-labelledby=heading_id.clone() on:close=move |_| dialog.closed()>
            <form
                class="stack"
                novalidate
                hidden=has_told
                on:submit=move |event| {
                    event.prevent_default();
                    dialog.press();
                }
            >
                <h2 id=heading_id.clone()>
                    {move || if is_proving() { confirm_heading.clone() } else { heading.clone() }}
                </h2>
                <p aria-live="polite">
                    {move || if is_proving() { confirm_text.clone() } else { text.clone() }}
                </p>
                {fields}
                <button
                    type="submit"
                    class=if destroys { "primary danger" } else { "primary" }
                    aria-disabled=move || dialog.is_busy().then_some("true")
                >
                    {move || match dialog.ceremony.stage() {
                        Stage::Waiting => browser::said("waiting"),
                        Stage::Sending | Stage::Done => browser::said("one-moment"),
                        _ if is_proving() => confirm.clone(),
                        _ => button.clone(),
                    }}
                </button>
                <button type="button" class="quiet" autofocus=destroys on:click=move |_| dialog.close()>
                    {asides.cancel}
                </button>
                {dialog.ceremony.outcome()}
            </form>
            <Told dialog />
        </dialog>
    }
}

/// What came back: shown once, to be copied; then it goes on.
#[component]
fn Told(dialog: Dialog) -> impl IntoView {
    let is_copied = RwSignal::new(false);
    let copy = move |_| {
        let text = dialog.told.get_untracked().unwrap_or_default();
        spawn_local(async move { is_copied.set(browser::copy(&text).await) });
    };
    move || {
        dialog.told.get().map(|told| {
            let copied = move || if is_copied.get() { " ✓" } else { "" };
            view! {
                <div class="stack" role="status">
                    <p>{browser::said("told-once")}</p>
                    <p class="told"><code>{told}</code></p>
                    <button type="button" class="primary" on:click=copy>
                        {browser::said("copy")} {copied}
                    </button>
                    <button type="button" class="quiet" on:click=move |_| dialog.close()>
                        {browser::said("close")}
                    </button>
                </div>
            }
        })
    }
}

fn field_id(dialog: &str, place: usize) -> String {
    format!("{dialog}-field-{place}")
}

impl Dialog {
    fn open(self) {
        self.proving.set(false);
        self.ceremony.enter(Stage::Ready);
        self.id.with_value(|id| browser::open_dialog(id));
    }

    fn close(self) {
        self.id.with_value(|id| browser::close_dialog(id));
    }

    /// By the button, by Escape: what is under way is called off. What has been told is gone.
    fn closed(self) {
        if self.told.with_untracked(Option::is_some) {
            self.next.with_value(browser::go);
            return;
        }
        self.round.update_value(|round| *round += 1);
        browser::call_off();
        self.ceremony.enter(Stage::Ready);
    }

    fn is_busy(self) -> bool {
        matches!(self.ceremony.stage(), Stage::Waiting | Stage::Sending | Stage::Done)
    }

    fn press(self) {
        if self.ceremony.is_idle() {
            self.ceremony.enter(Stage::Sending);
            let round = self.round.get_value();
            let is_wanted = move || self.round.get_value() == round;
            spawn_local(async move {
                let done = self.carry_out(is_wanted).await;
                match done {
                    // Also where it was closed meanwhile: it is done.
                    Ok(done) => self.show(done),
                    Err(_) if !is_wanted() => {}
                    Err(refusal) if refusal.code == Code::StaleSignIn => {
                        self.proving.set(true);
                        self.ceremony.enter(Stage::Ready);
                    }
                    Err(refusal) => self.ceremony.fail(refusal),
                }
            });
        }
    }

    fn show(self, done: Done) {
        self.ceremony.enter(Stage::Done);
        match done {
            Done::GoOn => self.next.with_value(browser::go),
            Done::GoTo(path) => {
                browser::go(&SitePath::parse(path).unwrap_or_else(SitePath::home));
            }
            Done::Tell(told) => {
                self.told.set(Some(told));
                self.id.with_value(|id| browser::open_dialog(id));
            }
        }
    }

    async fn carry_out(self, is_wanted: impl Fn() -> bool) -> Result<Done, Refusal> {
        if self.proving.get_untracked() {
            self.ceremony.enter(Stage::Waiting);
            step_up().await?;
            if !is_wanted() {
                return Err(Code::Cancelled.into());
            }
            self.proving.set(false);
            self.ceremony.enter(Stage::Sending);
        }
        let deed = self.deed.get_value();
        if matches!(deed, Deed::AddPasskey(_)) {
            self.ceremony.enter(Stage::Waiting);
        }
        let id = self.id.get_value();
        let typed: Vec<String> =
            (0..self.fields).map(|place| browser::typed_in(&field_id(&id, place))).collect();
        deed.carry_out(&typed).await
    }
}

/// Proves with the device that it is still the same person.
pub(super) async fn step_up() -> Result<(), Refusal> {
    browser::supports_passkeys()?;
    let turn = Turn::take()?;
    let begun = begin_step_up().await?;
    let answer = browser::get(&begun.options, Mediation::Modal, None, &turn).await;
    finish_step_up(begun.id.clone(), answer.map_err(|failure| failed(&begun, failure))?).await
}
