//! A service's database: opened by URL, migrated, written and read through units of work.

use crate::lite::Lite;
use crate::migrate::{self, Migration};
use crate::pg::{Isolation, Pg};
use crate::tx::{Surroundings, Work};
use crate::{StoreError, journal};
use mz_contracts::Owner;
use mz_trace::spans;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use tracing::Instrument as _;

/// The database of service `S`. Cheap to clone.
pub struct Db<S> {
    engine: Arc<Engine<S>>,
    url: Arc<str>,
    surroundings: Surroundings,
    committed: watch::Receiver<u64>,
}

enum Engine<S> {
    Lite(Lite<S>),
    Pg(Pg<S>),
}

impl<S> Clone for Db<S> {
    fn clone(&self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            url: Arc::clone(&self.url),
            surroundings: self.surroundings.clone(),
            committed: self.committed.clone(),
        }
    }
}

impl<S: Owner> Db<S> {
    /// Opens `sqlite:<path>` or `postgres://…`, and brings it to the store's and the service's newest migration.
    pub async fn open(
        url: &str,
        migrations: &[Migration],
        surroundings: Surroundings,
    ) -> Result<Self, StoreError> {
        let (changed, committed) = watch::channel(0);
        let engine = match url.split_once(':') {
            Some(("sqlite", path)) => {
                migrate::sqlite(Path::new(path), migrations, surroundings.system.now())?;
                Engine::Lite(Lite::open(Path::new(path), surroundings.clone(), changed)?)
            }
            Some(("postgres" | "postgresql", _)) => {
                let pg = Pg::open(url, surroundings.clone(), changed).await?;
                migrate::postgres(pg.pool(), migrations, surroundings.system.now()).await?;
                Engine::Pg(pg)
            }
            other => {
                let scheme = other.map_or(url, |(scheme, _)| scheme).to_owned();
                return Err(StoreError::UnknownEngine { scheme });
            }
        };
        let db = Self {
            engine: Arc::new(engine),
            url: url.into(),
            surroundings,
            committed,
        };
        if let Some(last) = db.read(journal::LastRecorded).await? {
            db.surroundings.not_before(last);
        }
        Ok(db)
    }

    /// Runs a unit of work and answers when it is durable.
    pub async fn write<W: Work<S>>(&self, work: W) -> Result<W::Output, W::Error> {
        match &*self.engine {
            Engine::Lite(lite) => {
                let span = spans::commit("sqlite", S::NAME);
                lite.write(work).instrument(span).await
            }
            Engine::Pg(pg) => {
                let span = spans::commit("postgresql", S::NAME);
                pg.write(work, Isolation::Serial).instrument(span).await
            }
        }
    }

    /// Like [`Db::write`], for bookkeeping that guards itself by compare-and-swap (the seal, leases): on PostgreSQL
    /// it does not take part in the serial order, and makes nobody's work repeat.
    pub(crate) async fn keep<W: Work<S>>(&self, work: W) -> Result<W::Output, W::Error> {
        match &*self.engine {
            Engine::Lite(lite) => lite.write(work).await,
            Engine::Pg(pg) => pg.write(work, Isolation::Keeping).await,
        }
    }

    /// Runs a unit of work that only reads, in one consistent view and beside the writers.
    pub async fn read<W: Work<S>>(&self, work: W) -> Result<W::Output, W::Error> {
        match &*self.engine {
            Engine::Lite(lite) => lite.read(work).await,
            Engine::Pg(pg) => pg.read(work).await,
        }
    }

    /// Changes whenever this process has committed journal entries.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.committed.clone()
    }

    /// What it was opened by; a password may stand in it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The clocks, ids and faults that the database was opened with.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Finishes what waits and closes the engine; later work is answered with [`StoreError::Unavailable`].
    pub async fn close(&self) {
        match &*self.engine {
            Engine::Lite(lite) => lite.close().await,
            Engine::Pg(pg) => pg.close().await,
        }
    }
}
