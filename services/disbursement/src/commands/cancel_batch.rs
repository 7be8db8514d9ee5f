//! Cancel a batch 作废 that is not sealed: what it was to pay can come into another.

use super::batch;
use super::propose_batch::BatchMoved;
use crate::moves::empty;
use crate::problems;
use crate::store;
use crate::words::BatchState;
use mz_casework::Command;
use mz_contracts::Disbursement;
use mz_http::Caller;
use mz_kernel::BatchId;
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};

pub(crate) struct CancelBatch {
    /// One officer is enough: no money moves.
    pub(crate) officer: Caller,
    pub(crate) batch: BatchId,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

impl Work<Disbursement> for CancelBatch {
    type Output = BatchMoved;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<BatchMoved, Failure> {
        let open = batch(tx, &self.officer, self.batch).await?;
        if !open.state.is_open() {
            return Err(problems::not_open(&open).into());
        }
        let withdrawal = Command::Withdraw {
            by: self.officer.officer,
            on: tx.today(),
            reasons: self.reasons.clone(),
        };
        let stage = mz_casework::decide(&open.stage.0, withdrawal)?;
        empty(tx, &self.origin, open.id).await?;
        let mut batch = batch(tx, &self.officer, self.batch).await?;
        (batch.state, batch.stage) = (BatchState::Cancelled, Json(stage));
        batch.note = Some(self.reasons.join("；"));
        store::save_batch(tx, &batch).await?;
        Ok(BatchMoved {
            batch: batch.id,
            state: batch.state,
            hash: None,
        })
    }
}
