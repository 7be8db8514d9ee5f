//! Propose a batch for sealing 提交复核.

use super::batch;
use crate::problems;
use crate::store;
use crate::words::BatchState;
use mz_casework::{Command, Outcome};
use mz_contracts::Disbursement;
use mz_http::Caller;
use mz_kernel::BatchId;
use mz_runtime::Failure;
use mz_store::{Json, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct ProposeBatch {
    pub(crate) maker: Caller,
    pub(crate) batch: BatchId,
}

/// A batch, and where it stands now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BatchMoved {
    pub(crate) batch: BatchId,
    pub(crate) state: BatchState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hash: Option<String>,
}

impl Work<Disbursement> for ProposeBatch {
    type Output = BatchMoved;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<BatchMoved, Failure> {
        let mut batch = batch(tx, &self.maker, self.batch).await?;
        if !batch.state.is_open() {
            return Err(problems::not_open(&batch).into());
        }
        if store::persons(tx, batch.id).await? == 0 {
            return Err(problems::empty_batch().into());
        }
        let proposal = Command::Propose {
            by: self.maker.officer,
            on: tx.today(),
            outcome: Outcome::Granted,
            reasons: vec![batch.number.clone()],
        };
        batch.stage = Json(mz_casework::decide(&batch.stage.0, proposal)?);
        (batch.state, batch.note) = (BatchState::Proposed, None);
        (batch.maker, batch.maker_name) = (self.maker.officer, self.maker.name.clone());
        store::save_batch(tx, &batch).await?;
        Ok(BatchMoved {
            batch: batch.id,
            state: batch.state,
            hash: None,
        })
    }
}
