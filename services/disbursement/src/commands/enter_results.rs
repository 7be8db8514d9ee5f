//! Enter the bank's answer 回盘: the whole file, or nothing of it.

use super::batch;
use super::settle::{Answered, settle};
use crate::problems;
use crate::rules::result_file::{self, Sent};
use crate::store;
use crate::words::{BatchState, PaymentState};
use mz_contracts::Disbursement;
use mz_contracts::events::PaymentOutcome;
use mz_http::{Caller, File};
use mz_kernel::{BatchId, PaymentId};
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) struct EnterResults {
    pub(crate) officer: Caller,
    pub(crate) batch: BatchId,
    pub(crate) file: File,
    pub(crate) origin: Origin,
}

/// What was entered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Entered {
    batch: BatchId,
    state: BatchState,
    paid: usize,
    returned: usize,
}

impl Work<Disbursement> for EnterResults {
    type Output = Entered;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Entered, Failure> {
        let mut batch = batch(tx, &self.officer, self.batch).await?;
        if batch.hash.is_none() {
            return Err(problems::not_sealed(&batch.number).into());
        }
        let issues = store::issues(tx, batch.id).await?;
        let sent: BTreeMap<PaymentId, Sent> = issues
            .iter()
            .filter(|row| !row.amount.is_zero())
            .map(|row| {
                let settled = row.outcome.is_some();
                (
                    row.payment,
                    Sent {
                        amount: row.amount,
                        settled,
                    },
                )
            })
            .collect();
        let answers =
            result_file::read(&self.file.0, &batch.number, &sent).map_err(problems::results_refused)?;
        let results: Vec<Answered> = answers
            .into_iter()
            .map(|answer| Answered {
                payment: answer.payment,
                outcome: match answer.outcome {
                    PaymentOutcome::Paid => PaymentState::Paid,
                    PaymentOutcome::Returned => PaymentState::Returned,
                },
                reason: answer.reason,
            })
            .collect();
        let returned = results
            .iter()
            .filter(|result| result.outcome == PaymentState::Returned)
            .count();
        let paid = results.len() - returned;
        settle(tx, &self.origin, &mut batch, results).await?;
        Ok(Entered {
            batch: batch.id,
            state: batch.state,
            paid,
            returned,
        })
    }
}
