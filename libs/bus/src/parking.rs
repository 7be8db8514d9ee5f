//! Parked events: looking at them, and trying them again.

use crate::apply::{self, Gate};
use crate::reactions::{ReactionError, Reactions};
use mz_contracts::Owner;
use mz_store::inbox::{self, Parked, Reading};
use mz_store::{Db, StoreError, Tx, Work};

struct Retry<S> {
    reading: Reading,
    aggregate: String,
    reactions: Reactions<S>,
}

impl<S: Owner> Work<S> for Retry<S> {
    type Output = u64;
    type Error = ReactionError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<u64, ReactionError> {
        let mut gate = Gate::of(tx, &self.reading, &self.aggregate).await?;
        let released = apply::release(tx, &self.reading, &self.reactions, &mut gate, &self.aggregate).await?;
        gate.save(tx, &self.reading).await?;
        Ok(released)
    }
}

struct CountAttempt {
    parked: Parked,
}

impl<S: Owner> Work<S> for CountAttempt {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<(), StoreError> {
        inbox::park(tx, &self.parked).await
    }
}

struct First {
    reading: Reading,
    aggregate: String,
}

impl<S: Owner> Work<S> for First {
    type Output = Option<Parked>;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<Option<Parked>, StoreError> {
        inbox::next_parked(tx, &self.reading, &self.aggregate).await
    }
}

/// Tries what is parked for one aggregate again, in order; answers how many events were applied. If the first
/// fails again it stays parked, with the attempt counted and the new reason, and the error says why.
pub async fn retry<S: Owner>(
    db: &Db<S>,
    reactions: &Reactions<S>,
    reading: &Reading,
    aggregate: &str,
) -> Result<u64, ReactionError> {
    let (reading, aggregate) = (reading.clone(), aggregate.to_owned());
    let first = db
        .read(First {
            reading: reading.clone(),
            aggregate: aggregate.clone(),
        })
        .await?;
    let tried = db
        .write(Retry {
            reading,
            aggregate,
            reactions: reactions.clone(),
        })
        .await;
    if let (Err(error), Some(mut parked)) = (&tried, first) {
        parked.detail = mz_kernel::chain(error);
        parked.attempts = 1;
        db.write(CountAttempt { parked }).await?;
    }
    tried
}
