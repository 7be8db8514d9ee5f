//! What came back from the bank and is claimed by a recovery pays it, and is not issued again.

use super::{Entry, MoveError, reduce, reopen};
use crate::rules::recovery;
use crate::store::{self, PaymentRow};
use crate::words::{EntryKind, PaymentState};
use mz_contracts::{Code, Disbursement};
use mz_kernel::{Fen, LineId, PaymentId, RecoveryId};
use mz_store::{Origin, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Lets returned payments pay the recoveries that claim their lines; payments in any other state are left alone.
pub(crate) async fn absorb(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    of: BTreeSet<PaymentId>,
) -> Result<(), MoveError> {
    if of.is_empty() {
        return Ok(());
    }
    let mut payments = store::payments(tx, of).await?;
    payments.retain(|_, payment| payment.state == PaymentState::Returned);
    let lines = store::payment_lines(tx, payments.keys().copied()).await?;
    let claims = store::claims(tx, lines.iter().map(|line| line.line)).await?;
    let within: Vec<_> = lines.iter().map(|row| (row.line, row.payment)).collect();
    let claimed = by_payment(&within, &claims)?;
    let before = store::entered_for(tx, EntryKind::Return, payments.keys().copied()).await?;
    let ids: BTreeSet<RecoveryId> = claimed.values().flat_map(|of| of.keys().copied()).collect();
    let mut recoveries = store::recoveries(tx, ids).await?;
    let mut entries = Vec::new();
    for (payment, claimed) in &claimed {
        let Some(payment) = payments.get_mut(payment) else {
            continue;
        };
        for (id, claimed) in claimed {
            let Some(row) = recoveries.get_mut(id) else {
                continue;
            };
            let paid = before.get(&payment.id).and_then(|of| of.get(id)).copied();
            let returned = payment.amount.checked_sub(payment.absorbed)?;
            let amount = recovery::absorb(*claimed, paid.unwrap_or(Fen::ZERO), row.outstanding, returned)?;
            if amount > Fen::ZERO {
                payment.absorbed = payment.absorbed.checked_add(amount)?;
                let entry = Entry::of(tx, EntryKind::Return, amount, payment);
                entries.push(reduce(tx, origin, row, entry)?);
            }
        }
    }
    let touched: BTreeSet<RecoveryId> = entries.iter().map(|entry| entry.recovery).collect();
    let touched = recoveries.values().filter(|row| touched.contains(&row.id));
    store::save_recoveries(tx, touched).await?;
    store::insert_entries(tx, &entries).await?;
    let changed: BTreeSet<PaymentId> = entries.iter().filter_map(|entry| entry.payment).collect();
    payments.retain(|id, _| changed.contains(id));
    issue_less(tx, payments).await
}

/// What each recovery claims of each payment.
fn by_payment(
    within: &[(LineId, PaymentId)],
    claims: &BTreeMap<LineId, Vec<(RecoveryId, Fen)>>,
) -> Result<BTreeMap<PaymentId, BTreeMap<RecoveryId, Fen>>, MoveError> {
    let mut all: BTreeMap<PaymentId, BTreeMap<RecoveryId, Fen>> = BTreeMap::new();
    for (line, payment) in within {
        for (recovery, amount) in claims.get(line).into_iter().flatten() {
            let sum = all
                .entry(*payment)
                .or_default()
                .entry(*recovery)
                .or_insert(Fen::ZERO);
            *sum = sum.checked_add(*amount)?;
        }
    }
    Ok(all)
}

/// A payment that is in an open batch for another time is issued with what is left of it, or not at all.
async fn issue_less(
    tx: &mut Tx<Disbursement>,
    mut payments: BTreeMap<PaymentId, PaymentRow>,
) -> Result<(), MoveError> {
    let mut issues = store::open_issues(tx, payments.keys().copied()).await?;
    let mut gone = Vec::new();
    for issue in &mut issues {
        if let Some(payment) = payments.get_mut(&issue.payment) {
            issue.amount = payment.amount.checked_sub(payment.absorbed)?;
            if issue.amount.is_zero() {
                payment.issues -= 1;
                gone.push(payment.id);
            }
        }
    }
    store::save_payments(tx, payments.values()).await?;
    store::save_issues(tx, &issues).await?;
    store::drop_issues(tx, &gone).await?;
    reopen(tx, issues.iter().map(|issue| issue.batch).collect()).await
}

/// A programme as events name it; the books hold only what an event said.
pub(crate) fn code(programme: &str) -> Code {
    programme.parse().unwrap_or_else(|_| Code::of("unknown"))
}
