//! Build a batch 编制发放批次 from all that is payable and in no other, and from what came back and can be issued again.

use crate::moves::{MoveError, keep, payable};
use crate::problems;
use crate::rules::numbers::batch_number;
use crate::store::{self, BatchRow, IssueRow, LineRow, PaymentLineRow, PaymentRow};
use crate::words::{BatchState, PaymentState};
use mz_casework::Stage;
use mz_contracts::{Code, Disbursement};
use mz_http::Caller;
use mz_kernel::{BatchId, DivisionCode, Fen, LineId, Month, PaymentId, PersonId};
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct BuildBatch {
    pub(crate) maker: Caller,
    pub(crate) month: Month,
    pub(crate) programme: Code,
    pub(crate) division: DivisionCode,
    pub(crate) origin: Origin,
}

/// The batch.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Built {
    pub(crate) batch: BatchId,
    number: String,
    payments: usize,
    amount: Fen,
}

impl Work<Disbursement> for BuildBatch {
    type Output = Built;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Built, Failure> {
        self.maker.may_see(&self.division)?;
        let (lines, held) = self.lines(tx).await?;
        let again = self.again(tx).await?;
        if lines.is_empty() && again.is_empty() {
            let persons: BTreeSet<PersonId> = held.iter().map(|line| line.person).collect();
            let held = Fen::checked_sum(held.iter().map(|line| line.rest)).map_err(MoveError::from)?;
            return Err(problems::nothing_to_pay(persons.len(), held).into());
        }
        let batch = self.batch(tx).await?;
        store::insert_batch(tx, &batch).await?;
        let (mut payments, within) = self.payments(tx, batch.id, &lines)?;
        keep(
            tx,
            &self.origin,
            (self.programme.as_str(), self.month),
            &mut payments,
        )
        .await?;
        payments.extend(again.into_iter().map(|row| PaymentRow {
            issues: row.issues + 1,
            ..row
        }));
        let issues = payments.iter().map(|row| issue(batch.id, row));
        let issues = issues.collect::<Result<Vec<IssueRow>, MoveError>>()?;
        store::save_payments(tx, &payments).await?;
        store::save_payment_lines(tx, &within).await?;
        store::hold_lines(tx, lines.iter().map(|line| line.id), false).await?;
        store::save_issues(tx, &issues).await?;
        let amount = Fen::checked_sum(issues.iter().map(|row| row.amount)).map_err(MoveError::from)?;
        Ok(Built {
            batch: batch.id,
            number: batch.number,
            payments: issues.len(),
            amount,
        })
    }
}

impl BuildBatch {
    /// The lines that nothing holds, and those that something does.
    async fn lines(&self, tx: &mut Tx<Disbursement>) -> Result<(Vec<LineRow>, Vec<LineRow>), Failure> {
        let programme = self.programme.as_str();
        let lines = store::held_lines(tx, programme, self.month, self.division).await?;
        let facts = store::facts_of(tx, &lines).await?;
        Ok(lines
            .into_iter()
            .partition(|line| payable(&facts, line).is_none()))
    }

    /// Payments that came back, whose account was corrected, and of whose unclaimed lines none is held.
    async fn again(&self, tx: &mut Tx<Disbursement>) -> Result<Vec<PaymentRow>, Failure> {
        let programme = self.programme.as_str();
        let mut payments = store::returned_payments(tx, programme, self.month, self.division).await?;
        let ids: Vec<PaymentId> = payments.iter().map(|row| row.id).collect();
        let lines = store::lines_in(tx, ids.iter().copied()).await?;
        let facts = store::facts_of(tx, &lines).await?;
        let within = store::payment_lines(tx, ids).await?;
        let within: BTreeMap<LineId, PaymentLineRow> =
            within.into_iter().map(|row| (row.line, row)).collect();
        let claims = store::claims(tx, within.keys().copied()).await?;
        let mut held = BTreeSet::new();
        for line in &lines {
            let claimed = claims.get(&line.id).into_iter().flatten();
            let claimed = Fen::checked_sum(claimed.map(|(_, amount)| *amount)).map_err(MoveError::from)?;
            if let Some(row) = within.get(&line.id)
                && row.amount > claimed
                && payable(&facts, line).is_some()
            {
                held.insert(row.payment);
            }
        }
        payments.retain(|row| !held.contains(&row.id));
        Ok(payments)
    }

    async fn batch(&self, tx: &mut Tx<Disbursement>) -> Result<BatchRow, Failure> {
        let programme = self.programme.as_str();
        let n = store::count_batches(tx, self.month, programme).await? + 1;
        Ok(BatchRow {
            id: tx.new_id(),
            number: batch_number(self.month, programme, n),
            month: self.month,
            programme: programme.to_owned(),
            division: self.division,
            state: BatchState::Draft,
            stage: Json(Stage::Accepted),
            maker: self.maker.officer,
            maker_name: self.maker.name.clone(),
            checker: None,
            checker_name: None,
            made_on: tx.today(),
            sealed_on: None,
            note: None,
            hash: None,
            bank_total: None,
            chunks: 0,
            version: 1,
        })
    }

    /// One payment a person and division.
    fn payments(
        &self,
        tx: &Tx<Disbursement>,
        batch: BatchId,
        lines: &[LineRow],
    ) -> Result<(Vec<PaymentRow>, Vec<PaymentLineRow>), MoveError> {
        let mut payments: BTreeMap<(PersonId, DivisionCode), PaymentRow> = BTreeMap::new();
        let mut within = Vec::with_capacity(lines.len());
        for line in lines {
            let payment = payments
                .entry((line.person, line.division))
                .or_insert_with(|| PaymentRow {
                    id: tx.new_id(),
                    batch,
                    person: line.person,
                    division: line.division,
                    programme: line.programme.clone(),
                    month: self.month,
                    amount: Fen::ZERO,
                    absorbed: Fen::ZERO,
                    state: PaymentState::Open,
                    issues: 1,
                });
            payment.amount = payment.amount.checked_add(line.rest)?;
            within.push(PaymentLineRow {
                line: line.id,
                payment: payment.id,
                amount: line.rest,
            });
        }
        Ok((payments.into_values().collect(), within))
    }
}

/// The last issue of a payment, with what of it was not absorbed.
fn issue(batch: BatchId, row: &PaymentRow) -> Result<IssueRow, MoveError> {
    Ok(IssueRow {
        payment: row.id,
        n: row.issues,
        batch,
        person: row.person,
        division: row.division,
        amount: row.amount.checked_sub(row.absorbed)?,
        version: None,
        outcome: None,
        reason: None,
        settled_on: None,
    })
}
