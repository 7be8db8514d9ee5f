//! What agreed offsets keep back from the payments of a new batch.

use super::{Entry, MoveError, reduce};
use crate::rules::recovery::keep_back;
use crate::store::{self, PaymentRow};
use crate::words::EntryKind;
use mz_contracts::Disbursement;
use mz_kernel::{Fen, Month};
use mz_store::{Origin, Tx};

/// Keeps back from the payments, of one programme and month, what was agreed on for recoveries of the same person,
/// programme and division.
pub(crate) async fn keep(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    (programme, month): (&str, Month),
    payments: &mut [PaymentRow],
) -> Result<(), MoveError> {
    let persons = payments.iter().map(|payment| payment.person);
    let mut rows = store::with_offset(tx, programme, month, persons).await?;
    let kept = store::kept_in_month(tx, month, rows.iter().map(|row| row.id)).await?;
    let mut entries = Vec::new();
    for row in &mut rows {
        let same =
            |payment: &&mut PaymentRow| (payment.person, payment.division) == (row.person, row.division);
        let (Some(payment), Some(per_month)) = (payments.iter_mut().find(same), row.per_month) else {
            continue;
        };
        let kept = kept.get(&row.id).copied().unwrap_or(Fen::ZERO);
        let amount = keep_back(per_month, kept, row.outstanding, payment.amount)?;
        if amount > Fen::ZERO {
            payment.amount = payment.amount.checked_sub(amount)?;
            let entry = Entry::of(tx, EntryKind::Offset, amount, payment);
            entries.push(reduce(tx, origin, row, entry)?);
        }
    }
    store::save_recoveries(tx, &rows).await?;
    store::insert_entries(tx, &entries).await?;
    Ok(())
}
