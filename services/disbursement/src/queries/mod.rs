//! What can be read.

mod batches;
mod held;
mod payments;
mod proof;
mod recoveries;

pub(crate) use batches::{BatchView, ListBatches, ShowBatch};
pub(crate) use held::{HeldView, ListHeld};
pub(crate) use payments::{ListAccounts, ListPayments, Of, PayeeView, PaymentView};
pub(crate) use proof::{ProofView, ShowProof};
pub(crate) use recoveries::{ListRecoveries, RecoveryState, RecoveryView, ShowRecovery};
