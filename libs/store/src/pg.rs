//! PostgreSQL: each unit of work is a transaction of its own, repeated when it could not be ordered among others.

use crate::conn::{Conn, Engine};
use crate::tx::{self, Surroundings, Tx, Work};
use crate::{Step, StoreError};
use mz_contracts::Owner;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use std::marker::PhantomData;
use std::time::Duration;
use tokio::sync::watch;

/// Connections of one service to its database.
const CONNECTIONS_MAX: u32 = 16;
/// How often a unit of work is repeated before its caller is told.
const ATTEMPTS_MAX: u32 = 30;
/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// What one machine promises on SQLite, serial order, is asked for here by name.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// For bookkeeping that guards itself by compare-and-swap and must not make the work of others repeat.
const BEGIN_KEEPING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

pub(crate) struct Pg<S> {
    pool: PgPool,
    surroundings: Surroundings,
    committed: watch::Sender<u64>,
    owner: PhantomData<fn() -> S>,
}

/// How a transaction is isolated from others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    Serial,
    Keeping,
}

impl<S: Owner> Pg<S> {
    pub(crate) async fn open(
        url: &str,
        surroundings: Surroundings,
        committed: watch::Sender<u64>,
    ) -> Result<Self, StoreError> {
        let options = url.parse::<PgConnectOptions>()?.application_name(S::NAME);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(Duration::from_secs(10))
            // BEGIN is the test: a round trip less for each unit of work.
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        Ok(Self {
            pool,
            surroundings,
            committed,
            owner: PhantomData,
        })
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) async fn write<W: Work<S>>(
        &self,
        work: W,
        isolation: Isolation,
    ) -> Result<W::Output, W::Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt(&work, isolation).await {
                Ok(output) => return Ok(output),
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::Unordered(error)) if attempt >= ATTEMPTS_MAX => return Err(error),
                Err(Attempt::Unordered(_)) => tokio::time::sleep(pause_after(attempt)).await,
            }
        }
    }

    /// Begins on a connection of the pool. One that died while it rested is found out here, where nothing has been
    /// done on it yet, and the next one is taken.
    async fn begin(&self, statement: &'static str) -> Result<Transaction<'static, Postgres>, StoreError> {
        for _ in 0..CONNECTIONS_MAX {
            match self.pool.begin_with(statement).await {
                Err(sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Database(_)) => {}
                other => return Ok(other?),
            }
        }
        Ok(self.pool.begin_with(statement).await?)
    }

    async fn attempt<W: Work<S>>(
        &self,
        work: &W,
        isolation: Isolation,
    ) -> Result<W::Output, Attempt<W::Error>> {
        let begin = if isolation == Isolation::Serial {
            BEGIN_WRITE
        } else {
            BEGIN_KEEPING
        };
        let transaction = self.begin(begin).await.map_err(|e| Attempt::Failed(e.into()))?;
        let mut tx = Tx::new(Conn::pg(transaction), self.surroundings.clone());
        let (output, appended) = match tx::perform(work, &mut tx).await {
            Ok(done) => done,
            Err(error) if tx.unordered => return Err(Attempt::Unordered(error)),
            Err(error) => return Err(Attempt::Failed(error)),
        };
        match self.commit(tx, appended).await {
            Ok(()) => Ok(output),
            Err(error @ StoreError::Unordered(_)) => Err(Attempt::Unordered(error.into())),
            Err(error) => Err(Attempt::Failed(error.into())),
        }
    }

    async fn commit(&self, tx: Tx<S>, appended: bool) -> Result<(), StoreError> {
        self.surroundings.faults.reach(S::NAME, Step::Commit)?;
        if let Engine::Pg(transaction) = tx.into_conn().engine {
            transaction
                .commit()
                .await
                .map_err(|error| match StoreError::from(error) {
                    unordered @ StoreError::Unordered(_) => unordered,
                    // The connection broke while COMMIT was under way: nobody knows whether it was done.
                    other => StoreError::Unknown(other.into()),
                })?;
        }
        if appended {
            self.committed.send_modify(|count| *count += 1);
        }
        // The rows are durable from here on: a fault now costs the answer, never the work.
        let told = self.surroundings.faults.reach(S::NAME, Step::Committed);
        told.map_err(|error| StoreError::Unknown(error.into()))
    }

    pub(crate) async fn read<W: Work<S>>(&self, work: W) -> Result<W::Output, W::Error> {
        let transaction = self.begin(BEGIN_READ).await?;
        let mut tx = Tx::new(Conn::pg(transaction), self.surroundings.clone());
        let output = tx::look(&work, &mut tx).await?;
        if let Engine::Pg(transaction) = tx.into_conn().engine {
            transaction.commit().await.map_err(StoreError::from)?;
        }
        Ok(output)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// The pause grows with the square of the attempts: of 64 writers of one row the unluckiest needs some 12, where a
/// pause that grows evenly let it need 21.
fn pause_after(attempt: u32) -> Duration {
    Duration::from_millis(u64::from(attempt).pow(2)).min(PAUSE_MAX)
}

enum Attempt<E> {
    Unordered(E),
    Failed(E),
}
