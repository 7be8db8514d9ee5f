//! Runs, and the order of runs and facts.
//!
//! A run goes by what was recorded up to its `known_at`, and is written in several transactions. All of them see the
//! same facts only if no fact is recorded under an earlier instant once the run is open. Therefore whoever records a
//! fact takes the instant from [`recording`]: on PostgreSQL, where a transaction may begin before a run and commit after
//! it, reading the runs also lets the database find the two in each other's way, and repeat the fact.

use mz_contracts::SocialAssistance;
use mz_kernel::{DivisionCode, Fen, Month, RunId, Stamp};
use mz_store::{Conn, StoreError, Tx, record};
use std::time::Duration;

record! {
    /// A month's run.
    #[derive(Debug, Clone)]
    pub(crate) struct RunRow {
        pub(crate) id: RunId,
        pub(crate) programme: String,
        pub(crate) division: DivisionCode,
        pub(crate) month: Month,
        /// The first month that is settled again.
        pub(crate) since: Month,
        pub(crate) known_at: Stamp,
        pub(crate) open: bool,
        /// The last unit that is settled; empty at the start.
        pub(crate) settled_to: String,
        /// Events that told of its lines.
        pub(crate) parts: i64,
        pub(crate) lines: i64,
        pub(crate) current: Fen,
        pub(crate) back_pay: Fen,
        pub(crate) take_back: Fen,
        pub(crate) version: i64,
    }
}

macro_rules! select_runs {
    ($which:literal) => {
        concat!(
            "SELECT id, run.programme, division, month, since, known_at, open, settled_to, parts, lines, \
             current_sum, back_pay, take_back, version FROM run JOIN run_progress ON run = id ",
            $which
        )
    };
}

const RUN: &str = select_runs!("WHERE id = $1");
const OPEN_RUN: &str = select_runs!("WHERE run_progress.programme = $1 AND open");
const RUNS: &str = select_runs!("WHERE id > $1 ORDER BY id LIMIT $2");
const RUNS_OF_MONTH: &str = select_runs!("WHERE month = $3 AND id > $1 ORDER BY id LIMIT $2");
const NEW_RUN: &str =
    "INSERT INTO run (id, programme, division, month, since, known_at) VALUES ($1, $2, $3, $4, $5, $6)";
const NEW_PROGRESS: &str = "INSERT INTO run_progress \
    (run, programme, open, settled_to, parts, lines, current_sum, back_pay, take_back, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const SAVE_PROGRESS: &str = "UPDATE run_progress SET open = $3, settled_to = $4, parts = $5, lines = $6, \
    current_sum = $7, back_pay = $8, take_back = $9, version = version + 1 WHERE run = $1 AND version = $2";
const LAST_KNOWN: &str = "SELECT MAX(known_at) FROM run";

/// The instant under which this transaction records its facts, or opens its run: later than what any run goes by.
pub(crate) async fn recording(tx: &mut Tx<SocialAssistance>) -> Result<Stamp, StoreError> {
    let last = tx.query(LAST_KNOWN).scalar::<Option<Stamp>>().await?;
    let later = last.map(|known_at| known_at.plus(Duration::from_micros(1)));
    Ok(later.map_or(tx.now(), |later| later.max(tx.now())))
}

pub(crate) async fn run(conn: &mut Conn, id: RunId) -> Result<Option<RunRow>, StoreError> {
    conn.query(RUN).bind(id).optional().await
}

/// The run that is not finished; there is one at most.
pub(crate) async fn open_run(conn: &mut Conn, programme: &str) -> Result<Option<RunRow>, StoreError> {
    conn.query(OPEN_RUN).bind(programme).optional().await
}

/// Up to `limit` runs of a month, or of all, after the run `after`.
pub(crate) async fn runs(
    conn: &mut Conn,
    month: Option<Month>,
    after: &str,
    limit: i64,
) -> Result<Vec<RunRow>, StoreError> {
    match month {
        None => conn.query(RUNS).bind(after).bind(limit).all().await,
        Some(month) => {
            conn.query(RUNS_OF_MONTH)
                .bind(after)
                .bind(limit)
                .bind(month)
                .all()
                .await
        }
    }
}

pub(crate) async fn insert_run(conn: &mut Conn, row: &RunRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_RUN)
        .bind(row.id)
        .bind(&row.programme)
        .bind(row.division);
    let query = query.bind(row.month).bind(row.since).bind(row.known_at);
    query.execute_one("the run").await?;
    let query = conn
        .query(NEW_PROGRESS)
        .bind(row.id)
        .bind(&row.programme)
        .bind(row.open);
    let query = query
        .bind(&row.settled_to)
        .bind(row.parts)
        .bind(row.lines)
        .bind(row.current);
    let query = query.bind(row.back_pay).bind(row.take_back).bind(row.version);
    query.execute_one("the run").await
}

/// Writes how far a run has come; refused when somebody else moved it since it was read.
pub(crate) async fn save_run(conn: &mut Conn, row: &RunRow) -> Result<(), StoreError> {
    let query = conn
        .query(SAVE_PROGRESS)
        .bind(row.id)
        .bind(row.version)
        .bind(row.open);
    let query = query
        .bind(&row.settled_to)
        .bind(row.parts)
        .bind(row.lines)
        .bind(row.current);
    let query = query.bind(row.back_pay).bind(row.take_back);
    query.execute_one("the run").await
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::{Date, Id as _, IdSource, ManualLegalClock, ManualSystemClock};
    use mz_store::{Db, NoFaults, Surroundings, Work};
    use std::sync::Arc;

    /// Opens a run that goes by `known_at`, if there is one, and answers the instant of the next fact.
    struct Next {
        known_at: Option<Stamp>,
    }

    impl Work<SocialAssistance> for Next {
        type Output = Stamp;
        type Error = StoreError;

        async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Stamp, StoreError> {
            if let Some(known_at) = self.known_at {
                let month = Month::MIN;
                let row = RunRow {
                    id: RunId::from_bits(known_at.as_micros().unsigned_abs().into()),
                    programme: "tekun".to_owned(),
                    division: "513335".parse().unwrap(),
                    month,
                    since: month,
                    known_at,
                    open: false,
                    settled_to: String::new(),
                    parts: 0,
                    lines: 0,
                    current: Fen::ZERO,
                    back_pay: Fen::ZERO,
                    take_back: Fen::ZERO,
                    version: 1,
                };
                insert_run(tx, &row).await?;
            }
            recording(tx).await
        }
    }

    #[tokio::test]
    async fn a_fact_is_recorded_later_than_what_any_run_goes_by() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings::new(
            Arc::new(ManualLegalClock::new(Date::constant(2020, 1, 2))),
            Arc::new(ManualSystemClock::new(Stamp::from_micros(1_000))),
            Arc::new(IdSource::seeded(1)),
            Arc::new(NoFaults),
        );
        let url = format!("sqlite:{}", folder.path().join("runs.db").display());
        let db = Db::open(&url, crate::store::MIGRATIONS, surroundings)
            .await
            .unwrap();
        let next = async |known_at: Option<i64>| {
            let known_at = known_at.map(Stamp::from_micros);
            db.write(Next { known_at }).await.unwrap().as_micros()
        };
        let first = next(None).await;
        assert!(
            (1_000..9_000).contains(&first),
            "the clock's, where there was no run: {first}"
        );
        // Another instance's clock was ahead, and its run was the last.
        assert_eq!(next(Some(9_000)).await, 9_001);
        assert_eq!(next(Some(5_000)).await, 9_001, "an earlier one does not matter");
        db.close().await;
    }
}
