//! What became of payments, entered and told.

use crate::moves::absorb;
use crate::store::{self, BatchRow, IssueRow};
use crate::words::{BatchState, PaymentState};
use mz_contracts::events::{BatchSettled, PaymentOutcome, PaymentResult};
use mz_contracts::{Code, Disbursement};
use mz_kernel::{LineId, PaymentId};
use mz_runtime::Failure;
use mz_store::{Origin, Tx};
use std::collections::BTreeMap;

/// What became of a payment.
pub(super) struct Answered {
    pub(super) payment: PaymentId,
    pub(super) outcome: PaymentState,
    pub(super) reason: Option<Code>,
}

/// Enters results of a batch, saves it, and tells them in events of a size that a stream takes.
pub(super) async fn settle(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    batch: &mut BatchRow,
    results: Vec<Answered>,
) -> Result<(), Failure> {
    let today = tx.today();
    let mut alike: BTreeMap<(PaymentState, Option<String>), Vec<&Answered>> = BTreeMap::new();
    for result in &results {
        let key = (result.outcome, result.reason.as_ref().map(ToString::to_string));
        alike.entry(key).or_default().push(result);
    }
    for ((outcome, _), same) in &alike {
        let reason = same.first().and_then(|result| result.reason.as_ref());
        let payments: Vec<PaymentId> = same.iter().map(|result| result.payment).collect();
        store::settle(tx, batch.id, (*outcome, reason), today, &payments).await?;
    }
    let issues = store::issues(tx, batch.id).await?;
    if issues.iter().all(|issue| issue.outcome.is_some()) {
        batch.state = BatchState::Settled;
    }
    tell(tx, origin, batch, &issues, &results).await?;
    store::save_batch(tx, batch).await?;
    let returned = results
        .iter()
        .filter(|result| result.outcome == PaymentState::Returned);
    let returned = returned.map(|result| result.payment).collect();
    Ok(absorb(tx, origin, returned).await?)
}

async fn tell(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    batch: &mut BatchRow,
    issues: &[IssueRow],
    results: &[Answered],
) -> Result<(), Failure> {
    let issues: BTreeMap<PaymentId, &IssueRow> = issues.iter().map(|row| (row.payment, row)).collect();
    let mut lines: BTreeMap<PaymentId, Vec<LineId>> = BTreeMap::new();
    for row in store::payment_lines(tx, results.iter().map(|result| result.payment)).await? {
        lines.entry(row.payment).or_default().push(row.line);
    }
    let results = results.iter().filter_map(|result| {
        let issue = issues.get(&result.payment)?;
        Some(PaymentResult {
            payment: result.payment,
            person: issue.person,
            amount: issue.amount,
            outcome: match result.outcome {
                PaymentState::Returned => PaymentOutcome::Returned,
                _ => PaymentOutcome::Paid,
            },
            reason: result.reason.clone(),
            lines: lines.remove(&result.payment).unwrap_or_default(),
        })
    });
    for payments in parts(results) {
        batch.chunks += 1;
        let event = BatchSettled {
            batch: batch.id,
            chunk: u32::try_from(batch.chunks).unwrap_or(u32::MAX),
            month: batch.month,
            programme: crate::moves::code(&batch.programme),
            division: batch.division,
            settled_on: tx.today(),
            payments,
        };
        tx.emit(origin, &event)?;
    }
    Ok(())
}

/// Parts of a size that a stream takes: so many payments, and so many lines of all of them.
fn parts(results: impl Iterator<Item = PaymentResult>) -> Vec<Vec<PaymentResult>> {
    let mut parts: Vec<Vec<PaymentResult>> = Vec::new();
    let mut lines = 0;
    for result in results {
        lines += result.lines.len();
        match parts.last_mut() {
            Some(part) if part.len() < BatchSettled::PAYMENTS_MAX && lines <= BatchSettled::LINES_MAX => {
                part.push(result);
            }
            _ => {
                lines = result.lines.len();
                parts.push(vec![result]);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_contracts::Event as _;

    #[test]
    fn a_part_is_full_by_payments_or_by_lines() {
        let sizes = |payments: usize, lines: usize| {
            let mut result = BatchSettled::sample().payments.remove(0);
            result.lines = vec![result.lines[0]; lines];
            let parts = parts(std::iter::repeat_n(result, payments));
            parts.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0, 1), Vec::<usize>::new());
        assert_eq!(sizes(501, 1), [250, 250, 1]);
        assert_eq!(sizes(9, 1_000), [4, 4, 1]);
        assert_eq!(sizes(2, 5_000), [1, 1]);
    }
}
