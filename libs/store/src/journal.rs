//! The journal (D1): what happened, appended in the transaction that caused it.
//!
//! A unit of work appends its events with its own rows and waits for nobody; their place among all events is given
//! by the chain (`chain.rs`).

use crate::conn::Engine;
use crate::tx::{Origin, Tx, Work};
use crate::{Query, StoreError};
use mz_contracts::Owner;
use mz_kernel::{Date, EventId, Stamp};

/// An event on its way into the journal.
pub(crate) struct Entry {
    pub(crate) id: EventId,
    pub(crate) aggregate: String,
    pub(crate) ty: &'static str,
    pub(crate) division: String,
    pub(crate) legal_date: Date,
    pub(crate) origin: Origin,
    pub(crate) data: String,
}

pub(crate) fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

const APPEND_LITE: &str = "INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, trace, data) \
    VALUES ($1, $2, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM journal WHERE aggregate = $2), \
    $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING n";
const APPEND_UNSEALED_LITE: &str = "INSERT INTO unsealed (n) VALUES ($1)";
/// One round trip on PostgreSQL. It writes nothing where the aggregate's last event was recorded later than this one:
/// transactions take their instants when they begin, and not in the order in which they come to stand.
///
/// The aggregate's last number stands in a row of its own, because an upsert finds that row without a snapshot. To
/// read `MAX(sequence)` would lock a page of the journal's index against every other aggregate on it: new ids stand
/// side by side, and most commands that open something would be repeated for nothing.
const APPEND_PG: &str = "WITH place AS (INSERT INTO numbering (aggregate, sequence, recorded_at) VALUES ($2, 1, $5) \
    ON CONFLICT (aggregate) DO UPDATE SET sequence = numbering.sequence + 1, recorded_at = excluded.recorded_at \
    WHERE numbering.recorded_at <= excluded.recorded_at RETURNING sequence), \
    added AS (INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, trace, data) \
    SELECT $1, $2, place.sequence, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM place RETURNING n) \
    INSERT INTO unsealed (n) SELECT n FROM added";
const LAST_RECORDED: &str = "SELECT recorded_at FROM numbering WHERE aggregate = $1";

/// Writes what a unit of work emitted.
pub(crate) async fn append<S>(tx: &mut Tx<S>) -> Result<(), StoreError> {
    for entry in std::mem::take(&mut tx.entries) {
        if matches!(tx.engine, Engine::Lite(..)) {
            let n: i64 = bound(tx, APPEND_LITE, entry).scalar().await?;
            tx.query(APPEND_UNSEALED_LITE).bind(n).execute().await?;
        } else {
            append_among_others(tx, entry).await?;
        }
    }
    Ok(())
}

/// On PostgreSQL other transactions append at the same time: whoever comes too late begins anew.
async fn append_among_others<S>(tx: &mut Tx<S>, entry: Entry) -> Result<(), StoreError> {
    let aggregate = entry.aggregate.clone();
    match bound(tx, APPEND_PG, entry).execute().await {
        Ok(0) => {
            let last: Option<Stamp> = tx.query(LAST_RECORDED).bind(aggregate).scalar().await?;
            if let Some(last) = last {
                tx.surroundings().not_before(last);
            }
            tx.unordered = true;
            Err(StoreError::Unordered(
                "a later event of the aggregate is recorded already".into(),
            ))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

fn bound<'t, S>(tx: &'t mut Tx<S>, sql: &'static str, entry: Entry) -> Query<'t> {
    let now = tx.now();
    tx.query(sql)
        .bind(entry.id)
        .bind(entry.aggregate)
        .bind(entry.ty)
        .bind(entry.division)
        .bind(now)
        .bind(entry.legal_date)
        .bind(entry.origin.actor.to_string())
        .bind(entry.origin.correlation)
        .bind(entry.origin.causation)
        .bind(entry.origin.trace.map(|trace| trace.to_string()))
        .bind(entry.data)
}

/// Rows of concurrent transactions stand beside each other, so the newest instant is among the newest rows: no need
/// to read the whole journal at every start.
const NEWEST_RECORDED: &str = "SELECT MAX(recorded_at) FROM \
    (SELECT recorded_at FROM journal ORDER BY n DESC LIMIT 10000) AS newest";

pub(crate) struct LastRecorded;

impl<S: Owner> Work<S> for LastRecorded {
    type Output = Option<Stamp>;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<Option<Stamp>, StoreError> {
        let last = tx.query(NEWEST_RECORDED).optional::<(Option<Stamp>,)>().await?;
        Ok(last.and_then(|(at,)| at))
    }
}
