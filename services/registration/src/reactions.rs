//! What the register does when other services tell it a fact.

use crate::store;
use mz_bus::{Reaction, ReactionError, Reactions};
use mz_contracts::Registration;
use mz_contracts::events::{DeathAnnulled, DeathRegistered};
use mz_kernel::PersonId;
use mz_store::{Origin, Tx};

pub(crate) fn reactions() -> Reactions<Registration> {
    Reactions::none().on(DeathIsRegistered).on(DeathIsAnnulled)
}

/// A death is registered → the person is deceased.
struct DeathIsRegistered;

impl Reaction<Registration> for DeathIsRegistered {
    type Event = DeathRegistered;

    async fn apply(
        &self,
        tx: &mut Tx<Registration>,
        event: DeathRegistered,
        _: &Origin,
    ) -> Result<(), ReactionError> {
        store::record_death(tx, event.death, event.person, event.died_on).await?;
        follow(tx, event.person).await
    }
}

/// A death is annulled → the person lives, unless another death holds.
struct DeathIsAnnulled;

impl Reaction<Registration> for DeathIsAnnulled {
    type Event = DeathAnnulled;

    async fn apply(
        &self,
        tx: &mut Tx<Registration>,
        event: DeathAnnulled,
        _: &Origin,
    ) -> Result<(), ReactionError> {
        if store::annul_death(tx, event.death, event.annulled_on).await? {
            follow(tx, event.person).await
        } else {
            Err(ReactionError::Refused(format!(
                "{} was never recorded here",
                event.death
            )))
        }
    }
}

async fn follow(tx: &mut Tx<Registration>, person: PersonId) -> Result<(), ReactionError> {
    if store::follow_deaths(tx, person).await? {
        Ok(())
    } else {
        let what =
            format!("{person} is not in the register; was its database restored from an older backup?");
        Err(ReactionError::Refused(what))
    }
}
