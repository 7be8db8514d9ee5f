//! What social assistance does when funeral-reform tells it a fact.
//!
//! A death is recorded as a dated fact, whether the person is known here or not: whatever comes later, in whatever
//! order, what is owed is computed from the facts.

use crate::store;
use crate::tekun::{self, PROGRAMME};
use mz_bus::{Reaction, ReactionError, Reactions};
use mz_contracts::events::{Cause, DeathAnnulled, DeathRegistered, EntitlementResumed, EntitlementStopped};
use mz_contracts::{Code, SocialAssistance};
use mz_kernel::{Date, DivisionCode, Month};
use mz_policy::Policy;
use mz_runtime::App;
use mz_store::{Origin, Tx};
use std::sync::Arc;

pub(crate) fn reactions(app: &App<SocialAssistance>) -> Reactions<SocialAssistance> {
    Reactions::none()
        .on(DeathIsRegistered {
            policy: Arc::clone(&app.policy),
        })
        .on(DeathIsAnnulled {
            policy: Arc::clone(&app.policy),
        })
}

/// A death is registered → every entitlement of the person ends.
struct DeathIsRegistered {
    policy: Arc<Policy>,
}

impl Reaction<SocialAssistance> for DeathIsRegistered {
    type Event = DeathRegistered;

    async fn apply(
        &self,
        tx: &mut Tx<SocialAssistance>,
        event: DeathRegistered,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let now = tx.now();
        store::record_death(tx, event.death, event.person, event.died_on, now).await?;
        let rows = store::entitlements_of(tx, event.person).await?;
        let facts = store::facts(tx, &rows).await?;
        for row in rows {
            let first = first_unowed(&self.policy, &row.division, event.died_on)?.max(row.from);
            let stops = facts
                .get(&row.id)
                .map(|facts| facts.stops.as_slice())
                .unwrap_or_default();
            // An entitlement that had ended by then does not end again.
            if stops.iter().any(|stop| stop.from <= first) {
                continue;
            }
            let stopped = EntitlementStopped {
                entitlement: row.id,
                person: row.person,
                programme: Code::of(PROGRAMME),
                division: row.division,
                from: first,
                reason: Code::of("death"),
                cause: Cause {
                    fact: Code::of("death"),
                    id: event.death.to_string(),
                    on: event.died_on,
                },
            };
            tx.emit(origin, &stopped)?;
        }
        Ok(())
    }
}

/// A death is annulled → what only it ended is owed again.
struct DeathIsAnnulled {
    policy: Arc<Policy>,
}

impl Reaction<SocialAssistance> for DeathIsAnnulled {
    type Event = DeathAnnulled;

    async fn apply(
        &self,
        tx: &mut Tx<SocialAssistance>,
        event: DeathAnnulled,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let now = tx.now();
        store::annul_death(tx, event.death, now).await?;
        let deaths = store::deaths(tx, &[event.person]).await?;
        let deaths = deaths.into_values().flatten().collect::<Vec<_>>();
        let annulled = deaths
            .iter()
            .find(|death| death.id == event.death)
            .map(|death| death.died_on);
        let (Some(died_on), false) = (annulled, deaths.iter().any(|death| death.holds(now))) else {
            return Ok(());
        };
        let rows = store::entitlements_of(tx, event.person).await?;
        let facts = store::facts(tx, &rows).await?;
        for row in rows {
            let first = first_unowed(&self.policy, &row.division, died_on)?.max(row.from);
            let stops = facts
                .get(&row.id)
                .map(|facts| facts.stops.as_slice())
                .unwrap_or_default();
            if stops.iter().any(|stop| stop.from <= first) {
                continue;
            }
            let resumed = EntitlementResumed {
                entitlement: row.id,
                person: row.person,
                programme: Code::of(PROGRAMME),
                division: row.division,
                from: first,
                cause: Cause {
                    fact: Code::of("death-annulled"),
                    id: event.death.to_string(),
                    on: event.annulled_on,
                },
            };
            tx.emit(origin, &resumed)?;
        }
        Ok(())
    }
}

/// A rule that is missing for the month of the death parks the event until the policy has it.
fn first_unowed(policy: &Policy, division: &DivisionCode, died_on: Date) -> Result<Month, ReactionError> {
    tekun::first_unowed(policy, division, died_on).map_err(|error| ReactionError::Refused(error.to_string()))
}
