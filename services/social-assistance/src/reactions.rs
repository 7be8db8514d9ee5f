//! What social assistance does when funeral-reform tells it a fact.
//!
//! A death is recorded as a dated fact, whether the person is known here or not: whatever comes later, in whatever
//! order, what is owed is computed from the facts.

use crate::commands::tell_end::{end, tell_end, tell_resumption};
use crate::facts::facts;
use crate::store;
use mz_bus::{Reaction, ReactionError, Reactions};
use mz_contracts::events::{Cause, DeathAnnulled, DeathRegistered};
use mz_contracts::{Code, SocialAssistance};
use mz_policy::Policy;
use mz_runtime::App;
use mz_store::{Origin, Tx};
use std::sync::Arc;

pub(crate) fn reactions(app: &App<SocialAssistance>) -> Reactions<SocialAssistance> {
    let policy = || Arc::clone(&app.policy);
    Reactions::none()
        .on(DeathIsRegistered { policy: policy() })
        .on(DeathIsAnnulled { policy: policy() })
}

/// A death is registered → every entitlement of the person ends. Where the place does not say which month is the last
/// one for such a death, the event is parked until its policy does.
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
        let rows = store::entitlements_of(tx, event.person).await?;
        let before = facts(tx, &self.policy, &rows).await?;
        let recorded_at = store::recording(tx).await?;
        store::record_death(tx, event.death, event.person, event.died_on, recorded_at).await?;
        let after = facts(tx, &self.policy, &rows).await?;
        for ((row, before), after) in rows.iter().zip(&before).zip(&after) {
            tell_end(tx, origin, row, end(before), after)?;
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
        let rows = store::entitlements_of(tx, event.person).await?;
        let before = facts(tx, &self.policy, &rows).await?;
        let recorded_at = store::recording(tx).await?;
        if !store::annul_death(tx, event.death, recorded_at).await? {
            return Err(ReactionError::Refused(format!(
                "{} was never recorded here",
                event.death
            )));
        }
        let after = facts(tx, &self.policy, &rows).await?;
        for ((row, before), after) in rows.iter().zip(&before).zip(&after) {
            let fact = Code::of("death-annulled");
            let because = Cause {
                fact,
                id: event.death.to_string(),
                on: event.annulled_on,
            };
            tell_resumption(tx, origin, row, end(before), after, because)?;
        }
        Ok(())
    }
}
