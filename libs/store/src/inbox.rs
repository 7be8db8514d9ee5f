//! What consumers keep in their service's own database (D4): how far each aggregate has come, the events that could
//! not be applied, and the stream position that is settled. All of it is written in the transaction of the effect.

use crate::conn::Conn;
use crate::tx::{Tx, Work};
use crate::{Db, Kind, StoreError, Table, Value, journal};
use mz_contracts::Owner;
use mz_kernel::Stamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A consumer and the service whose stream it reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reading {
    /// The consumer's name, such as `social-assistance-benefits`.
    pub consumer: String,
    /// The service whose events it reads, such as `funeral-reform`.
    pub source: String,
}

crate::record! {
    /// An event that could not be applied, or that waits behind one.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Parked {
        /// Who could not apply it.
        pub consumer: String,
        /// Whose event it is.
        pub source: String,
        /// The aggregate that it is about; for a message that cannot be read, its place in the stream.
        pub aggregate: String,
        /// Its number within the aggregate.
        pub sequence: i64,
        /// Its id.
        pub event: String,
        /// `refused`, `failed`, `behind`, `gap` or `unreadable`.
        pub reason: String,
        /// What went wrong, in words.
        pub detail: String,
        /// The event itself, as structured CloudEvents JSON.
        pub envelope: String,
        /// How often it was tried.
        pub attempts: i64,
        /// Since when it is parked.
        pub parked_at: Stamp,
    }
}

const POSITIONS: &str = "SELECT aggregate, sequence FROM inbox \
    WHERE consumer = $1 AND source = $2 AND aggregate IN LIST($3)";
