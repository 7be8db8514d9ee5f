//! Batches, what left them, and who read their bank files.

use crate::ids::{ReadingId, WithdrawalId};
use crate::words::{BatchState, Hold};
use mz_casework::Stage;
use mz_contracts::events::Cause;
use mz_kernel::{BatchId, Date, DivisionCode, EntitlementId, Fen, LineId, Month, OfficerId, PersonId, Stamp};
use mz_store::{Conn, Json, StoreError, record};
use std::collections::BTreeMap;

record! {
    /// A batch; see the table.
    #[derive(Debug, Clone)]
    pub(crate) struct BatchRow {
        pub(crate) id: BatchId,
        pub(crate) number: String,
        pub(crate) month: Month,
        pub(crate) programme: String,
        pub(crate) division: DivisionCode,
        pub(crate) state: BatchState,
        pub(crate) stage: Json<Stage>,
        pub(crate) maker: OfficerId,
        pub(crate) maker_name: String,
        pub(crate) checker: Option<OfficerId>,
        pub(crate) checker_name: Option<String>,
        pub(crate) made_on: Date,
        pub(crate) sealed_on: Option<Date>,
        /// Why it is a draft again, or was cancelled, to be shown.
        pub(crate) note: Option<String>,
        pub(crate) hash: Option<String>,
        pub(crate) bank_total: Option<Fen>,
        /// Events that told of its results.
        pub(crate) chunks: i64,
        pub(crate) version: i64,
    }
}

record! {
    /// The payments of a batch added up.
    #[derive(Debug, Clone)]
    pub(crate) struct TotalRow {
        pub(crate) batch: BatchId,
        pub(crate) persons: i64,
        pub(crate) payments: i64,
        pub(crate) amount: Fen,
        pub(crate) paid: Fen,
        pub(crate) returned: Fen,
        pub(crate) pending: Fen,
    }
}

record! {
    /// A township's part of a batch.
    #[derive(Debug, Clone)]
    pub(crate) struct SumRow {
        pub(crate) division: DivisionCode,
        pub(crate) persons: i64,
        pub(crate) payments: i64,
        pub(crate) amount: Fen,
    }
}

record! {
    /// What left a batch.
    #[derive(Debug, Clone)]
    pub(crate) struct WithdrawnRow {
        pub(crate) id: WithdrawalId,
        pub(crate) batch: BatchId,
        pub(crate) person: PersonId,
        pub(crate) entitlement: EntitlementId,
        pub(crate) division: DivisionCode,
        pub(crate) lines: Json<Vec<LineId>>,
        pub(crate) amount: Fen,
        pub(crate) reason: Hold,
        pub(crate) cause: Json<Cause>,
        pub(crate) withdrawn_on: Date,
    }
}

/// Which batches are listed.
#[derive(Debug, Clone)]
pub(crate) struct BatchFilter {
    pub(crate) month: Option<Month>,
    pub(crate) programme: Option<String>,
    pub(crate) division: DivisionCode,
    pub(crate) state: Option<BatchState>,
}

macro_rules! select_batches {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, month, programme, division, state, stage, maker, maker_name, checker, checker_name, \
             made_on, sealed_on, note, hash, bank_total, chunks, version FROM batch ",
            $rest
        )
    };
}
const BATCHES: &str = select_batches!("WHERE id IN LIST($1)");
const LISTED: &str = select_batches!(
    "WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR month = $2) AND (CAST($3 AS TEXT) IS NULL OR programme = $3) \
     AND SUBSTR(division, 1, LENGTH($4)) = $4 AND (CAST($5 AS TEXT) IS NULL OR state = $5) ORDER BY id LIMIT $6"
);
const COUNT: &str = "SELECT COUNT(*) FROM batch WHERE month = $1 AND programme = $2";
const NEW_BATCH: &str = "INSERT INTO batch (id, number, month, programme, division, state, stage, maker, maker_name, \
    checker, checker_name, made_on, sealed_on, note, hash, bank_total, chunks, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
const SAVE_BATCH: &str = "UPDATE batch SET state = $3, stage = $4, maker = $5, maker_name = $6, checker = $7, \
    checker_name = $8, sealed_on = $9, note = $10, hash = $11, bank_total = $12, chunks = $13, version = version + 1 WHERE id = $1 AND version = $2";
