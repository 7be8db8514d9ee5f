//! One use case a file: load, decide, save, emit.

pub(crate) mod agree;
pub(crate) mod build_batch;
pub(crate) mod cancel_batch;
pub(crate) mod decide_batch;
pub(crate) mod enter_results;
pub(crate) mod propose_batch;
pub(crate) mod read_bank_file;
pub(crate) mod repay;
pub(crate) mod set_account;
mod settle;

use crate::problems;
use crate::store::{self, BatchRow};
use mz_contracts::Disbursement;
use mz_http::Caller;
use mz_kernel::BatchId;
use mz_runtime::Failure;
use mz_store::Tx;

/// A batch that the caller may see.
pub(crate) async fn batch(
    tx: &mut Tx<Disbursement>,
    caller: &Caller,
    id: BatchId,
) -> Result<BatchRow, Failure> {
    let batch = store::batch(tx, id).await?.ok_or_else(problems::no_batch)?;
    caller.may_see(&batch.division)?;
    Ok(batch)
}
