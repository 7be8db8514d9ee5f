//! A journal with many sealed events, made once for all repetitions, and a broker to copy it to.

use crate::harness::Done;
use crate::rows::{EVENT, TABLES, origin, surroundings};
use mz_bus::server::SyncInterval;
use mz_bus::{Address, Connection, Lead, Progress, Relay};
use mz_contracts::events::LinesComputed;
use mz_contracts::{Area, SocialAssistance};
use mz_kernel::{DivisionCode, RunId};
use mz_store::{Db, StoreError, Tx, Work};
use mz_testkit::TestNats;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The county whose suite it is.
pub(crate) fn area() -> Done<Area> {
    Ok(Area::try_from("513335".parse::<DivisionCode>()?)?)
}

/// Where the tests' own broker is.
pub(crate) fn address(nats: &TestNats) -> Address {
    let login = &nats.credentials().civil;
    Address {
        server: nats.url(),
        user: login.user().to_owned(),
        password: login.password().to_owned(),
    }
}

/// A broker that syncs as told, and a connection of a service's kind to it.
pub(crate) async fn broker(sync: SyncInterval) -> Done<(TestNats, Connection)> {
    let nats = mz_testkit::nats_with(sync).await;
    let connection = Connection::open(&address(&nats), "bench").await?;
    Ok((nats, connection))
}

/// The SQLite file of a service that has told so many events, all sealed. It is copied before it is used.
pub(crate) struct Journal {
    folder: TempDir,
    pub(crate) events: u32,
}

struct Tell {
    events: u32,
}

impl Work<SocialAssistance> for Tell {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<(), StoreError> {
        let mut run: RunId = tx.new_id();
        for number in 0..self.events {
            // Two events a run, as the commands write them.
            if number % 2 == 0 {
                run = tx.new_id();
            }
            let event = LinesComputed {
                run,
                known_at: tx.now(),
                ..EVENT.clone()
            };
            tx.emit(&origin(), &event)?;
        }
        Ok(())
    }
}

impl Journal {
    pub(crate) async fn make(events: u32) -> Done<Self> {
        const AT_ONCE: u32 = 500;
        let journal = Self {
            folder: tempfile::tempdir()?,
            events,
        };
        let db = open(&journal.file()).await?;
        for _ in 0..events / AT_ONCE {
            db.write(Tell { events: AT_ONCE }).await?;
        }
        while db.seal().await?.1 > 0 {}
        db.close().await;
        Ok(journal)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    /// Relays a fresh copy of the journal to an empty stream; answers how long it took.
    pub(crate) async fn relay(&self, connection: &Connection) -> Done<Duration> {
        let folder = tempfile::tempdir()?;
        let copy = folder.path().join("copy.db");
        rusqlite::Connection::open(self.file())?.execute("VACUUM INTO ?1", [copy.to_str()])?;
        let db = open(&copy).await?;
        mz_bus::look::<SocialAssistance>(connection, area()?).await?;
        let (progress, stop, last) = (Progress::new(), CancellationToken::new(), u64::from(self.events));
        let relay = Relay::new(
            db.clone(),
            connection.clone(),
            area()?,
            Lead::new(&db, "bench"),
            progress.clone(),
        );
        let began = Instant::now();
        let running = tokio::spawn(relay.run(stop.clone()));
        let done = progress
            .watch()
            .wait_for(|now| now.relayed == last || now.relay_waits.is_some())
            .await?
            .clone();
        let took = began.elapsed();
        stop.cancel();
        running.await?;
        db.close().await;
        done.relay_waits.map_or(Ok(took), |why| Err(why.into()))
    }
}

async fn open(file: &Path) -> Result<Db<SocialAssistance>, StoreError> {
    Db::open(&format!("sqlite:{}", file.display()), TABLES, surroundings(1)).await
}
