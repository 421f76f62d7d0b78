//! What has happened, each with its ceremony.

use super::Visit;
use super::service_passkeys::{Holders, asked, name_of_party};
use crate::server::clock::Timestamp;
use crate::server::passkeys::{Past, Record, Wanted};
use crate::server::refuse::Trouble;
use crate::wire::{
    CeremonyView, EventLine, EventSearch, FoundEvents, PartyChoice, Refusal, Step, StepKind,
};

/// How many events a page shows.
const PAGE: u32 = 30;

impl Visit {
    /// A page of events.
    pub async fn service_events(&self, search: EventSearch) -> Result<FoundEvents, Refusal> {
        let found = async {
            self.admin().await?;
            self.find_events(search).await
        };
        self.answered(found.await)
    }

    async fn find_events(&self, search: EventSearch) -> Result<FoundEvents, Trouble> {
        let parties = self.party_choices().await?;
        let external_id = asked(&search.user);
        let wanted = Wanted {
            kind: asked(&search.kind),
            relying_party: asked(&search.party),
            user: self.handle_of(external_id.as_deref()).await?,
            external_id,
            reference: asked(&search.reference),
        };
        let before = (search.before > 0).then_some(search.before);
        let mut past = self.site.passkeys.history(&wanted, before, PAGE + 1).await?;
        let has_more = u32::try_from(past.len()).is_ok_and(|found| found > PAGE);
        past.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        let next = past.last().filter(|_| has_more).map(|last| last.event.id);
        let mut events = Vec::new();
        if past.is_empty() {
            // Of many a ceremony nothing comes, and what the person was shown finds it all the same.
            events.extend(self.without_event(&wanted, &parties).await?);
        }
        let mut holders = Holders::default();
        for one in past {
            events.push(self.as_event(one, &mut holders, &parties).await?);
        }
        Ok(FoundEvents { events, next, parties })
    }

    /// The ceremony with the reference that was asked for, if that was all that was asked.
    async fn without_event(
        &self,
        wanted: &Wanted,
        parties: &[PartyChoice],
    ) -> Result<Option<EventLine>, Trouble> {
        let is_narrowed =
            wanted.kind.is_some() || wanted.relying_party.is_some() || wanted.external_id.is_some();
        let Some(reference) = wanted.reference.as_deref().filter(|_| !is_narrowed) else {
            return Ok(None);
        };
        let record = self.site.passkeys.record(reference).await?;
        Ok(record.map(|record| EventLine {
            kind: None,
            reference: reference.to_uppercase(),
            party: name_of_party(parties, &record.relying_party),
            holder: None,
            passkey: None,
            at: self.moment(record.began_at),
            ceremony: Some(self.as_ceremony(record)),
        }))
    }

    async fn as_event(
        &self,
        past: Past,
        holders: &mut Holders,
        parties: &[PartyChoice],
    ) -> Result<EventLine, Trouble> {
        let Past { event, relying_party, user, record } = past;
        let external_id = event.external_id.as_deref();
        let holder = self.holder(holders, &relying_party, user.as_ref(), external_id).await?;
        Ok(EventLine {
            passkey: event.credential(),
            at: self.moment(event.at()),
            kind: Some(event.kind),
            reference: event.reference,
            party: name_of_party(parties, &relying_party),
            holder,
            ceremony: record.map(|record| self.as_ceremony(record)),
        })
    }

    fn as_ceremony(&self, record: Record) -> CeremonyView {
        let steps = steps(&record, self.site.clock.now());
        let steps = steps.into_iter().map(|(time, what)| Step { at: self.moment(time), what });
        CeremonyView {
            steps: steps.collect(),
            kind: record.kind,
            purpose: record.purpose,
            mediation: record.mediation,
            system: record.system,
            browser: record.browser,
            authenticator: record.authenticator,
        }
    }
}

/// What happened in a ceremony until now, one after the other.
fn steps(record: &Record, now: Timestamp) -> Vec<(Timestamp, StepKind)> {
    let mut steps = vec![(record.began_at, StepKind::Offered)];
    if let Some(client) = &record.client_error {
        let (call, error) = (client.call.clone(), client.error.clone());
        steps.push((client.at, StepKind::BrowserError { call, error, after: client.after }));
    }
    match (record.answered_at, record.outcome.as_deref()) {
        // Nobody answered, and that was written down.
        (Some(time), Some("expired")) if time == record.expires_at => {
            steps.push((time, StepKind::Expired));
        }
        (Some(time), Some("expired")) => steps.push((time, StepKind::TooLate)),
        (Some(time), outcome) => {
            steps.push((time, StepKind::Answered));
            match (outcome, &record.refused) {
                (_, Some((reason, step))) => {
                    let (reason, step) = (reason.clone(), step.clone());
                    steps.push((time, StepKind::Refused { reason, step }));
                }
                (Some("verified"), None) => steps.push((time, StepKind::Verified)),
                (_, None) => {}
            }
        }
        (None, _) if record.expires_at <= now => steps.push((record.expires_at, StepKind::Expired)),
        (None, _) => {}
    }
    steps
}