const TOTALS: &str = "SELECT batch, COUNT(DISTINCT person), COUNT(*), CAST(SUM(amount) AS BIGINT), \
    CAST(SUM(CASE WHEN outcome = 'paid' THEN amount ELSE 0 END) AS BIGINT), \
    CAST(SUM(CASE WHEN outcome = 'returned' THEN amount ELSE 0 END) AS BIGINT), \
    CAST(SUM(CASE WHEN outcome IS NULL THEN amount ELSE 0 END) AS BIGINT) \
    FROM issue WHERE batch IN LIST($1) GROUP BY batch";
const SUMS: &str = "SELECT SUBSTR(division, 1, 9), COUNT(DISTINCT person), COUNT(*), CAST(SUM(amount) AS BIGINT) FROM issue WHERE batch = $1 GROUP BY SUBSTR(division, 1, 9) ORDER BY 1";
const PERSONS: &str = "SELECT COUNT(DISTINCT person) FROM issue WHERE batch = $1";
const OF_MONTH: &str = "SELECT SUBSTR(issue.division, 1, 9), CAST(SUM(amount) AS BIGINT) FROM issue \
    JOIN batch ON batch.id = issue.batch WHERE month = $1 AND programme = $2 \
    AND SUBSTR(issue.division, 1, LENGTH($3)) = $3 GROUP BY SUBSTR(issue.division, 1, 9)";
const HELD: &str = "SELECT SUBSTR(division, 1, 9), CAST(SUM(rest) AS BIGINT) FROM line \
    WHERE held AND rest > 0 AND programme = $1 AND run_month <= $2 AND SUBSTR(division, 1, LENGTH($3)) = $3 \
    GROUP BY SUBSTR(division, 1, 9)";
const ROSTER: &str = "SELECT CAST(COALESCE(SUM(payment_line.amount), 0) AS BIGINT) FROM payment_line \
    JOIN payment ON payment.id = payment_line.payment WHERE payment.batch = $1";
const ROSTER_KEPT: &str = "SELECT CAST(COALESCE(SUM(recovery_entry.amount), 0) AS BIGINT) FROM recovery_entry \
    JOIN payment ON payment.id = recovery_entry.payment WHERE payment.batch = $1 AND kind = 'offset'";
const ROSTER_AGAIN: &str =
    "SELECT CAST(COALESCE(SUM(issue.amount), 0) AS BIGINT) FROM issue WHERE batch = $1 AND n > 1";
const NEW_WITHDRAWN: &str = "INSERT INTO withdrawn (id, batch, person, entitlement, division, lines, amount, reason, \
    cause, withdrawn_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const WITHDRAWN: &str = "SELECT id, batch, person, entitlement, division, lines, amount, reason, cause, withdrawn_on \
    FROM withdrawn WHERE batch = $1 ORDER BY id";
const NEW_READ: &str =
    "INSERT INTO bank_file_read (id, batch, officer, purpose, read_at) VALUES ($1, $2, $3, $4, $5)";

pub(crate) async fn batch(conn: &mut Conn, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
    conn.query(BATCHES).bind_list([id]).optional().await
}

pub(crate) async fn batches(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = BatchId>,
) -> Result<Vec<BatchRow>, StoreError> {
    conn.query(BATCHES).bind_list(ids).all().await
}

