//! Payments, the lines in them, and their issues.

use crate::words::PaymentState;
use mz_contracts::Code;
use mz_kernel::{BatchId, Date, DivisionCode, Fen, LineId, Month, PaymentId, PersonId};
use mz_store::{Column as _, Conn, Kind, StoreError, Table, record};
use std::collections::BTreeMap;

record! {
    /// A payment; see the table.
    #[derive(Debug, Clone)]
    pub(crate) struct PaymentRow {
        pub(crate) id: PaymentId,
        pub(crate) batch: BatchId,
        pub(crate) person: PersonId,
        pub(crate) division: DivisionCode,
        pub(crate) programme: String,
        pub(crate) month: Month,
        pub(crate) amount: Fen,
        pub(crate) absorbed: Fen,
        pub(crate) state: PaymentState,
        /// How many issues there are.
        pub(crate) issues: i64,
    }
}

record! {
    /// A line in a payment.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct PaymentLineRow {
        pub(crate) line: LineId,
        pub(crate) payment: PaymentId,
        pub(crate) amount: Fen,
    }
}

record! {
    /// An issue; see the table.
    #[derive(Debug, Clone)]
    pub(crate) struct IssueRow {
        pub(crate) payment: PaymentId,
        pub(crate) n: i64,
        pub(crate) batch: BatchId,
        pub(crate) person: PersonId,
        pub(crate) division: DivisionCode,
        pub(crate) amount: Fen,
        pub(crate) version: Option<i64>,
        pub(crate) outcome: Option<PaymentState>,
        pub(crate) reason: Option<Code>,
        pub(crate) settled_on: Option<Date>,
    }
}

record! {
    /// An issue with the account that it goes to: the one that it was sealed with, else the present one.
    #[derive(Debug, Clone)]
    pub(crate) struct SheetRow {
        pub(crate) payment: PaymentId,
        pub(crate) n: i64,
        pub(crate) batch: BatchId,
        pub(crate) person: PersonId,
        pub(crate) division: DivisionCode,
        pub(crate) amount: Fen,
        pub(crate) outcome: Option<PaymentState>,
        pub(crate) reason: Option<Code>,
        pub(crate) settled_on: Option<Date>,
        pub(crate) absorbed: Fen,
        pub(crate) last4: Option<String>,
        pub(crate) bank: Option<String>,
    }
}

macro_rules! select_payments {
    ($rest:literal) => {
        concat!(
            "SELECT payment.id, payment.batch, payment.person, payment.division, programme, month, payment.amount, absorbed, \
             state, issues FROM payment ",
            $rest
        )
    };
}
macro_rules! select_sheet {
    ($rest:literal) => {
        concat!(
            "SELECT issue.payment, issue.n, issue.batch, issue.person, issue.division, issue.amount, issue.outcome, \
             issue.reason, issue.settled_on, payment.absorbed, account.last4, account.bank FROM issue \
             JOIN payment ON payment.id = issue.payment \
             LEFT JOIN payee ON payee.person = issue.person \
             LEFT JOIN account ON account.person = issue.person \
             AND account.version = COALESCE(issue.version, payee.version) ",
            $rest
        )
    };
}

const PAYMENTS: &str = select_payments!("WHERE payment.id IN LIST($1) ORDER BY payment.id");
const RETURNED: &str = select_payments!(
    "JOIN issue ON issue.payment = payment.id AND n = issues JOIN payee ON payee.person = payment.person \
     WHERE state = 'returned' AND programme = $1 AND month <= $2 AND SUBSTR(payment.division, 1, LENGTH($3)) = $3 \
     AND payment.amount > absorbed AND outcome IS NOT NULL AND payee.version > issue.version ORDER BY payment.id"
);
const OPEN_ISSUES: &str = "SELECT payment, n, issue.batch, issue.person, issue.division, issue.amount, issue.version, \
    outcome, reason, settled_on FROM issue JOIN batch ON batch.id = issue.batch \
    WHERE payment IN LIST($1) AND outcome IS NULL AND hash IS NULL";
const OPEN_OF_PERSONS: &str = "SELECT payment FROM issue JOIN batch ON batch.id = issue.batch \
    WHERE outcome IS NULL AND hash IS NULL AND issue.person IN LIST($1)";
const ISSUES: &str = "SELECT payment, n, batch, person, division, amount, version, outcome, reason, settled_on \
    FROM issue WHERE batch = $1 ORDER BY payment";
const SHEET: &str =
    select_sheet!("WHERE issue.batch = $1 AND issue.payment > $2 ORDER BY issue.payment LIMIT $3");
