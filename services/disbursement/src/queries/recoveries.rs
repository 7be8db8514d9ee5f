//! Recoveries and their ledgers.

use crate::ids::AgreementId;
use crate::problems;
use crate::store::{self, AgreementRow, EntryRow, RecoveryFilter, RecoveryRow};
use crate::words::{AgreementKind, EntryKind, Overpaid};
use mz_contracts::Disbursement;
use mz_contracts::events::Cause;
use mz_http::{Caller, Page, Paged};
use mz_kernel::{
    Date, DateSchema, DivisionCode, EntitlementId, Fen, LineId, Month, PaymentId, PersonId, RecoveryId, RunId,
};
use mz_runtime::Failure;
use mz_store::{Json, Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;

/// A recovery. Amounts are fen.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RecoveryView {
    recovery: RecoveryId,
    person: PersonId,
    entitlement: EntitlementId,
    run: RunId,
    programme: String,
    division: DivisionCode,
    state: RecoveryState,
    amount: Fen,
    outstanding: Fen,
    months: Vec<Month>,
    /// The take-backs that raised it.
    lines: Vec<LineId>,
    reason: Overpaid,
    /// What had ended the entitlement, such as a death.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    #[schemars(with = "DateSchema")]
    raised_on: Date,
    /// What an agreed offset keeps back a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_month: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<Vec<Entry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agreements: Option<Vec<AgreementView>>,
    version: i64,
}

/// Whether something is outstanding.
#[derive(Debug, Clone, Copy, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RecoveryState {
    Open,
    Closed,
}

/// What made it smaller; below zero where that was undone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LedgerEntry")]
struct Entry {
    n: i64,
    kind: EntryKind,
    amount: Fen,
    #[schemars(with = "DateSchema")]
    entered_on: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            n: row.n,
            kind: row.kind,
            amount: row.amount,
            entered_on: row.entered_on,
            payment: row.payment,
            note: row.note,
        }
    }
}

impl From<RecoveryRow> for RecoveryView {
    fn from(row: RecoveryRow) -> Self {
        Self {
            recovery: row.id,
            person: row.person,
            entitlement: row.entitlement,
            run: row.run,
            programme: row.programme,
            division: row.division,
            state: if row.outstanding > Fen::ZERO {
                RecoveryState::Open
            } else {
                RecoveryState::Closed
            },
            amount: row.amount,
            outstanding: row.outstanding,
            months: row.months.0,
            lines: row.lines.0,
            reason: match &row.cause {
                Some(Json(cause)) if cause.fact.as_str() == "death" => Overpaid::Death,
                Some(_) => Overpaid::EntitlementStopped,
                None => Overpaid::Corrected,
            },
            cause: row.cause.map(|cause| cause.0),
            raised_on: row.raised_on,
            per_month: row.per_month,
            ledger: None,
            agreements: None,
            version: row.version,
        }
    }
}

/// An offset or a waiver, proposed or decided.
#[derive(Debug, Serialize, JsonSchema)]
struct AgreementView {
    agreement: AgreementId,
    kind: AgreementKind,
    amount: Fen,
    ground: String,
    /// Whether it waits for its decision.
    pending: bool,
}

impl From<AgreementRow> for AgreementView {
    fn from(row: AgreementRow) -> Self {
        Self {
            agreement: row.id,
            kind: row.kind,
            amount: row.amount,
            ground: row.ground,
            pending: row.pending,
        }
    }
}

/// A recovery by id, with its ledger and what was agreed on it.
pub(crate) struct ShowRecovery {
    pub(crate) caller: Caller,
    pub(crate) recovery: RecoveryId,
}

impl Work<Disbursement> for ShowRecovery {
    type Output = RecoveryView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<RecoveryView, Failure> {
        let row = store::recovery(tx, self.recovery).await?;
        let row = row.ok_or_else(problems::no_recovery)?;
        self.caller.may_see(&row.division)?;
        let ledger = store::entries(tx, row.id).await?;
        let mut view = RecoveryView::from(row);
        view.ledger = Some(ledger.into_iter().map(Entry::from).collect());
        let agreements = store::agreements(tx, self.recovery).await?;
        view.agreements = Some(agreements.into_iter().map(AgreementView::from).collect());
        Ok(view)
    }
}

/// Recoveries, a page at a time.
pub(crate) struct ListRecoveries {
    pub(crate) filter: RecoveryFilter,
    pub(crate) page: Page,
}

impl Work<Disbursement> for ListRecoveries {
    type Output = Paged<RecoveryView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Paged<RecoveryView>, Failure> {
        let after = self.page.after.as_deref().unwrap_or_default();
        let limit = i64::from(self.page.limit) + 1;
        let rows = store::recoveries_listed(tx, &self.filter, after, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        Ok(Paged {
            items: items.into_iter().map(RecoveryView::from).collect(),
            next,
        })
    }
}
