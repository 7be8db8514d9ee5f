//! Payments with their masked accounts, and the accounts of a person.

use crate::commands::batch;
use crate::ids::PayeeId;
use crate::rules::account::{masked, masked_name};
use crate::store::{self, SheetRow};
use crate::words::{PaymentState, Relation};
use mz_contracts::{Code, Disbursement};
use mz_http::{Caller, Page, Paged};
use mz_kernel::{BatchId, Date, DateSchema, DivisionCode, Fen, Month, PaymentId, PersonId};
use mz_runtime::Failure;
use mz_store::{Keyring, Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A payment as a batch issues it; issued again, it keeps its id.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PaymentView {
    payment: PaymentId,
    /// How often it was issued with this time.
    issue: i64,
    batch: BatchId,
    person: PersonId,
    division: DivisionCode,
    /// The month of the batch that issued it first.
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<Month>,
    amount: Fen,
    /// What of it paid a recovery when it came back.
    absorbed: Fen,
    state: PaymentState,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    settled_on: Option<Date>,
    /// The account, but for its last four digits masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank: Option<String>,
}

/// Whose payments.
pub(crate) enum Of {
    Batch(BatchId),
    Person(PersonId),
}

/// Where a page ended: a payment, and which issue of it; a batch has one of each.
struct Place<'a> {
    payment: &'a str,
    issue: i64,
}

impl<'a> Place<'a> {
    fn of(cursor: &'a str) -> Self {
        let parts = cursor.split_once('.');
        let parts = parts.and_then(|(payment, issue)| Some((payment, issue.parse().ok()?)));
        let (payment, issue) = parts.unwrap_or_default();
        Self { payment, issue }
    }
}

/// Payments, a page at a time; those of divisions that are not the caller's are left out.
pub(crate) struct ListPayments {
    pub(crate) caller: Caller,
    pub(crate) of: Of,
    pub(crate) page: Page,
}

impl Work<Disbursement> for ListPayments {
    type Output = Paged<PaymentView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Paged<PaymentView>, Failure> {
        let after = Place::of(self.page.after.as_deref().unwrap_or_default());
        let limit = i64::from(self.page.limit) + 1;
        let rows = match self.of {
            Of::Batch(id) => {
                let batch = batch(tx, &self.caller, id).await?;
                store::sheet(tx, batch.id, after.payment, limit).await?
            }
            Of::Person(person) => store::sheet_of(tx, person, (after.payment, after.issue), limit).await?,
        };
        let Paged { items, next } = Paged::new(&self.page, rows, |row| format!("{}.{}", row.payment, row.n));
        let payments = store::payments(tx, items.iter().map(|row| row.payment)).await?;
        let seen = items
            .into_iter()
            .filter(|row| self.caller.may_see(&row.division).is_ok());
        let view = |row: SheetRow| {
            let payment = payments.get(&row.payment);
            // An issue without an answer stands as its batch does: with the bank, or open.
            let now = match payment.map(|payment| payment.state) {
                Some(PaymentState::Sent) => PaymentState::Sent,
                _ => PaymentState::Open,
            };
            PaymentView {
                payment: row.payment,
                issue: row.n,
                batch: row.batch,
                person: row.person,
                division: row.division,
                month: payment.map(|payment| payment.month),
                amount: row.amount,
                absorbed: row.absorbed,
                state: row.outcome.unwrap_or(now),
                reason: row.reason,
                settled_on: row.settled_on,
                account: row.last4.as_deref().map(masked),
                bank: row.bank,
            }
        };
        Ok(Paged {
            items: seen.map(view).collect(),
            next,
        })
    }
}

/// An account of a person, masked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PayeeView {
    payee: PayeeId,
    version: i64,
    person: PersonId,
    division: DivisionCode,
    holder: String,
    bank: String,
    account: String,
    relation: Relation,
    #[schemars(with = "DateSchema")]
    set_on: Date,
    /// Whether it is the one that is paid on.
    current: bool,
}

/// The accounts of a person, the one that counts first.
pub(crate) struct ListAccounts {
    pub(crate) caller: Caller,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) person: PersonId,
    pub(crate) page: Page,
}

impl Work<Disbursement> for ListAccounts {
    type Output = Paged<PayeeView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Paged<PayeeView>, Failure> {
        let rows = store::accounts(tx, self.person).await?;
        let latest = rows.first().map(|row| row.version);
        let after: Option<i64> = self.page.after.as_deref().and_then(|after| after.parse().ok());
        let rows = rows
            .into_iter()
            .filter(|row| after.is_none_or(|after| row.version < after));
        let Paged { items, next } = Paged::new(&self.page, rows.collect(), |row| row.version.to_string());
        let mut views = Vec::with_capacity(items.len());
        for row in items {
            if self.caller.may_see(&row.division).is_err() {
                continue;
            }
            let holder = store::open_holder(&self.keyring, (row.person, row.version), &row.holder)?;
            views.push(PayeeView {
                payee: row.payee,
                version: row.version,
                person: row.person,
                division: row.division,
                holder: masked_name(&holder),
                bank: row.bank,
                account: masked(&row.last4),
                relation: row.relation,
                set_on: row.set_on,
                current: Some(row.version) == latest,
            });
        }
        Ok(Paged { items: views, next })
    }
}