const SHEET_OF_PERSON: &str = select_sheet!(
    "WHERE issue.person = $1 AND (issue.payment > $2 OR issue.payment = $2 AND issue.n > $3) \
     ORDER BY issue.payment, issue.n LIMIT $4"
);
const LINES_OF: &str =
    "SELECT line, payment, amount FROM payment_line WHERE payment IN LIST($1) ORDER BY line";
const LINES_WITH: &str = "SELECT line, payment, amount FROM payment_line WHERE line IN LIST($1)";
const DROP_LINES: &str = "DELETE FROM payment_line WHERE line IN LIST($1)";
const DROP_PAYMENTS: &str = "DELETE FROM payment WHERE id IN LIST($1)";
const DROP_ISSUES: &str =
    "DELETE FROM issue WHERE outcome IS NULL AND version IS NULL AND payment IN LIST($1)";
const SEND_ISSUES: &str = "UPDATE issue SET version = \
    (SELECT payee.version FROM payee WHERE payee.person = issue.person) WHERE batch = $1";
const SEND_PAYMENTS: &str =
    "UPDATE payment SET state = $2 WHERE id IN (SELECT payment FROM issue WHERE batch = $1)";
const SETTLE_ISSUES: &str = "UPDATE issue SET outcome = $2, reason = $3, settled_on = $4 \
    WHERE batch = $1 AND payment IN LIST($5)";
const SETTLE_PAYMENTS: &str = "UPDATE payment SET state = $1 WHERE id IN LIST($2)";

