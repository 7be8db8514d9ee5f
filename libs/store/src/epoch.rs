//! Which streams have carried this journal: a stream's creation time is its epoch (D4).

use crate::tx::{Tx, Work};
use crate::{Db, StoreError, journal};
use mz_contracts::Owner;

struct Enter {
    created: String,
}

impl<S: Owner> Work<S> for Enter {
    type Output = Epoch;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<S>) -> Result<Epoch, StoreError> {
        let known = tx
            .query("SELECT number FROM epoch WHERE created = $1")
            .bind(&self.created)
            .optional::<(i64,)>()
            .await?;
        if let Some((number,)) = known {
            return Ok(Epoch {
                number: journal::unsigned(number),
                new: false,
            });
        }
        let last: i64 = tx
            .query("SELECT COALESCE(MAX(number), 0) FROM epoch")
            .scalar()
            .await?;
        let now = tx.now();
        tx.query("INSERT INTO epoch (number, created, seen_at) VALUES ($1, $2, $3)")
            .bind(last + 1)
            .bind(&self.created)
            .bind(now)
            .execute()
            .await?;
        Ok(Epoch {
            number: journal::unsigned(last + 1),
            new: true,
        })
    }
}

/// A stream's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// 1 for the first stream that carried the journal, 2 for the one after it was lost, …
    pub number: u64,
    /// True when it was entered just now.
    pub new: bool,
}

impl<S: Owner> Db<S> {
    /// The epoch of the stream that was created at `created`, entered now if it was not known.
    pub async fn enter_epoch(&self, created: &str) -> Result<Epoch, StoreError> {
        self.keep(Enter {
            created: created.to_owned(),
        })
        .await
    }
}
