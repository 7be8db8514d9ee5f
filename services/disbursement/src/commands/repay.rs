//! Enter what was paid back 退缴.

use crate::moves::{MoveError, code};
use crate::problems;
use crate::store::{self, EntryRow};
use crate::words::EntryKind;
use mz_contracts::Disbursement;
use mz_contracts::events::{RecoveryReduced, Reduction};
use mz_http::{Caller, Problem};
use mz_kernel::{Date, Fen, Month, RecoveryId};
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
        if self.received_on > tx.today() {
            return Err(Problem::invalid("received_on", "The day lies in the future.").into());
        }
        if self.amount > row.outstanding {
            return Err(problems::too_much(row.outstanding).into());
        }
        store::check_recovery(tx, &row).await?;
        row.outstanding = row
            .outstanding
            .checked_sub(self.amount)
            .map_err(MoveError::from)?;
        row.entries += 1;
        let entry = EntryRow {
            recovery: row.id,
            n: row.entries,
            kind: EntryKind::Repayment,
            amount: self.amount,
            entered_on: self.received_on,
            payment: None,
            month: Month::of(self.received_on),
            note: Some(self.receipt.clone()),
        };
        store::save_recoveries(tx, [&row]).await?;
        store::insert_entries(tx, &[entry]).await?;
        let event = RecoveryReduced {
            recovery: row.id,
            person: row.person,
            programme: code(&row.programme),
            division: row.division,
            by: Reduction::Repayment,
            amount: self.amount,
            outstanding: row.outstanding,
            reduced_on: tx.today(),
        };
        tx.emit(&self.origin, &event)?;
        Ok(Repaid {
            recovery: row.id,
            outstanding: row.outstanding,
        })
    }
}
