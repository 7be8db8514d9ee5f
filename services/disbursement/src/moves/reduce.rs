//! A recovery becomes smaller, in its row and in its ledger, and it is told.

use super::{MoveError, code};
use crate::store::{EntryRow, PaymentRow, RecoveryRow};
use crate::words::EntryKind;
use mz_contracts::Disbursement;
use mz_contracts::events::{RecoveryReduced, Reduction};
use mz_kernel::{Date, Fen, Month};
use mz_store::{Origin, Tx};

/// What makes a recovery smaller.
pub(crate) struct Entry<'p> {
    pub(crate) kind: EntryKind,
    /// Below zero where an offset is undone.
    pub(crate) amount: Fen,
    pub(crate) on: Date,
    /// The payment that it was kept back from, or that came back.
    pub(crate) payment: Option<&'p PaymentRow>,
    pub(crate) note: Option<String>,
}

impl<'p> Entry<'p> {
    /// Today's, of a payment.
    pub(super) fn of(tx: &Tx<Disbursement>, kind: EntryKind, amount: Fen, payment: &'p PaymentRow) -> Self {
        Self {
            kind,
            amount,
            on: tx.today(),
            payment: Some(payment),
            note: None,
        }
    }
}

/// Changes the row and tells it; the caller saves the row and the entry.
pub(crate) fn reduce(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    row: &mut RecoveryRow,
    entry: Entry<'_>,
) -> Result<EntryRow, MoveError> {
    row.outstanding = row.outstanding.checked_sub(entry.amount)?;
    row.entries += 1;
    let event = RecoveryReduced {
        recovery: row.id,
        person: row.person,
        programme: code(&row.programme),
        division: row.division,
        by: match entry.kind {
            EntryKind::Offset => Reduction::Offset,
            EntryKind::Repayment | EntryKind::Return => Reduction::Repayment,
            EntryKind::Waiver => Reduction::Waiver,
        },
        amount: entry.amount,
        outstanding: row.outstanding,
        reduced_on: tx.today(),
    };
    tx.emit(origin, &event)?;
    Ok(EntryRow {
        recovery: row.id,
        n: row.entries,
        kind: entry.kind,
        amount: entry.amount,
        entered_on: entry.on,
        payment: entry.payment.map(|payment| payment.id),
        month: entry
            .payment
            .map_or_else(|| Month::of(entry.on), |payment| payment.month),
        note: entry.note,
    })
}