/// Up to `limit` batches after the batch `after`.
pub(crate) async fn batches_listed(
    conn: &mut Conn,
    filter: &BatchFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<BatchRow>, StoreError> {
    let query = conn.query(LISTED).bind(after).bind(filter.month);
    let query = query.bind(filter.programme.as_deref()).bind(filter.division);
    query.bind(filter.state).bind(limit).all().await
}

/// How many batches of a programme there are in a month.
pub(crate) async fn count_batches(conn: &mut Conn, month: Month, programme: &str) -> Result<i64, StoreError> {
    conn.query(COUNT).bind(month).bind(programme).scalar().await
}

pub(crate) async fn insert_batch(conn: &mut Conn, row: &BatchRow) -> Result<(), StoreError> {
    let query = conn.query(NEW_BATCH).bind(row.id).bind(&row.number);
    let query = query.bind(row.month).bind(&row.programme).bind(row.division);
    let query = query.bind(row.state).bind(&row.stage);
    let query = query.bind(row.maker).bind(&row.maker_name);
    let query = query.bind(row.checker).bind(&row.checker_name);
    let query = query.bind(row.made_on).bind(row.sealed_on);
    let query = query.bind(&row.note).bind(&row.hash).bind(row.bank_total);
    query
        .bind(row.chunks)
        .bind(row.version)
        .execute_one("the batch")
        .await
}

/// Writes how a batch stands; refused when somebody changed it since it was read.
pub(crate) async fn save_batch(conn: &mut Conn, row: &BatchRow) -> Result<(), StoreError> {
    let query = conn
        .query(SAVE_BATCH)
        .bind(row.id)
        .bind(row.version)
        .bind(row.state);
    let query = query.bind(&row.stage).bind(row.maker).bind(&row.maker_name);
    let query = query.bind(row.checker).bind(&row.checker_name);
    let query = query.bind(row.sealed_on).bind(&row.note).bind(&row.hash);
    query
        .bind(row.bank_total)
        .bind(row.chunks)
        .execute_one("the batch")
        .await
}

impl TotalRow {
    /// Of a batch without payments.
    pub(crate) fn nothing(batch: BatchId) -> Self {
        Self {
            batch,
            persons: 0,
            payments: 0,
            amount: Fen::ZERO,
            paid: Fen::ZERO,
            returned: Fen::ZERO,
            pending: Fen::ZERO,
        }
    }
}

/// The payments of batches added up; a batch without payments has no row.
pub(crate) async fn totals(
    conn: &mut Conn,
    of: impl IntoIterator<Item = BatchId>,
) -> Result<BTreeMap<BatchId, TotalRow>, StoreError> {
    let rows: Vec<TotalRow> = conn.query(TOTALS).bind_list(of).all().await?;
    Ok(rows.into_iter().map(|row| (row.batch, row)).collect())
}

/// The payments of a batch by township.
pub(crate) async fn sums(conn: &mut Conn, batch: BatchId) -> Result<Vec<SumRow>, StoreError> {
    conn.query(SUMS).bind(batch).all().await
}

/// How many persons a batch pays.
pub(crate) async fn persons(conn: &mut Conn, batch: BatchId) -> Result<i64, StoreError> {
    conn.query(PERSONS).bind(batch).scalar().await
}

/// What the batches of a month pay, by township.
pub(crate) async fn sums_of_month(
    conn: &mut Conn,
    month: Month,
    programme: &str,
    division: DivisionCode,
) -> Result<Vec<(DivisionCode, Fen)>, StoreError> {
    let query = conn.query(OF_MONTH).bind(month).bind(programme);
    query.bind(division).all().await
}

/// What is in no payment, by township, of runs up to a month.
pub(crate) async fn held_sums(
    conn: &mut Conn,
    programme: &str,
    month: Month,
    division: DivisionCode,
) -> Result<Vec<(DivisionCode, Fen)>, StoreError> {
    let query = conn.query(HELD).bind(programme).bind(month);
    query.bind(division).all().await
}

/// What a batch's lines add up to, what is kept back from them, and what is issued again.
pub(crate) async fn roster(conn: &mut Conn, batch: BatchId) -> Result<(Fen, Fen, Fen), StoreError> {
    let lines = conn.query(ROSTER).bind(batch).scalar().await?;
    let kept = conn.query(ROSTER_KEPT).bind(batch).scalar().await?;
    let again = conn.query(ROSTER_AGAIN).bind(batch).scalar().await?;
    Ok((lines, kept, again))
}

pub(crate) async fn insert_withdrawn(conn: &mut Conn, row: &WithdrawnRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_WITHDRAWN)
        .bind(row.id)
        .bind(row.batch)
        .bind(row.person);
    let query = query.bind(row.entitlement).bind(row.division).bind(&row.lines);
    let query = query.bind(row.amount).bind(row.reason).bind(&row.cause);
    query.bind(row.withdrawn_on).execute_one("the withdrawal").await
}

/// What left a batch, in the order in which it did.
pub(crate) async fn withdrawn(conn: &mut Conn, batch: BatchId) -> Result<Vec<WithdrawnRow>, StoreError> {
    conn.query(WITHDRAWN).bind(batch).all().await
}

/// Records that a bank file was read.
pub(crate) async fn record_reading(
    conn: &mut Conn,
    id: ReadingId,
    (batch, officer, purpose): (BatchId, OfficerId, Option<&str>),
    at: Stamp,
) -> Result<(), StoreError> {
    let query = conn.query(NEW_READ).bind(id).bind(batch).bind(officer);
    query.bind(purpose).bind(at).execute_one("the reading").await
}
