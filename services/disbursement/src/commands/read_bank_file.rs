//! Read a sealed batch's bank file, in clear; the reading is recorded (D8).

use super::batch;
use crate::moves::MoveError;
use crate::problems;
use crate::rules::bank_file::{self, BankFile, Transfer};
use crate::rules::numbers::purpose;
use crate::store::{self, BatchRow};
use mz_contracts::Disbursement;
use mz_http::{Caller, Problem};
use mz_kernel::BatchId;
use mz_runtime::Failure;
use mz_store::{Keyring, Tx, Work};
use std::sync::Arc;

pub(crate) struct ReadBankFile {
    pub(crate) reader: Caller,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) batch: BatchId,
}

/// What the bank would get is not what was approved.
#[derive(Debug, thiserror::Error)]
#[error("the bank file of batch {0} differs from the one that was sealed; do not send it")]
struct NotAsSealed(String);

impl Work<Disbursement> for ReadBankFile {
    type Output = String;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<String, Failure> {
        let batch = batch(tx, &self.reader, self.batch).await?;
        let Some(hash) = &batch.hash else {
            return Err(problems::not_sealed(&batch.number).into());
        };
        let file = written(tx, &self.keyring, &batch).await?;
        if file.hash() != *hash {
            return Err(Problem::internal(NotAsSealed(batch.number)).into());
        }
        let (id, at) = (tx.new_id(), tx.now());
        let reading = (batch.id, self.reader.officer, self.reader.purpose.as_deref());
        store::record_reading(tx, id, reading, at).await?;
        Ok(file.text)
    }
}

/// The file of a batch whose accounts are fixed.
pub(super) async fn written(
    tx: &mut Tx<Disbursement>,
    keyring: &Keyring,
    batch: &BatchRow,
) -> Result<BankFile, Failure> {
    let mut transfers = Vec::new();
    for row in store::transfers(tx, batch.id).await? {
        let place = (row.person, row.version);
        transfers.push(Transfer {
            payment: row.payment,
            holder: store::open_holder(keyring, place, &row.holder)?,
            bank: row.bank,
            account: store::open_number(keyring, place, &row.number)?,
            amount: row.amount,
        });
    }
    let purpose = purpose(&batch.programme, batch.month);
    Ok(bank_file::write(&batch.number, &purpose, transfers).map_err(MoveError::from)?)
}
