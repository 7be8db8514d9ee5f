//! What a run claims of an entitlement, one recovery for both; told as what it is: raised, or raised further by lines that
//! came later.

use super::{MoveError, code};
use crate::store::{LineRow, RecoveryRow};
use mz_contracts::Disbursement;
use mz_contracts::events::{Cause, RecoveryIncreased, RecoveryRaised};
use mz_kernel::{Fen, LineId, Month};
use mz_store::{Json, Origin, Tx};
use std::collections::BTreeSet;

/// A recovery that is being raised.
pub(super) struct Raising {
    pub(super) row: RecoveryRow,
    /// Nobody was told of it yet.
    is_new: bool,
    added: Fen,
    months: BTreeSet<Month>,
    lines: BTreeSet<LineId>,
}

impl Raising {
    /// The recovery of a take-back's run and entitlement: the one that there is, or a new one.
    pub(super) fn of(tx: &Tx<Disbursement>, line: &LineRow, before: Option<&RecoveryRow>) -> Self {
        let row = before.cloned().unwrap_or_else(|| RecoveryRow {
            id: tx.new_id(),
            run: line.run,
            run_month: line.run_month,
            entitlement: line.entitlement,
            person: line.person,
            programme: line.programme.clone(),
            division: line.division,
            amount: Fen::ZERO,
            outstanding: Fen::ZERO,
            months: Json(Vec::new()),
            lines: Json(Vec::new()),
            cause: None,
            raised_on: tx.today(),
            per_month: None,
            entries: 0,
            version: 1,
        });
        Self {
            row,
            is_new: before.is_none(),
            added: Fen::ZERO,
            months: BTreeSet::new(),
            lines: BTreeSet::new(),
        }
    }

    /// Adds a part of a take-back. `end` is the present end of the entitlement: it is why the money is not owed, if it
    /// came no later than the month.
    pub(super) fn add(
        &mut self,
        line: &LineRow,
        amount: Fen,
        end: Option<&(Month, Cause)>,
    ) -> Result<(), MoveError> {
        self.added = self.added.checked_add(amount)?;
        self.row.amount = self.row.amount.checked_add(amount)?;
        self.row.outstanding = self.row.outstanding.checked_add(amount)?;
        insert(&mut self.row.months.0, line.month);
        insert(&mut self.row.lines.0, line.id);
        self.months.insert(line.month);
        self.lines.insert(line.id);
        if self.row.cause.is_none() {
            let explains = end.filter(|(from, _)| *from <= line.month);
            self.row.cause = explains.map(|(_, cause)| Json(cause.clone()));
        }
        Ok(())
    }

    pub(super) fn tell(self, tx: &mut Tx<Disbursement>, origin: &Origin) -> Result<(), MoveError> {
        let (row, raised_on) = (self.row, tx.today());
        let programme = code(&row.programme);
        let (months, lines) = (
            self.months.into_iter().collect(),
            self.lines.into_iter().collect(),
        );
        if self.is_new {
            let event = RecoveryRaised {
                recovery: row.id,
                person: row.person,
                entitlement: row.entitlement,
                programme,
                division: row.division,
                amount: row.amount,
                months,
                lines,
                raised_on,
            };
            tx.emit(origin, &event)?;
        } else {
            let event = RecoveryIncreased {
                recovery: row.id,
                person: row.person,
                entitlement: row.entitlement,
                programme,
                division: row.division,
                amount: self.added,
                total: row.amount,
                outstanding: row.outstanding,
                months,
                lines,
                raised_on,
            };
            tx.emit(origin, &event)?;
        }
        Ok(())
    }
}

/// Keeps a list in its order, each item once.
fn insert<T: Ord>(all: &mut Vec<T>, one: T) {
    if let Err(place) = all.binary_search(&one) {
        all.insert(place, one);
    }
}
