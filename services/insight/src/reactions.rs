//! What events tell, kept as typed facts in the transaction that remembers the event.

use crate::store::Fact;
use crate::witness;
use mz_bus::{Reaction, ReactionError, Reactions};
use mz_contracts::Insight;
use mz_contracts::events::{
    BatchSettled, CaseAccepted, CaseDecided, CaseWithdrawn, EntitlementGranted, EntitlementResumed,
    EntitlementStopped, LinesComputed, RecoveryIncreased, RecoveryRaised, RecoveryReduced, StandardAdopted,
};
use mz_store::{Origin, Tx};
use std::marker::PhantomData;

/// Keeps the facts of one type of event.
struct Hears<E>(PhantomData<fn() -> E>);

impl<E> Hears<E> {
    const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Fact> Reaction<Insight> for Hears<E> {
    type Event = E;

    async fn apply(&self, tx: &mut Tx<Insight>, event: E, _: &Origin) -> Result<(), ReactionError> {
        if event.hear(tx).await? {
            return Ok(());
        }
        let detail = format!("{} {} was never heard of here", E::AGGREGATE, event.key());
        Err(ReactionError::Refused(detail))
    }
}

pub(crate) fn reactions() -> Reactions<Insight> {
    Reactions::none()
        .witnessed_by(witness::Keeper)
        .on(Hears::<CaseAccepted>::new())
        .on(Hears::<CaseDecided>::new())
        .on(Hears::<CaseWithdrawn>::new())
        .on(Hears::<EntitlementGranted>::new())
        .on(Hears::<EntitlementStopped>::new())
        .on(Hears::<EntitlementResumed>::new())
        .on(Hears::<StandardAdopted>::new())
        .on(Hears::<LinesComputed>::new())
        .on(Hears::<BatchSettled>::new())
        .on(Hears::<RecoveryRaised>::new())
        .on(Hears::<RecoveryIncreased>::new())
        .on(Hears::<RecoveryReduced>::new())
}
