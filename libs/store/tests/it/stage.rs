//! A database on either engine, the clocks and faults around it, and a second way into it.

use mz_contracts::events::DeathRegistered;
use mz_contracts::{Actor, Event as _, FuneralReform};
use mz_kernel::{Date, DeathId, IdSource, ManualLegalClock, Stamp, SystemClock};
use mz_store::{Db, Faults, Kind, Migration, Origin, Step, StoreError, Surroundings, Table, Tx, Work, work};
use mz_testkit::postgres_or_skip;
use sqlx::Connection as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Declares that stories, each an `async fn(stage: Stage)`, are told on either engine; on PostgreSQL they are
/// skipped by name where its programs are missing.
macro_rules! told {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                Box::pin(super::$story($crate::stage::Stage::on_sqlite())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let name = concat!(module_path!(), "::on_postgres");
                if let Some(stage) = $crate::stage::Stage::on_postgres(name).await {
                    Box::pin(super::$story(stage)).await;
                }
            }
        }
    )+};
}
pub(crate) use told;

/// The service whose store it is.
pub(crate) type Store = Db<FuneralReform>;
/// A transaction of that service.
pub(crate) type Unit = Tx<FuneralReform>;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_test",
    sql: "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL); \
        CREATE TABLE sample (name TEXT NOT NULL PRIMARY KEY, i BIGINT, t TEXT, b BYTEA, f BOOLEAN, d DATE, \
        s TIMESTAMPTZ);",
}];

/// Where the clock of a stage starts: 2020-04-08T00:00:00Z.
pub(crate) const START: Stamp = Stamp::from_micros(1_586_304_000_000_000);

/// Rows with a name and a version.
pub(crate) const COUNTER: Table = Table {
    name: "counter",
    columns: &[("name", Kind::Text), ("version", Kind::Int)],
    on_conflict: "",
};

pub(crate) struct Stage {
    pub(crate) url: String,
    pub(crate) clock: Arc<Hand>,
    pub(crate) faults: Arc<Script>,
    _folder: Option<TempDir>,
}

impl Stage {
    pub(crate) fn on_sqlite() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("store.db").display());
        Stage::new(url, Some(folder))
    }

    pub(crate) async fn on_postgres(name: &str) -> Option<Stage> {
        Some(Stage::new(postgres_or_skip(name).await?.database().await, None))
    }

    fn new(url: String, folder: Option<TempDir>) -> Stage {
        Stage {
            url,
            clock: Arc::new(Hand::at(START)),
            faults: Arc::default(),
            _folder: folder,
        }
    }

    /// What a process has around its database; each call is another process.
    pub(crate) fn surroundings(&self) -> Surroundings {
        // Two processes never give out the same ids.
        static PROCESSES: AtomicI64 = AtomicI64::new(0);
        let seed = PROCESSES.fetch_add(1, Ordering::Relaxed);
        Surroundings::new(
            Arc::new(ManualLegalClock::new(Date::constant(2020, 4, 8))),
            self.clock.clone(),
            Arc::new(IdSource::seeded(seed.unsigned_abs())),
            self.faults.clone(),
        )
    }

    pub(crate) async fn try_open(&self, migrations: &[Migration]) -> Result<Store, StoreError> {
        Db::open(&self.url, migrations, self.surroundings()).await
    }

    pub(crate) async fn open(&self) -> Store {
        self.try_open(MIGRATIONS).await.unwrap()
    }

    /// Another hand in the database: runs one statement past the store.
    pub(crate) async fn by_another_hand(&self, sql: &'static str) {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            rusqlite::Connection::open(path)
                .unwrap()
                .execute_batch(sql)
                .unwrap();
        } else {
            let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }
}

/// A system clock that may be set back, as the clocks of machines are.
#[derive(Debug)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    fn at(stamp: Stamp) -> Hand {
        Hand(AtomicI64::new(stamp.as_micros()))
    }

    pub(crate) fn set(&self, stamp: Stamp) {
        self.0.store(stamp.as_micros(), Ordering::SeqCst);
    }
}

impl SystemClock for Hand {
    fn now(&self) -> Stamp {
        Stamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// One fault that is still to come.
#[derive(Debug, Default)]
pub(crate) struct Script(Mutex<Option<Step>>);

impl Script {
    /// The next time that `step` is reached, it fails.
    pub(crate) fn next(&self, step: Step) {
        *self.0.lock().unwrap() = Some(step);
    }
}

impl Faults for Script {
    fn reach(&self, _service: &'static str, step: Step) -> Result<(), StoreError> {
        match self.0.lock().unwrap().take_if(|next| *next == step) {
            Some(step) => Err(StoreError::Injected(step)),
            None => Ok(()),
        }
    }
}

/// Enters counters that stand at 0.
pub(crate) async fn enter(db: &Store, names: &'static [&'static str]) {
    db.write(Enter(names)).await.unwrap();
}

/// Enters counters that stand at 0.
pub(crate) struct Enter(pub(crate) &'static [&'static str]);

impl Work<FuneralReform> for Enter {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<(), StoreError> {
        for name in self.0 {
            tx.query("INSERT INTO counter (name, version) VALUES ($1, 0)")
                .bind(*name)
                .execute()
                .await?;
        }
        Ok(())
    }
}

/// The names of the counters that are stored.
pub(crate) async fn names(db: &Store) -> Vec<String> {
    let read = work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("SELECT name FROM counter ORDER BY name")
                .all::<(String,)>()
                .await
        })
    });
    db.read(read)
        .await
        .unwrap()
        .into_iter()
        .map(|(name,)| name)
        .collect()
}

/// Emits a death, `times` times in one unit of work.
pub(crate) struct Report {
    pub(crate) event: DeathRegistered,
    pub(crate) times: usize,
}

impl Report {
    /// Of the aggregate with this number.
    pub(crate) fn of(number: u128) -> Report {
        let death = <DeathId as mz_kernel::Id>::from_bits(number);
        Report {
            event: DeathRegistered {
                death,
                ..DeathRegistered::sample()
            },
            times: 1,
        }
    }
}

/// Where the reports stand in a trace.
pub(crate) const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

impl Work<FuneralReform> for Report {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<(), StoreError> {
        let origin = Origin {
            actor: Actor::System,
            correlation: "a story".to_owned(),
            causation: None,
            trace: Some(TRACE.parse().unwrap()),
        };
        for _ in 0..self.times {
            tx.emit(&origin, &self.event)?;
        }
        Ok(())
    }
}

/// Seals until nothing waits, as the relay does: who loses a race looks again.
pub(crate) async fn seal_all(db: &Store) {
    loop {
        match db.seal().await {
            Ok((_, 0)) => return,
            Ok(_) | Err(StoreError::Conflict { .. } | StoreError::Duplicate(_)) => {}
            Err(other) => panic!("the chain cannot be sealed: {other:?}"),
        }
    }
}
