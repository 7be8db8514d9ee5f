//! Sealing (D1): each journal row is given a place in the chain, by compare-and-swap on the head row, so that writers
//! never wait for one another and two sealers cannot fork the chain.

use crate::chain::{GENESIS, Hash, Head, JournalRow, SealedRow};
use crate::conn::Conn;
use crate::journal::{signed, unsigned};
use crate::tx::{Tx, Work};
use crate::{Db, Kind, Step, StoreError, Table, Value};
use mz_contracts::Owner;
use mz_kernel::Stamp;

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
    j.legal_date, j.actor, j.correlation, j.causation, j.trace, j.data \
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
    j.division, j.recorded_at, j.legal_date, j.actor, j.correlation, j.causation, j.trace, j.data \
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

const RECORDED_AT: &str =
    "SELECT j.recorded_at FROM seal s JOIN journal j ON j.n = s.n WHERE s.position = $1";
const UNSEALED_SINCE: &str =
    "SELECT j.recorded_at FROM unsealed u JOIN journal j ON j.n = u.n ORDER BY u.n LIMIT 1";

struct First {
    after: u64,
}

impl<S: Owner> Work<S> for First {
    type Output = Option<Stamp>;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<Option<Stamp>, StoreError> {
        let next = signed(self.after.saturating_add(1));
        let sealed = tx.query(RECORDED_AT).bind(next).optional::<(Stamp,)>().await?;
        let first = match sealed {
            None => tx.query(UNSEALED_SINCE).optional::<(Stamp,)>().await?,
            found => found,
        };
        Ok(first.map(|(at,)| at))
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

    /// When the first row after a position was recorded; none where there is no such row.
    pub async fn first_after(&self, position: u64) -> Result<Option<Stamp>, StoreError> {
        self.read(First { after: position }).await
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
