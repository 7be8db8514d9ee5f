//! Enter what was paid back 退缴.

use crate::moves::{Entry, reduce};
use crate::problems;
use crate::store::{self, EntryRow};
use crate::words::EntryKind;
use mz_contracts::Disbursement;
use mz_http::{Caller, Problem};
use mz_kernel::{Date, Fen, RecoveryId};
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct Repay {
    pub(crate) officer: Caller,
    pub(crate) recovery: RecoveryId,
    pub(crate) amount: Fen,
    pub(crate) received_on: Date,
    pub(crate) receipt: String,
    pub(crate) origin: Origin,
}

/// What is left of the recovery.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Repaid {
    recovery: RecoveryId,
    outstanding: Fen,
}

impl Repay {
    /// A receipt 票据 stands for money that came in once.
    fn repeats(&self, entry: &EntryRow) -> bool {
        entry.kind == EntryKind::Repayment && entry.note.as_ref() == Some(&self.receipt)
    }
}

impl Work<Disbursement> for Repay {
    type Output = Repaid;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Repaid, Failure> {
        let row = store::recovery(tx, self.recovery).await?;
        let mut row = row.ok_or_else(problems::no_recovery)?;
        self.officer.may_see(&row.division)?;
        if self.amount <= Fen::ZERO {
            return Err(Problem::invalid("amount", "An amount is above zero.").into());
        }
        if !(row.raised_on..=tx.today()).contains(&self.received_on) {
            let detail = format!(
                "Write a day from {}, when the recovery was raised, to today.",
                row.raised_on
            );
            return Err(Problem::invalid("received_on", detail).into());
        }
        let entries = store::entries(tx, row.id).await?;
        if let Some(entry) = entries.iter().find(|entry| self.repeats(entry)) {
            return Err(problems::receipt_entered(entry.n, entry.entered_on).into());
        }
        if self.amount > row.outstanding {
            return Err(problems::too_much(row.outstanding).into());
        }
        store::check_recovery(tx, &row).await?;
        let entry = Entry {
            kind: EntryKind::Repayment,
            amount: self.amount,
            on: self.received_on,
            payment: None,
            note: Some(self.receipt.clone()),
        };
        let entry = reduce(tx, &self.origin, &mut row, entry)?;
        store::save_recoveries(tx, [&row]).await?;
        store::insert_entries(tx, &[entry]).await?;
        Ok(Repaid {
            recovery: row.id,
            outstanding: row.outstanding,
        })
    }
}