const BLOCKED: &str = "SELECT DISTINCT aggregate FROM parked WHERE consumer = $1 AND source = $2";
const INBOX: Table = Table {
    name: "inbox",
    columns: &[
        ("consumer", Kind::Text),
        ("source", Kind::Text),
        ("aggregate", Kind::Text),
        ("sequence", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (consumer, source, aggregate) DO UPDATE SET sequence = excluded.sequence",
};
const PARK: &str = "INSERT INTO parked \
    (consumer, source, aggregate, sequence, event, reason, detail, envelope, attempts, parked_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (consumer, source, aggregate, sequence) DO UPDATE \
    SET reason = excluded.reason, detail = excluded.detail, attempts = parked.attempts + excluded.attempts";
const UNPARK: &str =
    "DELETE FROM parked WHERE consumer = $1 AND source = $2 AND aggregate = $3 AND sequence = $4";
const NEXT_PARKED: &str = "SELECT consumer, source, aggregate, sequence, event, reason, detail, envelope, attempts, \
    parked_at FROM parked WHERE consumer = $1 AND source = $2 AND aggregate = $3 ORDER BY sequence LIMIT 1";
const IS_PARKED: &str = "SELECT COUNT(*) FROM parked \
    WHERE consumer = $1 AND source = $2 AND aggregate = $3 AND sequence = $4";
const ALL_PARKED: &str = "SELECT consumer, source, aggregate, sequence, event, reason, detail, envelope, attempts, \
    parked_at FROM parked ORDER BY parked_at, consumer, source, aggregate, sequence LIMIT $1";
const SETTLE: &str = "INSERT INTO reading (consumer, source, position) VALUES ($1, $2, $3) \
    ON CONFLICT (consumer, source) DO UPDATE SET position = excluded.position";
const SETTLED: &str = "SELECT position FROM reading WHERE consumer = $1 AND source = $2";

/// How far each of the aggregates has come; one that is missing has seen nothing.
pub async fn positions<'a>(
    conn: &mut Conn,
    reading: &Reading,
    aggregates: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let found: Vec<(String, i64)> = conn
        .query(POSITIONS)
        .bind(&reading.consumer)
        .bind(&reading.source)
        .bind_list(aggregates)
        .all()
        .await?;
    Ok(found
        .into_iter()
        .map(|(aggregate, n)| (aggregate, journal::unsigned(n)))
        .collect())
}

/// The aggregates whose events wait behind a parked one.
pub async fn blocked(conn: &mut Conn, reading: &Reading) -> Result<BTreeSet<String>, StoreError> {
    let found: Vec<(String,)> = conn
        .query(BLOCKED)
        .bind(&reading.consumer)
        .bind(&reading.source)
        .all()
        .await?;
    Ok(found.into_iter().map(|(aggregate,)| aggregate).collect())
}

/// Remembers how far aggregates have come.
pub async fn advance(
    conn: &mut Conn,
    reading: &Reading,
    to: &BTreeMap<String, u64>,
) -> Result<(), StoreError> {
    let rows = to
        .iter()
        .map(|(aggregate, sequence)| {
            vec![
                Value::Text(reading.consumer.clone()),
                Value::Text(reading.source.clone()),
                Value::Text(aggregate.clone()),
                Value::Int(journal::signed(*sequence)),
            ]
        })
        .collect();
    conn.insert_all(&INBOX, rows).await.map(|_| ())
}

/// Parks an event; parking it again counts another attempt.
pub async fn park(conn: &mut Conn, parked: &Parked) -> Result<(), StoreError> {
    conn.query(PARK)
        .bind(&parked.consumer)
        .bind(&parked.source)
        .bind(&parked.aggregate)
        .bind(parked.sequence)
        .bind(&parked.event)
        .bind(&parked.reason)
        .bind(&parked.detail)
        .bind(&parked.envelope)
        .bind(parked.attempts)
        .bind(parked.parked_at)
        .execute()
        .await
        .map(|_| ())
}

/// Takes an event out of the parking place: it was applied.
pub async fn unpark(conn: &mut Conn, parked: &Parked) -> Result<(), StoreError> {
    conn.query(UNPARK)
        .bind(&parked.consumer)
        .bind(&parked.source)
        .bind(&parked.aggregate)
        .bind(parked.sequence)
        .execute_one("a parked event")
        .await
}

/// Whether this event of an aggregate is parked.
pub async fn is_parked(
    conn: &mut Conn,
    reading: &Reading,
    aggregate: &str,
    sequence: u64,
) -> Result<bool, StoreError> {
    let found: i64 = conn
        .query(IS_PARKED)
        .bind(&reading.consumer)
        .bind(&reading.source)
        .bind(aggregate)
        .bind(journal::signed(sequence))
        .scalar()
        .await?;
    Ok(found > 0)
}

/// The earliest parked event of an aggregate.
pub async fn next_parked(
    conn: &mut Conn,
    reading: &Reading,
    aggregate: &str,
) -> Result<Option<Parked>, StoreError> {
    conn.query(NEXT_PARKED)
        .bind(&reading.consumer)
        .bind(&reading.source)
        .bind(aggregate)
        .optional()
        .await
}

/// Remembers that every message up to a stream position is applied or parked.
pub async fn settle(conn: &mut Conn, reading: &Reading, position: u64) -> Result<(), StoreError> {
    conn.query(SETTLE)
        .bind(&reading.consumer)
        .bind(&reading.source)
        .bind(journal::signed(position))
        .execute()
        .await
        .map(|_| ())
}

/// The stream position up to which everything is applied or parked.
pub async fn settled(conn: &mut Conn, reading: &Reading) -> Result<u64, StoreError> {
    let found = conn
        .query(SETTLED)
        .bind(&reading.consumer)
        .bind(&reading.source)
        .optional::<(i64,)>()
        .await?;
    Ok(found.map_or(0, |(position,)| journal::unsigned(position)))
}

struct AllParked {
    most: u32,
}

impl<S: Owner> Work<S> for AllParked {
    type Output = Vec<Parked>;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<Vec<Parked>, StoreError> {
        tx.query(ALL_PARKED).bind(i64::from(self.most)).all().await
    }
}

impl<S: Owner> Db<S> {
    /// What is parked, longest first.
    pub async fn parked(&self, most: u32) -> Result<Vec<Parked>, StoreError> {
        self.read(AllParked { most }).await
    }
}