const PAYMENT: Table = Table {
    name: "payment",
    columns: &[
        ("id", Kind::Text),
        ("batch", Kind::Text),
        ("person", Kind::Text),
        ("division", Kind::Text),
        ("programme", Kind::Text),
        ("month", Kind::Text),
        ("amount", Kind::Int),
        ("absorbed", Kind::Int),
        ("state", Kind::Text),
        ("issues", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (id) DO UPDATE SET amount = EXCLUDED.amount, absorbed = EXCLUDED.absorbed, \
        state = EXCLUDED.state, issues = EXCLUDED.issues",
};
const PAYMENT_LINE: Table = Table {
    name: "payment_line",
    columns: &[
        ("line", Kind::Text),
        ("payment", Kind::Text),
        ("amount", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (line) DO UPDATE SET amount = EXCLUDED.amount",
};
const ISSUE: Table = Table {
    name: "issue",
    columns: &[
        ("payment", Kind::Text),
        ("n", Kind::Int),
        ("batch", Kind::Text),
        ("person", Kind::Text),
        ("division", Kind::Text),
        ("amount", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (payment, n) DO UPDATE SET amount = EXCLUDED.amount",
};

pub(crate) async fn payments(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = PaymentId>,
) -> Result<BTreeMap<PaymentId, PaymentRow>, StoreError> {
    let rows: Vec<PaymentRow> = conn.query(PAYMENTS).bind_list(ids).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Payments that came back, are in no batch again, and whose person's account was corrected since they were sent.
pub(crate) async fn returned_payments(
    conn: &mut Conn,
    programme: &str,
    month: Month,
    division: DivisionCode,
) -> Result<Vec<PaymentRow>, StoreError> {
    let query = conn.query(RETURNED).bind(programme).bind(month).bind(division);
    query.all().await
}

pub(crate) async fn save_payments<'p>(
    conn: &mut Conn,
    rows: impl IntoIterator<Item = &'p PaymentRow>,
) -> Result<(), StoreError> {
    let rows = rows.into_iter().map(|row| {
        vec![
            row.id.encode(),
            row.batch.encode(),
            row.person.encode(),
            row.division.encode(),
            row.programme.encode(),
            row.month.encode(),
            row.amount.encode(),
            row.absorbed.encode(),
            row.state.encode(),
            row.issues.encode(),
        ]
    });
    conn.insert_all(&PAYMENT, rows.collect()).await.map(|_| ())
}

pub(crate) async fn save_payment_lines(conn: &mut Conn, rows: &[PaymentLineRow]) -> Result<(), StoreError> {
    let rows = rows
        .iter()
        .map(|row| vec![row.line.encode(), row.payment.encode(), row.amount.encode()]);
    conn.insert_all(&PAYMENT_LINE, rows.collect()).await.map(|_| ())
}

/// Writes issues that are not sealed; of those that are there, the amount.
pub(crate) async fn save_issues(conn: &mut Conn, rows: &[IssueRow]) -> Result<(), StoreError> {
    let rows = rows.iter().map(|row| {
        vec![
            row.payment.encode(),
            row.n.encode(),
            row.batch.encode(),
            row.person.encode(),
            row.division.encode(),
            row.amount.encode(),
        ]
    });
    conn.insert_all(&ISSUE, rows.collect()).await.map(|_| ())
}

/// The lines of payments.
pub(crate) async fn payment_lines(
    conn: &mut Conn,
    of: impl IntoIterator<Item = PaymentId>,
) -> Result<Vec<PaymentLineRow>, StoreError> {
    conn.query(LINES_OF).bind_list(of).all().await
}

/// Which payment each of the lines is in.
pub(crate) async fn payments_with(
    conn: &mut Conn,
    lines: impl IntoIterator<Item = LineId>,
) -> Result<Vec<PaymentLineRow>, StoreError> {
    conn.query(LINES_WITH).bind_list(lines).all().await
}

/// The issues of payments that are in a batch that is not sealed.
pub(crate) async fn open_issues(
    conn: &mut Conn,
    of: impl IntoIterator<Item = PaymentId>,
) -> Result<Vec<IssueRow>, StoreError> {
    conn.query(OPEN_ISSUES).bind_list(of).all().await
}

/// The payments of persons that are in a batch that is not sealed, also those in it for another time.
pub(crate) async fn open_payments_of(
    conn: &mut Conn,
    persons: &[PersonId],
) -> Result<Vec<PaymentId>, StoreError> {
    let rows: Vec<(PaymentId,)> = conn
        .query(OPEN_OF_PERSONS)
        .bind_list(persons.iter().copied())
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The issues in a batch.
pub(crate) async fn issues(conn: &mut Conn, batch: BatchId) -> Result<Vec<IssueRow>, StoreError> {
    conn.query(ISSUES).bind(batch).all().await
}

/// Up to `limit` payments of a batch after the payment `after`.
pub(crate) async fn sheet(
    conn: &mut Conn,
    batch: BatchId,
    after: &str,
    limit: i64,
) -> Result<Vec<SheetRow>, StoreError> {
    conn.query(SHEET).bind(batch).bind(after).bind(limit).all().await
}

/// Up to `limit` issues of a person's payments after an issue of a payment.
pub(crate) async fn sheet_of(
    conn: &mut Conn,
    person: PersonId,
    (payment, n): (&str, i64),
    limit: i64,
) -> Result<Vec<SheetRow>, StoreError> {
    let query = conn.query(SHEET_OF_PERSON).bind(person).bind(payment);
    query.bind(n).bind(limit).all().await
}

/// Takes lines out of their payments.
pub(crate) async fn drop_lines(
    conn: &mut Conn,
    lines: impl IntoIterator<Item = LineId>,
) -> Result<(), StoreError> {
    conn.query(DROP_LINES)
        .bind_list(lines)
        .execute()
        .await
        .map(|_| ())
}

/// Takes payments that were never sealed out of the books.
pub(crate) async fn drop_payments(conn: &mut Conn, ids: &[PaymentId]) -> Result<(), StoreError> {
    conn.query(DROP_PAYMENTS)
        .bind_list(ids.iter().copied())
        .execute()
        .await
        .map(|_| ())
}

/// Takes issues of payments that are not sealed out of their batches.
pub(crate) async fn drop_issues(conn: &mut Conn, of: &[PaymentId]) -> Result<(), StoreError> {
    conn.query(DROP_ISSUES)
        .bind_list(of.iter().copied())
        .execute()
        .await
        .map(|_| ())
}

/// Fixes the account of each payment of a batch: from now on it is with the bank.
pub(crate) async fn send(conn: &mut Conn, batch: BatchId) -> Result<(), StoreError> {
    conn.query(SEND_ISSUES).bind(batch).execute().await?;
    let query = conn.query(SEND_PAYMENTS).bind(batch).bind(PaymentState::Sent);
    query.execute().await.map(|_| ())
}

/// The bank's answer for payments of a batch, the same for all of them.
pub(crate) async fn settle(
    conn: &mut Conn,
    batch: BatchId,
    (outcome, reason): (PaymentState, Option<&Code>),
    on: Date,
    payments: &[PaymentId],
) -> Result<(), StoreError> {
    let query = conn.query(SETTLE_ISSUES).bind(batch).bind(outcome);
    let query = query.bind(reason.cloned()).bind(on);
    query.bind_list(payments.iter().copied()).execute().await?;
    let query = conn.query(SETTLE_PAYMENTS).bind(outcome);
    query
        .bind_list(payments.iter().copied())
        .execute()
        .await
        .map(|_| ())
}
