//! What happens on the first device, step by step.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{
    begin_device_link, confirm_device_link, focus_step, refuse_device_link, watch_device_link,
};
use crate::app::ceremony::{Ceremony, Stage};
use crate::app::deed::step_up;
use crate::browser;
use crate::wire::{Code, DeviceLink, DeviceLinkId, LinkProgress, Refusal};

#[derive(Debug, Clone, Copy)]
pub(super) struct First {
    pub(super) ceremony: Ceremony,
    /// None before there is a link.
    pub(super) progress: RwSignal<Option<LinkProgress>>,
    pub(super) link: RwSignal<Option<DeviceLink>>,
    /// The server wants a fresh proof first.
    pub(super) proving: RwSignal<bool>,
    pub(super) seconds_left: RwSignal<u32>,
    pub(super) copied: RwSignal<bool>,
    /// When the link is over, by this device's clock.
    until: StoredValue<f64>,
    /// Grows with each tick; the server is asked at every other one.
    ticks: StoredValue<u32>,
    /// The server is being asked.
    looking: StoredValue<bool>,
    /// Grows with each step, so that an answer to an older question is not taken for news.
    steps: StoredValue<u32>,
}

impl First {
    pub(super) fn new() -> Self {
        Self {
            ceremony: Ceremony::new(),
            progress: RwSignal::new(None),
            link: RwSignal::new(None),
            proving: RwSignal::new(false),
            seconds_left: RwSignal::new(0),
            copied: RwSignal::new(false),
            until: StoredValue::new(0.0),
            ticks: StoredValue::new(0),
            looking: StoredValue::new(false),
            steps: StoredValue::new(0),
        }
    }

    pub(super) fn is_busy(self) -> bool {
        matches!(self.ceremony.stage(), Stage::Waiting | Stage::Sending | Stage::Done)
    }

    /// Whether it is this person's turn, and not the other device's.
    pub(super) fn has_something_to_do(self) -> bool {
        let progress = self.progress.get();
        self.proving.get()
            || matches!(progress, None | Some(LinkProgress::Asked(_) | LinkProgress::Over))
    }

    /// What the passkey that was added is called; `unnamed` where it has no name.
    pub(super) fn added(self, unnamed: &str) -> Option<String> {
        match self.progress.get() {
            Some(LinkProgress::Added(name)) => Some(name.unwrap_or_else(|| unnamed.to_owned())),
            _ => None,
        }
    }

    /// Goes on with the step that is shown.
    pub(super) fn press(self) {
        self.work(self.go_on());
    }

    /// Refuses the device that asks, or that was let in.
    pub(super) fn refuse(self) {
        self.work(async move {
            if let Some(id) = self.id() {
                refuse_device_link(id).await?;
                self.come_to(LinkProgress::Over);
            }
            Ok(())
        });
    }

    fn work(self, work: impl Future<Output = Result<(), Refusal>> + 'static) {
        if self.ceremony.is_idle() {
            self.ceremony.enter(Stage::Sending);
            spawn_local(async move {
                match work.await {
                    Ok(()) => self.ceremony.enter(Stage::Ready),
                    Err(refusal) if refusal.code == Code::StaleSignIn => {
                        self.proving.set(true);
                        self.ceremony.enter(Stage::Ready);
                        focus_step();
                    }
                    Err(refusal) => self.ceremony.fail(refusal),
                }
            });
        }
    }

    async fn go_on(self) -> Result<(), Refusal> {
        if self.proving.get_untracked() {
            self.ceremony.enter(Stage::Waiting);
            step_up().await?;
            self.proving.set(false);
            self.ceremony.enter(Stage::Sending);
        }
        let is_asked = matches!(self.progress.get_untracked(), Some(LinkProgress::Asked(_)));
        if let Some(id) = self.id().filter(|_| is_asked) {
            confirm_device_link(id).await?;
            self.come_to(LinkProgress::Confirmed);
        } else {
            let link = begin_device_link().await?;
            self.until.set_value(browser::now() + f64::from(link.lives_for) * 1000.0);
            self.seconds_left.set(link.lives_for);
            self.copied.set(false);
            self.link.set(Some(link));
            self.come_to(LinkProgress::Open);
        }
        Ok(())
    }

    fn id(self) -> Option<DeviceLinkId> {
        self.link.with_untracked(|link| link.as_ref().map(|link| link.id.clone()))
    }

    fn come_to(self, progress: LinkProgress) {
        self.steps.update_value(|steps| *steps += 1);
        self.proving.set(false);
        self.progress.set(Some(progress));
        focus_step();
    }

    pub(super) fn copy(self) {
        let link = self.link.with_untracked(|link| link.as_ref().map(|link| link.link.clone()));
        spawn_local(async move { self.copied.set(browser::copy(&link.unwrap_or_default()).await) });
    }

    /// Once a second: tells the time that is left, and looks what became of the link.
    pub(super) fn tick(self) {
        let is_open = self.progress.with_untracked(|progress| {
            let is_last = matches!(progress, Some(LinkProgress::Added(_) | LinkProgress::Over));
            progress.is_some() && !is_last
        });
        let Some(id) = self.id().filter(|_| is_open) else { return };
        self.seconds_left.set(seconds_until(self.until.get_value()));
        self.ticks.update_value(|ticks| *ticks = ticks.wrapping_add(1));
        let is_due = self.ticks.get_value().is_multiple_of(2);
        if is_due && !self.looking.get_value() && self.ceremony.is_idle() && browser::is_visible() {
            self.looking.set_value(true);
            spawn_local(self.look(id));
        }
    }

    /// That the site cannot be reached just now is no news: it is asked again.
    async fn look(self, id: DeviceLinkId) {
        let steps = self.steps.get_value();
        let found = watch_device_link(id).await;
        self.looking.set_value(false);
        if steps != self.steps.get_value() || !self.ceremony.is_idle() {
            return;
        }
        match found {
            Ok(progress) if self.progress.get_untracked().as_ref() != Some(&progress) => {
                self.come_to(progress);
            }
            Err(refusal) if refusal.code == Code::NotFound => self.come_to(LinkProgress::Over),
            Err(refusal) if refusal.code == Code::SignedOut => {
                self.come_to(LinkProgress::Over);
                self.ceremony.fail(refusal);
            }
            Ok(_) | Err(_) => {}
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast of a float stops at the ends"
)]
fn seconds_until(until: f64) -> u32 {
    ((until - browser::now()) / 1000.0) as u32
}
