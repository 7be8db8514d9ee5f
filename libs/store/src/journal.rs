//! The journal and its chain (D1).
//!
//! A unit of work appends its events in its own transaction and waits for nobody. A sealer then gives every row a
//! place in the chain, by compare-and-swap on the head row, so that two sealers cannot fork it. Position `k` of the
//! chain is message `k` of the service's stream: the chain is also the cursor of the relay.

use crate::conn::{Conn, Engine};
use crate::tx::{Origin, Tx, Work};
use crate::{Db, Kind, Query, Record, Step, StoreError, Table, Value};
use mz_contracts::Owner;
use mz_kernel::{Date, EventId, Stamp};
use sha2::{Digest as _, Sha256};

/// A link of the chain: SHA-256.
pub type Hash = [u8; 32];

/// What the first position is chained to.
pub const GENESIS: Hash = [0; 32];

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

crate::record! {
    /// One row of the journal.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct JournalRow {
        /// Tells rows apart; grows within an aggregate.
        pub n: i64,
        /// The event's id.
        pub id: EventId,
        /// The aggregate that the event is about.
        pub aggregate: String,
        /// 1, 2, 3 … within the aggregate.
        pub sequence: i64,
        /// The event's full type.
        pub ty: String,
        /// The division whose fact it is.
        pub division: String,
        /// When it was recorded.
        pub recorded_at: Stamp,
        /// The legal date on which it was recorded.
        pub legal_date: Date,
        /// Who caused it.
        pub actor: String,
        /// What it belongs to.
        pub correlation: String,
        /// The event that it answers.
        pub causation: Option<EventId>,
        /// The payload, byte for byte as it was written.
        pub data: String,
    }
}

impl JournalRow {
    /// The row's link after `previous`: SHA-256 over the previous link and every column in the order of the table,
    /// each preceded by its length in bytes as a big-endian u64 (a missing causation has length 0).
    pub fn link(&self, previous: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(previous);
        let sequence = self.sequence.to_string();
        let recorded = self.recorded_at.to_string();
        let date = self.legal_date.to_string();
        let causation = self.causation.as_ref().map_or("", EventId::as_str);
        for field in [
            self.id.as_str(),
            &self.aggregate,
            &sequence,
            &self.ty,
            &self.division,
            &recorded,
            &date,
            &self.actor,
            &self.correlation,
            causation,
            &self.data,
        ] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        hash.finalize().into()
    }
}

crate::record! {
    struct SealRow { position: i64, previous: Vec<u8>, hash: Vec<u8> }
}

/// A journal row with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Its place: 1, 2, 3 …
    pub position: u64,
    /// The link of the row before.
    pub previous: Hash,
    /// Its own link.
    pub hash: Hash,
    /// The row.
    pub row: JournalRow,
}

impl Record for SealedRow {
    fn read(cells: &mut crate::Cells<'_>) -> Result<Self, StoreError> {
        let seal = SealRow::read(cells)?;
        let position = unsigned(seal.position);
        let hash = |bytes: Vec<u8>| {
            Hash::try_from(bytes).map_err(|_| StoreError::ChainBroken {
                position,
                what: "a link is not 32 bytes",
            })
        };
        Ok(Self {
            position,
            previous: hash(seal.previous)?,
            hash: hash(seal.hash)?,
            row: JournalRow::read(cells)?,
        })
    }
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last position, 0 for an empty chain.
    pub position: u64,
    /// Its link.
    pub hash: Hash,
}

pub(crate) fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

const APPEND_LITE: &str = "INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, data) \
    VALUES ($1, $2, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM journal WHERE aggregate = $2), \
    $3, $4, $5, $6, $7, $8, $9, $10) RETURNING n";
const APPEND_UNSEALED_LITE: &str = "INSERT INTO unsealed (n) VALUES ($1)";
/// One round trip on PostgreSQL. It writes nothing where the aggregate's last event was recorded later than this one:
/// transactions take their instants when they begin, and not in the order in which they come to stand.
const APPEND_PG: &str = "WITH last AS (SELECT COALESCE(MAX(sequence), 0) AS sequence, MAX(recorded_at) AS recorded_at \
    FROM journal WHERE aggregate = $2), \
    added AS (INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, data) \
    SELECT $1, $2, last.sequence + 1, $3, $4, $5, $6, $7, $8, $9, $10 FROM last \
    WHERE last.recorded_at IS NULL OR last.recorded_at <= $5 RETURNING n) \
    INSERT INTO unsealed (n) SELECT n FROM added";
const LAST_RECORDED: &str = "SELECT MAX(recorded_at) FROM journal WHERE aggregate = $1";

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
        Err(error) => {
            // Another one took the same place within the aggregate.
            tx.unordered |= matches!(error, StoreError::Duplicate(_));
            Err(error)
        }
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
        .bind(entry.data)
}

const HEAD: &str = "SELECT position, hash FROM seal_head WHERE one = 1";

async fn head(conn: &mut Conn) -> Result<Head, StoreError> {
    let Some((position, hash)) = conn.query(HEAD).optional::<(i64, Vec<u8>)>().await? else {
        return Ok(Head {
            position: 0,
            hash: GENESIS,
        });
    };
    let position = unsigned(position);
    let hash = Hash::try_from(hash).map_err(|_| StoreError::ChainBroken {
        position,
        what: "the head's link is not 32 bytes",
    })?;
    Ok(Head { position, hash })
}

const COLUMNS_UNSEALED: &str = "SELECT j.n, j.id, j.aggregate, j.sequence, j.type, j.division, j.recorded_at, \
    j.legal_date, j.actor, j.correlation, j.causation, j.data \
    FROM unsealed u JOIN journal j ON j.n = u.n ORDER BY u.n LIMIT $1";
