//! Idempotency keys: a request that comes twice is done once and answered twice.

use crate::tx::{Tx, Work};
use crate::{Db, StoreError};
use mz_contracts::Owner;
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// What tells one request from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Who asks: keys of different callers never meet.
    pub caller: String,
    /// The key that the caller chose.
    pub key: String,
    /// A digest of the route and the body: the same key with another request is refused.
    pub fingerprint: String,
}

/// An answer, and whether it had been given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What the work answered.
    pub output: T,
    /// True when the work had been done by an earlier request with the same key.
    pub replayed: bool,
}

struct Once<W, S> {
    key: RequestKey,
    work: W,
    owner: PhantomData<fn() -> S>,
}

const KNOWN: &str = "SELECT fingerprint, output FROM answered WHERE caller = $1 AND key = $2";
const REMEMBER: &str =
    "INSERT INTO answered (caller, key, fingerprint, output, answered_at) VALUES ($1, $2, $3, $4, $5)";

impl<S, W> Work<S> for Once<W, S>
where
    S: Owner,
    W: Work<S>,
    W::Output: Serialize + DeserializeOwned,
{
    type Output = Answer<W::Output>;
    type Error = W::Error;

    async fn run(&self, tx: &mut Tx<S>) -> Result<Answer<W::Output>, W::Error> {
        let RequestKey {
            caller,
            key,
            fingerprint,
        } = &self.key;
        let known = tx
            .query(KNOWN)
            .bind(caller)
            .bind(key)
            .optional::<(String, String)>()
            .await?;
        if let Some((earlier, output)) = known {
            if earlier != *fingerprint {
                return Err(StoreError::KeyReused.into());
            }
            let output = serde_json::from_str(&output).map_err(StoreError::Encoding)?;
            return Ok(Answer {
                output,
                replayed: true,
            });
        }
        let output = self.work.run(tx).await?;
        let text = serde_json::to_string(&output).map_err(StoreError::Encoding)?;
        let now = tx.now();
        tx.query(REMEMBER)
            .bind(caller)
            .bind(key)
            .bind(fingerprint)
            .bind(text)
            .bind(now)
            .execute()
            .await?;
        Ok(Answer {
            output,
            replayed: false,
        })
    }
}

impl<S: Owner> Db<S> {
    /// Runs a unit of work once for a key, in one transaction with the memory of its answer. A refused work is
    /// not remembered: the same key may be tried again.
    pub async fn write_once<W>(&self, key: RequestKey, work: W) -> Result<Answer<W::Output>, W::Error>
    where
        W: Work<S>,
        W::Output: Serialize + DeserializeOwned,
    {
        self.write(Once {
            key,
            work,
            owner: PhantomData,
        })
        .await
    }
}
