//! What leaves an open batch, because a fact or a take-back says so.

use super::{Entry, MoveError, reduce};
use crate::rules::recovery::give_back;
use crate::rules::standing::{Facts, Held};
use crate::store::{self, LineRow, PaymentLineRow, PaymentRow, RecoveryRow, WithdrawnRow};
use crate::words::{BatchState, EntryKind, Hold, PaymentState};
use mz_casework::Stage;
use mz_contracts::events::{Cause, LinesWithdrawn};
use mz_contracts::{Code, Disbursement};
use mz_kernel::{BatchId, EntitlementId, Fen, LineId, PaymentId, PersonId, RecoveryId};
use mz_store::{Json, Origin, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Says of a batch that was proposed why it is a draft again.
const NOTE: &str = "提交后有明细被撤出，金额已变，请重新核对后再提交。";

/// Why a line is held, by the facts of its entitlement.
pub(crate) fn payable(facts: &BTreeMap<EntitlementId, Facts>, line: &LineRow) -> Option<Held> {
    let unknown = Facts::default();
    facts.get(&line.entitlement).unwrap_or(&unknown).held(line.month)
}

/// A part of a line that leaves an open payment.
pub(crate) struct Leaving {
    pub(crate) line: LineRow,
    pub(crate) payment: PaymentId,
    pub(crate) amount: Fen,
    pub(crate) reason: Hold,
    pub(crate) cause: Cause,
}

/// Takes out of open batches what the facts about these persons do not allow to be paid any more.
pub(crate) async fn recheck(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    persons: &[PersonId],
) -> Result<(), MoveError> {
    let ids = store::open_payments_of(tx, persons).await?;
    if ids.is_empty() {
        return Ok(());
    }
    let payments = store::payments(tx, ids.iter().copied()).await?;
    let lines = store::lines_in(tx, ids.iter().copied()).await?;
    let facts = store::facts_of(tx, &lines).await?;
    let within = store::payment_lines(tx, ids.iter().copied()).await?;
    let within: BTreeMap<LineId, PaymentLineRow> = within.into_iter().map(|row| (row.line, row)).collect();
    let claims = store::claims(tx, within.keys().copied()).await?;
    let mut leaving = Vec::new();
    for line in lines {
        let claimed = claims.get(&line.id).into_iter().flatten();
        let claimed = Fen::checked_sum(claimed.map(|(_, amount)| *amount))?;
        if let (Some(held), Some(row)) = (payable(&facts, &line), within.get(&line.id))
            && let Some(cause) = held.cause
            && row.amount > claimed
        {
            leaving.push(Leaving {
                line,
                payment: row.payment,
                amount: row.amount,
                reason: held.reason,
                cause,
            });
        }
    }
    let again = |leaving: &Leaving| {
        payments.get(&leaving.payment).map(|row| row.state) == Some(PaymentState::Returned)
    };
    let (again, first): (Vec<_>, Vec<_>) = leaving.into_iter().partition(again);
    record(tx, origin, again.iter().chain(&first)).await?;
    let again: BTreeSet<PaymentId> = again.iter().map(|leaving| leaving.payment).collect();
    let again = again.into_iter().filter_map(|id| payments.get(&id).cloned());
    not_again(tx, again.collect()).await?;
    let amounts = first.iter().map(|leaving| (leaving.line.id, Fen::ZERO));
    store::hold_lines(tx, first.iter().map(|leaving| leaving.line.id), true).await?;
    shrink(
        tx,
        origin,
        first.iter().map(|leaving| leaving.payment).collect(),
        &amounts.collect(),
    )
    .await
}

/// Takes everything out of an open batch: its lines can be paid by another, and what came back can be issued again.
pub(crate) async fn empty(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    batch: BatchId,
) -> Result<(), MoveError> {
    let issues = store::issues(tx, batch).await?;
    let payments = store::payments(tx, issues.iter().map(|issue| issue.payment)).await?;
    let (again, first): (Vec<_>, Vec<_>) = payments
        .into_values()
        .partition(|row| row.state == PaymentState::Returned);
    not_again(tx, again).await?;
    let lines = store::payment_lines(tx, first.iter().map(|row| row.id)).await?;
    store::hold_lines(tx, lines.iter().map(|row| row.line), true).await?;
    let amounts = lines.iter().map(|row| (row.line, Fen::ZERO)).collect();
    shrink(tx, origin, first.iter().map(|row| row.id).collect(), &amounts).await
}

/// Payments that came back are not issued again for now, as one of their lines is held or their batch was cancelled; they
/// stay in the books as returned.
async fn not_again(tx: &mut Tx<Disbursement>, mut rows: Vec<PaymentRow>) -> Result<(), MoveError> {
    if rows.is_empty() {
        return Ok(());
    }
    let issues = store::open_issues(tx, rows.iter().map(|row| row.id)).await?;
    for row in &mut rows {
        row.issues -= 1;
    }
    store::save_payments(tx, &rows).await?;
    let ids: Vec<PaymentId> = rows.iter().map(|row| row.id).collect();
    store::drop_issues(tx, &ids).await?;
    reopen(tx, issues.iter().map(|issue| issue.batch).collect()).await
}

/// Writes what left, one row and one event for a payment, an entitlement and a reason. To be called while the lines are
/// still in their payments.
pub(crate) async fn record<'l>(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    leaving: impl Iterator<Item = &'l Leaving>,
) -> Result<(), MoveError> {
    let mut groups: BTreeMap<(PaymentId, EntitlementId, Hold), Vec<&Leaving>> = BTreeMap::new();
    for part in leaving {
        groups
            .entry((part.payment, part.line.entitlement, part.reason))
            .or_default()
            .push(part);
    }
    let ids: BTreeSet<PaymentId> = groups.keys().map(|(payment, ..)| *payment).collect();
    let issues = store::open_issues(tx, ids).await?;
    let batches: BTreeMap<PaymentId, BatchId> =
        issues.iter().map(|issue| (issue.payment, issue.batch)).collect();
    for ((payment, entitlement, reason), parts) in groups {
        let (Some(batch), Some(first)) = (batches.get(&payment), parts.first()) else {
            continue;
        };
        let lines: Vec<LineId> = parts.iter().map(|part| part.line.id).collect();
        let amount = Fen::checked_sum(parts.iter().map(|part| part.amount))?;
        let event = LinesWithdrawn {
            batch: *batch,
            person: first.line.person,
            entitlement,
            division: first.line.division,
            lines: lines.clone(),
            amount,
            reason: Code::of(reason.text()),
            cause: first.cause.clone(),
        };
        let row = WithdrawnRow {
            id: tx.new_id(),
            batch: *batch,
            person: first.line.person,
            entitlement,
            division: first.line.division,
            lines: Json(lines),
            amount,
            reason,
            cause: Json(first.cause.clone()),
            withdrawn_on: tx.today(),
        };
        store::insert_withdrawn(tx, &row).await?;
        tx.emit(origin, &event)?;
    }
    Ok(())
}

