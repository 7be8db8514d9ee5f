//! What goes wrong.

use crate::Done;
use crate::broker::{self, Broker};
use crate::program::{Suite, Way};
use fastrand::Rng;
use mz_contracts::OWNERS;
use mz_kernel::Date;
use mz_testkit::TestPostgres;
use nix::sys::signal::Signal;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    SuiteKilled,
    /// Killed by itself at a step between a command and its last effect.
    SuiteKilledAtStep,
    SuiteFrozen,
    BrokerKilled,
    /// Longer than its clients wait.
    BrokerFrozen,
    StoreDeleted,
    /// To a copy of a fault before.
    StoreRewound,
    StoreTruncated,
    /// Where there is a server of databases.
    DatabaseKilled,
}

impl Fault {
    const ALL: [Fault; 9] = [
        Fault::SuiteKilled,
        Fault::SuiteKilledAtStep,
        Fault::SuiteFrozen,
        Fault::BrokerKilled,
        Fault::BrokerFrozen,
        Fault::StoreDeleted,
        Fault::StoreRewound,
        Fault::StoreTruncated,
        Fault::DatabaseKilled,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Fault::SuiteKilled => "suite killed",
            Fault::SuiteKilledAtStep => "suite killed at a step",
            Fault::SuiteFrozen => "suite frozen",
            Fault::BrokerKilled => "broker killed",
            Fault::BrokerFrozen => "broker frozen",
            Fault::StoreDeleted => "store deleted",
            Fault::StoreRewound => "store rewound",
            Fault::StoreTruncated => "store truncated",
            Fault::DatabaseKilled => "database killed",
        }
    }
}

/// The steps at which a service can be made to die.
const STEPS: [&str; 10] = [
    "commit",
    "committed",
    "seal",
    "sealed",
    "publish",
    "published",
    "receive",
    "apply",
    "applied",
    "acknowledged",
];
/// A step that is not reached by then is not reached under this load.
const STEP_MAX: Duration = Duration::from_secs(8);

/// Does one after the other.
pub(crate) struct Injector {
    pub(crate) way: Arc<Way>,
    pub(crate) suite: Suite,
    pub(crate) random: Rng,
    pub(crate) today: watch::Receiver<Date>,
    database: Option<TestPostgres>,
    older: PathBuf,
    /// Each kind once before any comes again.
    left: Vec<Fault>,
    pub(crate) counts: BTreeMap<Fault, u64>,
}

impl Injector {
    pub(crate) fn new(
        way: Arc<Way>,
        (suite, database): (Suite, Option<TestPostgres>),
        random: Rng,
        today: watch::Receiver<Date>,
    ) -> Self {
        Self {
            database,
            older: way.data().join("store-older"),
            left: Vec::new(),
            counts: BTreeMap::new(),
            way,
            suite,
            random,
            today,
        }
    }

    /// Goes on until the time is over; then everything runs again.
    pub(crate) async fn work(mut self, until: Instant) -> Done<Self> {
        while Instant::now() < until {
            let pause = Duration::from_millis(self.random.u64(500..3_000));
            tokio::time::sleep(pause).await;
            if self.left.is_empty() {
                self.left = Fault::ALL.to_vec();
                self.left
                    .retain(|fault| *fault != Fault::DatabaseKilled || self.database.is_some());
                self.random.shuffle(&mut self.left);
            }
            if let Some(fault) = self.left.pop() {
                self.inject(fault)
                    .await
                    .map_err(|error| format!("{}: {error}", fault.name()))?;
                *self.counts.entry(fault).or_default() += 1;
            }
        }
        Ok(self)
    }

    async fn inject(&mut self, fault: Fault) -> Done<()> {
        let broker = Broker::of(self.way.data());
        match fault {
            Fault::SuiteKilled => {
                self.suite.kill()?;
                self.start().await
            }
            Fault::SuiteKilledAtStep => self.kill_at_step().await,
            Fault::SuiteFrozen => {
                self.suite.signal(Signal::SIGSTOP)?;
                tokio::time::sleep(Duration::from_millis(self.random.u64(200..4_000))).await;
                self.suite.signal(Signal::SIGCONT)
            }
            Fault::BrokerKilled => broker.signal(Signal::SIGKILL).await.map(drop),
            Fault::BrokerFrozen => {
                broker.signal(Signal::SIGSTOP).await?;
                tokio::time::sleep(Duration::from_millis(self.random.u64(500..12_000))).await;
                broker.signal(Signal::SIGCONT).await.map(drop)
            }
            Fault::StoreDeleted => {
                broker
                    .kill_with(|store| Ok(std::fs::remove_dir_all(store)?))
                    .await
            }
            Fault::StoreTruncated => broker.kill_with(broker::truncate).await,
            Fault::DatabaseKilled => {
                if let Some(database) = &self.database {
                    database.kill();
                }
                Ok(())
            }
            Fault::StoreRewound => {
                let older = &self.older;
                if older.exists() {
                    broker
                        .kill_with(|store| {
                            std::fs::remove_dir_all(store)?;
                            broker::copy(older, store)
                        })
                        .await?;
                }
                // For the next time.
                broker.copy_store(older).await
            }
        }
    }

    async fn kill_at_step(&mut self) -> Done<()> {
        let service = OWNERS[self.random.usize(..OWNERS.len())].0;
        let step = STEPS[self.random.usize(..STEPS.len())];
        let crash = format!("{service}:{step}:{}", self.random.u32(1..20));
        self.suite.kill()?;
        let today = *self.today.borrow();
        if let Some(suite) = Suite::start(&self.way, today, Some(&crash)).await? {
            self.suite = suite;
            let deadline = Instant::now() + STEP_MAX;
            while !self.suite.is_dead()? {
                if Instant::now() > deadline {
                    self.suite.kill()?;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        self.start().await
    }

    async fn start(&mut self) -> Done<()> {
        let today = *self.today.borrow();
        let suite = Suite::start(&self.way, today, None).await?;
        self.suite = suite.ok_or("the suite died while it started")?;
        Ok(())
    }
}
