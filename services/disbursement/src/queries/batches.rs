//! Batches, with the same money counted three ways.

use crate::commands::batch;
use crate::moves::MoveError;
use crate::rules::capitals::capitals;
use crate::store::{self, BatchFilter, BatchRow, TotalRow, WithdrawnRow};
use crate::words::{BatchState, Hold};
use mz_contracts::Disbursement;
use mz_contracts::events::Cause;
use mz_http::{Caller, Page, Paged};
use mz_kernel::{BatchId, Date, DateSchema, DivisionCode, Fen, LineId, Month, OfficerId, PersonId};
use mz_runtime::Failure;
use mz_store::{Conn, Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A batch. Amounts are fen.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BatchView {
    batch: BatchId,
    number: String,
    month: Month,
    programme: String,
    division: DivisionCode,
    state: BatchState,
    /// Who built it; once it was proposed, who proposed it.
    maker: OfficerId,
    maker_name: String,
    /// Who sealed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    checker: Option<OfficerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checker_name: Option<String>,
    #[schemars(with = "DateSchema")]
    made_on: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    sealed_on: Option<Date>,
    payments: i64,
    persons: i64,
    amount: Fen,
    /// 大写金额.
    amount_words: String,
    paid: Fen,
    returned: Fen,
    pending: Fen,
    /// Why it is a draft again, or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(flatten)]
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Detail>,
    version: i64,
}

/// What only a batch by itself tells.
#[derive(Debug, Serialize, JsonSchema)]
struct Detail {
    township: Vec<Township>,
    withdrawn: Vec<Withdrawn>,
    three_way: ThreeWay,
}

/// A township's part.
#[derive(Debug, Serialize, JsonSchema)]
struct Township {
    division: DivisionCode,
    persons: i64,
    payments: i64,
    amount: Fen,
    /// What the batches of the month before paid there.
    previous_amount: Fen,
    difference: Fen,
    /// What is in no payment there.
    held: Fen,
}

/// What left the batch.
#[derive(Debug, Serialize, JsonSchema)]
struct Withdrawn {
    person: PersonId,
    lines: Vec<LineId>,
    amount: Fen,
    reason: Hold,
    cause: Cause,
    #[schemars(with = "DateSchema")]
    on: Date,
}

/// 三方核对: the lines, the townships and the bank file say the same.
#[derive(Debug, Serialize, JsonSchema)]
struct ThreeWay {
    /// Lines, minus what is kept back, plus what is issued again.
    roster: Fen,
    townships: Fen,
    /// Once it is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_file: Option<Fen>,
    agree: bool,
}

impl From<WithdrawnRow> for Withdrawn {
    fn from(row: WithdrawnRow) -> Self {
        Self {
            person: row.person,
            lines: row.lines.0,
            amount: row.amount,
            reason: row.reason,
            cause: row.cause.0,
            on: row.withdrawn_on,
        }
    }
}

impl BatchView {
    fn new(row: BatchRow, total: &TotalRow, detail: Option<Detail>) -> Self {
        Self {
            batch: row.id,
            number: row.number,
            month: row.month,
            programme: row.programme,
            division: row.division,
            state: row.state,
            maker: row.maker,
            maker_name: row.maker_name,
            checker: row.checker,
            checker_name: row.checker_name,
            made_on: row.made_on,
            sealed_on: row.sealed_on,
            payments: total.payments,
            persons: total.persons,
            amount: total.amount,
            amount_words: capitals(total.amount),
            paid: total.paid,
            returned: total.returned,
            pending: total.pending,
            reason: row.note,
            hash: row.hash,
            detail,
            version: row.version,
        }
    }
}

impl Detail {
    async fn of(conn: &mut Conn, row: &BatchRow, total: Fen) -> Result<Self, Failure> {
        let sums = store::sums(conn, row.id).await?;
        let previous = store::sums_of_month(conn, row.month.prev(), &row.programme, row.division).await?;
        let previous: BTreeMap<DivisionCode, Fen> = previous.into_iter().collect();
        let held = store::held_sums(conn, &row.programme, row.month, row.division).await?;
        let held: BTreeMap<DivisionCode, Fen> = held.into_iter().collect();
        let mut township = Vec::with_capacity(sums.len());
        for sum in sums {
            let before = previous.get(&sum.division).copied().unwrap_or(Fen::ZERO);
            township.push(Township {
                division: sum.division,
                persons: sum.persons,
                payments: sum.payments,
                amount: sum.amount,
                previous_amount: before,
                difference: sum.amount.checked_sub(before).map_err(MoveError::from)?,
                held: held.get(&sum.division).copied().unwrap_or(Fen::ZERO),
            });
        }
        let withdrawn = store::withdrawn(conn, row.id).await?;
        let (lines, kept, again) = store::roster(conn, row.id).await?;
        let roster = lines.checked_sub(kept).and_then(|rest| rest.checked_add(again));
        let roster = roster.map_err(MoveError::from)?;
        let townships = Fen::checked_sum(township.iter().map(|row| row.amount)).map_err(MoveError::from)?;
        let agree =
            roster == townships && townships == total && row.bank_total.is_none_or(|bank| bank == total);
        Ok(Self {
            township,
            withdrawn: withdrawn.into_iter().map(Withdrawn::from).collect(),
            three_way: ThreeWay {
                roster,
                townships,
                bank_file: row.bank_total,
                agree,
            },
        })
    }
}

/// A batch by id.
pub(crate) struct ShowBatch {
    pub(crate) caller: Caller,
    pub(crate) batch: BatchId,
}

impl Work<Disbursement> for ShowBatch {
    type Output = BatchView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<BatchView, Failure> {
        let row = batch(tx, &self.caller, self.batch).await?;
        let total = store::totals(tx, [row.id]).await?.remove(&row.id);
        let total = total.unwrap_or_else(|| TotalRow::nothing(row.id));
        let detail = Detail::of(tx, &row, total.amount).await?;
        Ok(BatchView::new(row, &total, Some(detail)))
    }
}

/// Batches, a page at a time.
pub(crate) struct ListBatches {
    pub(crate) filter: BatchFilter,
    pub(crate) page: Page,
}

impl Work<Disbursement> for ListBatches {
    type Output = Paged<BatchView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Paged<BatchView>, Failure> {
        let after = self.page.after.as_deref().unwrap_or_default();
        let limit = i64::from(self.page.limit) + 1;
        let rows = store::batches_listed(tx, &self.filter, after, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let mut totals = store::totals(tx, items.iter().map(|row| row.id)).await?;
        let views = items.into_iter().map(|row| {
            let total = totals.remove(&row.id);
            let total = total.unwrap_or_else(|| TotalRow::nothing(row.id));
            BatchView::new(row, &total, None)
        });
        Ok(Paged {
            items: views.collect(),
            next,
        })
    }
}
