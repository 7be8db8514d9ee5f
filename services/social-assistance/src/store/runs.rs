//! Runs.

use mz_kernel::{DivisionCode, Fen, Month, RunId, Stamp};
use mz_store::{Conn, StoreError, record};

record! {
    /// A month's run.
    #[derive(Debug, Clone)]
    pub(crate) struct RunRow {
        pub(crate) id: RunId,
        pub(crate) programme: String,
        pub(crate) division: DivisionCode,
        pub(crate) month: Month,
        pub(crate) known_at: Stamp,
        pub(crate) open: bool,
        /// The last unit that is settled; empty at the start.
        pub(crate) after: String,
        /// Events that told of its lines.
        pub(crate) chunks: i64,
        pub(crate) lines: i64,
        pub(crate) current: Fen,
        pub(crate) back_pay: Fen,
        pub(crate) take_back: Fen,
        pub(crate) version: i64,
    }
}

const RUN: &str = "SELECT id, programme, division, month, known_at, open, after, chunks, lines, current_sum, back_pay, \
    take_back, version FROM run WHERE id = $1";
const OPEN_RUN: &str = "SELECT id, programme, division, month, known_at, open, after, chunks, lines, current_sum, \
    back_pay, take_back, version FROM run WHERE programme = $1 AND open";
const RUNS: &str = "SELECT id, programme, division, month, known_at, open, after, chunks, lines, current_sum, back_pay, \
    take_back, version FROM run WHERE (CAST($1 AS TEXT) = '' OR month = $1) AND id > $2 ORDER BY id LIMIT $3";
const NEW_RUN: &str = "INSERT INTO run \
    (id, programme, division, month, known_at, open, after, chunks, lines, current_sum, back_pay, take_back, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const SAVE_RUN: &str = "UPDATE run SET open = $3, after = $4, chunks = $5, lines = $6, current_sum = $7, back_pay = $8, \
    take_back = $9, version = version + 1 WHERE id = $1 AND version = $2";

pub(crate) async fn run(conn: &mut Conn, id: RunId) -> Result<Option<RunRow>, StoreError> {
    conn.query(RUN).bind(id).optional().await
}

/// The run that is not finished; there is one at most.
pub(crate) async fn open_run(conn: &mut Conn, programme: &str) -> Result<Option<RunRow>, StoreError> {
    conn.query(OPEN_RUN).bind(programme).optional().await
}

/// Up to `limit` runs of a month (all for an empty one) after the run `after`.
pub(crate) async fn runs(
    conn: &mut Conn,
    month: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<RunRow>, StoreError> {
    conn.query(RUNS).bind(month).bind(after).bind(limit).all().await
}

pub(crate) async fn insert_run(conn: &mut Conn, row: &RunRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_RUN)
        .bind(row.id)
        .bind(&row.programme)
        .bind(row.division)
        .bind(row.month);
    let query = query
        .bind(row.known_at)
        .bind(row.open)
        .bind(&row.after)
        .bind(row.chunks)
        .bind(row.lines);
    let query = query
        .bind(row.current)
        .bind(row.back_pay)
        .bind(row.take_back)
        .bind(row.version);
    query.execute_one("the run").await
}

/// Writes how far a run has come; refused when somebody else moved it since it was read.
pub(crate) async fn save_run(conn: &mut Conn, row: &RunRow) -> Result<(), StoreError> {
    let query = conn
        .query(SAVE_RUN)
        .bind(row.id)
        .bind(row.version)
        .bind(row.open)
        .bind(&row.after);
    let query = query
        .bind(row.chunks)
        .bind(row.lines)
        .bind(row.current)
        .bind(row.back_pay);
    query.bind(row.take_back).execute_one("the run").await
}