/// Gives lines of open payments other amounts, zero for those that leave; a payment without lines leaves its batch.
/// What was kept back from a payment and is more than its lines now is undone.
pub(crate) async fn shrink(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    payments: BTreeSet<PaymentId>,
    amounts: &BTreeMap<LineId, Fen>,
) -> Result<(), MoveError> {
    if payments.is_empty() {
        return Ok(());
    }
    let mut rows = store::payments(tx, payments.iter().copied()).await?;
    let mut issues = store::open_issues(tx, payments.iter().copied()).await?;
    let batches = issues.iter().map(|issue| issue.batch).collect();
    let mut kept = store::entered_for(tx, EntryKind::Offset, payments.iter().copied()).await?;
    let mut lines = store::payment_lines(tx, payments).await?;
    for line in &mut lines {
        line.amount = amounts.get(&line.line).copied().unwrap_or(line.amount);
    }
    let (out, stay): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.amount.is_zero());
    store::drop_lines(tx, out.iter().map(|line| line.line)).await?;
    store::save_payment_lines(tx, &stay).await?;
    let mut sums: BTreeMap<PaymentId, Fen> = BTreeMap::new();
    for line in &stay {
        let sum = sums.entry(line.payment).or_insert(Fen::ZERO);
        *sum = sum.checked_add(line.amount)?;
    }
    for row in rows.values_mut() {
        let sum = sums.get(&row.id).copied().unwrap_or(Fen::ZERO);
        let kept = undo(tx, origin, row, sum, kept.remove(&row.id).unwrap_or_default()).await?;
        row.amount = sum.checked_sub(kept)?;
    }
    issues.retain_mut(|issue| {
        issue.amount = rows.get(&issue.payment).map_or(issue.amount, |row| row.amount);
        sums.contains_key(&issue.payment)
    });
    let (stay, gone): (Vec<_>, Vec<_>) = rows.into_values().partition(|row| sums.contains_key(&row.id));
    store::save_payments(tx, &stay).await?;
    store::save_issues(tx, &issues).await?;
    let gone: Vec<PaymentId> = gone.iter().map(|row| row.id).collect();
    store::drop_issues(tx, &gone).await?;
    store::drop_payments(tx, &gone).await?;
    reopen(tx, batches).await
}

/// Undoes of what was kept back from a payment what exceeds its lines; what is still kept back.
async fn undo(
    tx: &mut Tx<Disbursement>,
    origin: &Origin,
    payment: &PaymentRow,
    lines: Fen,
    kept: BTreeMap<RecoveryId, Fen>,
) -> Result<Fen, MoveError> {
    let mut all = Fen::checked_sum(kept.values().copied())?;
    let mut excess = give_back(all, lines)?;
    if excess.is_zero() {
        return Ok(all);
    }
    let mut rows: BTreeMap<RecoveryId, RecoveryRow> = store::recoveries(tx, kept.keys().copied()).await?;
    let mut entries = Vec::new();
    for (id, kept) in kept.into_iter().rev() {
        let part = kept.min(excess);
        if let (Some(row), true) = (rows.get_mut(&id), part > Fen::ZERO) {
            (excess, all) = (excess.checked_sub(part)?, all.checked_sub(part)?);
            let entry = Entry::of(tx, EntryKind::Offset, part.checked_neg()?, payment);
            entries.push(reduce(tx, origin, row, entry)?);
        }
    }
    store::save_recoveries(tx, rows.values()).await?;
    store::insert_entries(tx, &entries).await?;
    Ok(all)
}

/// Open batches changed: one that was proposed is a draft again, and says why. What a checker saw is what is sealed.
pub(crate) async fn reopen(tx: &mut Tx<Disbursement>, of: BTreeSet<BatchId>) -> Result<(), MoveError> {
    if of.is_empty() {
        return Ok(());
    }
    for mut batch in store::batches(tx, of).await? {
        if batch.state == BatchState::Proposed {
            batch.state = BatchState::Draft;
            batch.stage = Json(Stage::Accepted);
            batch.note = Some(NOTE.to_owned());
        }
        store::save_batch(tx, &batch).await?;
    }
    Ok(())
}
