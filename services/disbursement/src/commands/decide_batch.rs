//! Decide on a batch 复核: agreed, it is sealed 封存 with the hash of its bank file; not agreed, it is a draft again.

use super::propose_batch::BatchMoved;
use super::settle::{Answered, settle};
use super::{batch, read_bank_file};
use crate::moves::MoveError;
use crate::problems;
use crate::rules::bank_file::BankFile;
use crate::store::{self, BatchRow};
use crate::words::{BatchState, PaymentState};
use mz_casework::{Command, Outcome, Stage};
use mz_contracts::Disbursement;
use mz_contracts::events::BatchSealed;
use mz_http::Caller;
use mz_kernel::{BatchId, Fen};
use mz_runtime::Failure;
use mz_store::{Json, Keyring, Origin, Tx, Work};
use std::sync::Arc;

pub(crate) struct DecideBatch {
    pub(crate) checker: Caller,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) batch: BatchId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

impl Work<Disbursement> for DecideBatch {
    type Output = BatchMoved;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<BatchMoved, Failure> {
        let mut batch = batch(tx, &self.checker, self.batch).await?;
        if batch.state == BatchState::Cancelled {
            return Err(problems::not_open(&batch).into());
        }
        let outcome = if self.agree {
            Outcome::Granted
        } else {
            Outcome::Refused
        };
        let decision = Command::Decide {
            by: self.checker.officer,
            on: tx.today(),
            outcome,
            reasons: self.reasons.clone(),
        };
        let stage = mz_casework::decide(&batch.stage.0, decision)?;
        if self.agree {
            if store::persons(tx, batch.id).await? == 0 {
                return Err(problems::empty_batch().into());
            }
            batch.stage = Json(stage);
            self.seal(tx, &mut batch).await?;
        } else {
            (batch.state, batch.stage) = (BatchState::Draft, Json(Stage::Accepted));
            batch.note = Some(self.reasons.join("；"));
            store::save_batch(tx, &batch).await?;
        }
        Ok(BatchMoved {
            batch: batch.id,
            state: batch.state,
            hash: batch.hash,
        })
    }
}

impl DecideBatch {
    async fn seal(&self, tx: &mut Tx<Disbursement>, batch: &mut BatchRow) -> Result<(), Failure> {
        store::send(tx, batch.id).await?;
        let file: BankFile = read_bank_file::written(tx, &self.keyring, batch).await?;
        batch.state = BatchState::Sealed;
        batch.checker = Some(self.checker.officer);
        batch.checker_name = Some(self.checker.name.clone());
        batch.sealed_on = Some(tx.today());
        batch.note = None;
        batch.hash = Some(file.hash());
        batch.bank_total = Some(file.total);
        let issues = store::issues(tx, batch.id).await?;
        let event = BatchSealed {
            batch: batch.id,
            month: batch.month,
            programme: crate::moves::code(&batch.programme),
            division: batch.division,
            payments: u32::try_from(issues.len()).unwrap_or(u32::MAX),
            amount: Fen::checked_sum(issues.iter().map(|row| row.amount)).map_err(MoveError::from)?,
            hash: file.hash(),
            sealed_on: tx.today(),
        };
        tx.emit(&self.origin, &event)?;
        // What is kept back wholly needs no transfer.
        let nothing = issues.iter().filter(|row| row.amount.is_zero());
        let nothing = nothing.map(|row| Answered {
            payment: row.payment,
            outcome: PaymentState::Paid,
            reason: None,
        });
        settle(tx, &self.origin, batch, nothing.collect()).await
    }
}
