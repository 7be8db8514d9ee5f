//! What notification does with every event: it records the facts that notices depend on, addresses and words anew what
//! they change, and puts the notices that the event itself calls for into their inboxes.

use crate::calls::{self, Call, Known};
use crate::draft::{Desk, Draft, DraftError, Occasion};
use crate::facts::Facts;
use crate::store::{self, Inbox, NewNotice, NoticeRow};
use mz_bus::{ReactionError, Witness};
use mz_contracts::events::{
    DeathAnnulled, DeathRegistered, DivisionEstablished, EntitlementGranted, EntitlementResumed,
    EntitlementStopped, NoticeIssued, PersonRegistered, Recipient,
};
use mz_contracts::{Code, Envelope, Event, Notification};
use mz_kernel::{EventId, NoticeId, PersonId};
use mz_store::{Origin, Tx};
use serde_json::Value;

/// Hears every event.
pub(crate) struct Desked(pub(crate) Desk);

impl Witness<Notification> for Desked {
    async fn witness(
        &self,
        tx: &mut Tx<Notification>,
        envelope: &Envelope,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let call = match calls::call(&envelope.event_type) {
            Known::As(call) => call,
            Known::Not => return Ok(()),
            Known::OtherVersion => return Err(other_version(envelope)),
        };
        if let Some(person) = record(tx, envelope).await? {
            self.revise(tx, person, origin).await?;
        }
        self.issue(tx, call, envelope, origin).await
    }
}

fn other_version(envelope: &Envelope) -> ReactionError {
    let ty = &envelope.event_type;
    ReactionError::Refused(format!(
        "{ty} is a version that this program does not know; update the program and retry"
    ))
}

/// Records what the event adds to the facts; answers whose notices may change by it.
async fn record(tx: &mut Tx<Notification>, envelope: &Envelope) -> Result<Option<PersonId>, ReactionError> {
    let person = match envelope.event_type.as_str() {
        DivisionEstablished::TYPE => {
            let event: DivisionEstablished = envelope.read()?;
            store::record_place(tx, event.code, &event.name).await?;
            return Ok(None);
        }
        PersonRegistered::TYPE => {
            let event: PersonRegistered = envelope.read()?;
            store::record_home(tx, event.person, event.division).await?;
            event.person
        }
        DeathRegistered::TYPE => {
            let event: DeathRegistered = envelope.read()?;
            store::record_death(tx, &event).await?;
            event.person
        }
        DeathAnnulled::TYPE => {
            let event: DeathAnnulled = envelope.read()?;
            known(store::annul_death(tx, &event).await?, &event.death)?;
            event.person
        }
        EntitlementGranted::TYPE => {
            let event: EntitlementGranted = envelope.read()?;
            store::record_entitlement(tx, &event).await?;
            event.person
        }
        EntitlementStopped::TYPE => {
            let event: EntitlementStopped = envelope.read()?;
            // A death is known from its register; who died supported was supported.
            if event.reason == Code::of("death") {
                return Ok(None);
            }
            let was_known = store::end_entitlement(tx, event.entitlement, Some(event.from)).await?;
            known(was_known, &event.entitlement)?;
            event.person
        }
        EntitlementResumed::TYPE => {
            let event: EntitlementResumed = envelope.read()?;
            known(
                store::end_entitlement(tx, event.entitlement, None).await?,
                &event.entitlement,
            )?;
            event.person
        }
        _ => return Ok(None),
    };
    Ok(Some(person))
}

/// Events of one thing come in order: what changes it cannot come before what made it.
fn known(was_known: bool, id: &impl std::fmt::Display) -> Result<(), ReactionError> {
    let lost = || ReactionError::Refused(format!("{id} was never recorded here"));
    was_known.then_some(()).ok_or_else(lost)
}

impl Desked {
    /// Puts the notices that an event calls for into their inboxes.
    async fn issue(
        &self,
        tx: &mut Tx<Notification>,
        call: &'static Call,
        envelope: &Envelope,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        if call.notices.is_empty() {
            return Ok(());
        }
        let data: Value = serde_json::from_str(&envelope.data)
            .map_err(|error| ReactionError::Refused(format!("the data is not JSON: {error}")))?;
        let (issued_on, mut numbers) = (tx.today(), 0..);
        for data in (call.parts)(data) {
            let person: Option<PersonId> = data["person"].as_str().and_then(|id| id.parse().ok());
            let facts = match person {
                Some(person) => store::facts(tx, person).await?,
                None => Facts::default(),
            };
            let occasion = Occasion {
                event_type: envelope.event_type.clone(),
                on: envelope.legal_date,
                division: envelope.division,
                data,
            };
            for (to, part) in call.notices.iter().zip(numbers.by_ref()) {
                let draft = self.0.draft(*to, &occasion, &facts, issued_on).map_err(refused)?;
                let id: NoticeId = tx.new_id();
                let (event, occasion, draft) = (envelope.id, &occasion, &draft);
                tell(tx, origin, id, person, event, draft)?;
                let new = NewNotice {
                    id,
                    event,
                    part,
                    person,
                    occasion,
                    draft,
                    issued_on,
                };
                store::insert_notice(tx, new).await?;
            }
        }
        Ok(())
    }

    /// Addresses and words the notices to and about a person by all that is known now. What changes has not been
    /// read in that form by anybody.
    async fn revise(
        &self,
        tx: &mut Tx<Notification>,
        person: PersonId,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let rows = store::notices_about(tx, person).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let facts = store::facts(tx, person).await?;
        for row in rows {
            let Some(to) = addressed(&row) else { continue };
            let draft = self
                .0
                .draft(to, &row.occasion(), &facts, row.issued_on)
                .map_err(refused)?;
            let has_moved = (row.recipient, row.division) != (Inbox(draft.recipient), draft.division);
            if has_moved || row.title != draft.worded.title || row.words != draft.worded.words {
                store::change_notice(tx, &row, &draft).await?;
                if has_moved {
                    tell(tx, origin, row.id, row.person, row.event, &draft)?;
                }
            }
        }
        Ok(())
    }
}

/// The row of the table that a notice was made from; none where the table of today has no such row any more.
fn addressed(row: &NoticeRow) -> Option<(calls::To, &'static str)> {
    let Known::As(call) = calls::call(&row.event_type) else {
        return None;
    };
    call.notices
        .iter()
        .find(|(_, template)| *template == row.template.as_str())
        .copied()
}

fn refused(error: DraftError) -> ReactionError {
    ReactionError::Refused(mz_kernel::chain(&error))
}

fn tell(
    tx: &mut Tx<Notification>,
    origin: &Origin,
    notice: NoticeId,
    person: Option<PersonId>,
    about: EventId,
    draft: &Draft,
) -> Result<(), ReactionError> {
    let recipient: Recipient = draft.recipient;
    let event = NoticeIssued {
        notice,
        recipient,
        person,
        template: Code::of(draft.template),
        about,
        division: draft.division,
        issued_on: tx.today(),
    };
    tx.emit(origin, &event)?;
    Ok(())
}