const SEAL: Table = Table {
    name: "seal",
    columns: &[
        ("position", Kind::Int),
        ("n", Kind::Int),
        ("previous", Kind::Bytes),
        ("hash", Kind::Bytes),
    ],
    on_conflict: "",
};
const FOUND_HEAD: &str = "INSERT INTO seal_head (one, position, hash) VALUES (1, $1, $2)";
const MOVE_HEAD: &str = "UPDATE seal_head SET position = $1, hash = $2 WHERE one = 1 AND position = $3";
const SEALED_NOW: &str = "DELETE FROM unsealed WHERE n IN (SELECT n FROM seal WHERE position > $1)";

/// Rows that get their place in one transaction at most.
const ROWS_A_SEAL_MAX: i64 = 2_000;

/// Gives waiting rows their places in the chain.
struct Seal;

impl<S: Owner> Work<S> for Seal {
    /// The head, and how many rows were sealed.
    type Output = (Head, u64);
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<S>) -> Result<(Head, u64), StoreError> {
        let before = head(tx).await?;
        let rows: Vec<JournalRow> = tx.query(COLUMNS_UNSEALED).bind(ROWS_A_SEAL_MAX).all().await?;
        if rows.is_empty() {
            return Ok((before, 0));
        }
        let mut after = before;
        let mut links = Vec::with_capacity(rows.len());
        for row in &rows {
            let hash = row.link(&after.hash);
            links.push(vec![
                Value::Int(signed(after.position + 1)),
                Value::Int(row.n),
                Value::Bytes(after.hash.to_vec()),
                Value::Bytes(hash.to_vec()),
            ]);
            after = Head {
                position: after.position + 1,
                hash,
            };
        }
        // The head moves first: a second sealer waits here, and then finds that it lost.
        let position = signed(after.position);
        let hash = after.hash.to_vec();
        if before.position == 0 {
            tx.query(FOUND_HEAD).bind(position).bind(hash).execute().await?;
        } else {
            tx.query(MOVE_HEAD)
                .bind(position)
                .bind(hash)
                .bind(signed(before.position))
                .execute_one("the chain's head")
                .await?;
        }
        tx.insert_all(&SEAL, links).await?;
        tx.query(SEALED_NOW)
            .bind(signed(before.position))
            .execute()
            .await?;
        tx.surroundings().faults.reach(S::NAME, Step::Seal)?;
        Ok((after, rows.len() as u64))
    }
}

const SEALED: &str = "SELECT s.position, s.previous, s.hash, j.n, j.id, j.aggregate, j.sequence, j.type, \
    j.division, j.recorded_at, j.legal_date, j.actor, j.correlation, j.causation, j.data \
    FROM seal s JOIN journal j ON j.n = s.n WHERE s.position > $1 ORDER BY s.position LIMIT $2";

struct Sealed {
    after: u64,
    most: u32,
}

impl<S: Owner> Work<S> for Sealed {
    type Output = Vec<SealedRow>;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<Vec<SealedRow>, StoreError> {
        tx.query(SEALED)
            .bind(signed(self.after))
            .bind(i64::from(self.most))
            .all()
            .await
    }
}

struct ReadHead;

impl<S: Owner> Work<S> for ReadHead {
    type Output = (Head, u64);
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<(Head, u64), StoreError> {
        let head = head(tx).await?;
        let waiting: i64 = tx.query("SELECT COUNT(*) FROM unsealed").scalar().await?;
        Ok((head, unsigned(waiting)))
    }
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

impl<S: Owner> Db<S> {
    /// Gives waiting journal rows their places in the chain, up to a bounded number; answers the head and how many
    /// rows were sealed. Of two sealers that run at once one is answered [`StoreError::Conflict`] or
    /// [`StoreError::Duplicate`], and nothing of its work stays.
    pub async fn seal(&self) -> Result<(Head, u64), StoreError> {
        let sealed = self.keep(Seal).await?;
        if sealed.1 > 0 {
            self.surroundings().faults.reach(S::NAME, Step::Sealed)?;
        }
        Ok(sealed)
    }

    /// The chain's head, and how many journal rows wait for their place.
    pub async fn head(&self) -> Result<(Head, u64), StoreError> {
        self.read(ReadHead).await
    }

    /// Rows after a position, in the order of the chain.
    pub async fn sealed_after(&self, position: u64, most: u32) -> Result<Vec<SealedRow>, StoreError> {
        self.read(Sealed {
            after: position,
            most,
        })
        .await
    }

    /// Recomputes the whole chain from the journal and compares; answers the head.
    /// [`StoreError::ChainBroken`] names the first position that does not hold.
    pub async fn verify_chain(&self) -> Result<Head, StoreError> {
        let mut at = Head {
            position: 0,
            hash: GENESIS,
        };
        loop {
            let rows = self.sealed_after(at.position, 1_000).await?;
            if rows.is_empty() {
                break;
            }
            for sealed in rows {
                let position = at.position + 1;
                let broken = |what| StoreError::ChainBroken { position, what };
                if sealed.position != position {
                    return Err(broken("a position is missing"));
                }
                if sealed.previous != at.hash {
                    return Err(broken("the row is not chained to the one before it"));
                }
                if sealed.row.link(&at.hash) != sealed.hash {
                    return Err(broken("the row was changed after it had been sealed"));
                }
                at = Head {
                    position,
                    hash: sealed.hash,
                };
            }
        }
        let (head, _) = self.head().await?;
        if head == at {
            Ok(head)
        } else {
            Err(StoreError::ChainBroken {
                position: head.position,
                what: "the head is not the chain's last row",
            })
        }
    }
}
