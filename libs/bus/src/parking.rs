//! Parked events: looking at them, and trying them again.

use crate::apply::{self, Gate};
use crate::reactions::{ReactionError, Reactions};
use mz_contracts::Owner;
use mz_store::inbox::{self, Reading};
use mz_store::{Db, StoreError, Tx, Work};

/// Applies the first parked event of an aggregate; false where there is none, or where an event before it is missing.
struct RetryNext<S> {
    reading: Reading,
    aggregate: String,
    reactions: Reactions<S>,
}

impl<S: Owner> Work<S> for RetryNext<S> {
    type Output = bool;
    type Error = ReactionError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<bool, ReactionError> {
        let Self {
            reading,
            aggregate,
            reactions,
        } = self;
        let mut gate = Gate::of(tx, reading, aggregate).await?;
        let released = apply::release_next(tx, reading, reactions, &mut gate, aggregate).await?;
        gate.save(tx, reading).await?;
        Ok(released)
    }
}

/// Counts an attempt at the first parked event of an aggregate.
struct CountAttempt {
    reading: Reading,
    aggregate: String,
    reason: &'static str,
    detail: String,
}

impl<S: Owner> Work<S> for CountAttempt {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<(), StoreError> {
        let Some(mut first) = inbox::next_parked(tx, &self.reading, &self.aggregate).await? else {
            return Ok(());
        };
        // A message that cannot be read stays what it is.
        if first.reason != "unreadable" {
            self.reason.clone_into(&mut first.reason);
        }
        self.detail.clone_into(&mut first.detail);
        first.attempts = 1;
        inbox::park(tx, &first).await
    }
}

/// Tries what is parked for one aggregate again, in order, each event in a transaction of its own; answers how many
/// were applied. The first that fails stays parked, with the attempt counted and the new reason, and the error says
/// why; what was before it is applied all the same.
pub async fn retry<S: Owner>(
    db: &Db<S>,
    reactions: &Reactions<S>,
    reading: &Reading,
    aggregate: &str,
) -> Result<u64, ReactionError> {
    let mut applied = 0;
    loop {
        let next = RetryNext {
            reading: reading.clone(),
            aggregate: aggregate.to_owned(),
            reactions: reactions.clone(),
        };
        let _passed = reactions.pause().passed().await;
        match db.write(next).await {
            Ok(true) => applied += 1,
            Ok(false) => return Ok(applied),
            Err(ReactionError::Store(error)) if error.is_transient() => return Err(error.into()),
            Err(error) => {
                let attempt = CountAttempt {
                    reading: reading.clone(),
                    aggregate: aggregate.to_owned(),
                    reason: error.code(),
                    detail: mz_kernel::chain(&error),
                };
                db.write(attempt).await?;
                return Err(error);
            }
        }
    }
}
