//! SQLite: one thread owns the only connection that writes, and runs the waiting units of work together.
//!
//! A savepoint for each unit, one COMMIT for all, then the answers (D2). The units run on the thread itself, over
//! rusqlite: their futures are never pending, and a unit that awaits anything else is refused.

use crate::conn::{Conn, Engine};
use crate::tx::{self, Surroundings, Tx, Work};
use crate::{Step, StoreError};
use mz_contracts::Owner;
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// Units that share one COMMIT at most: bounds how long the first of them waits.
const UNITS_A_COMMIT_MAX: usize = 512;
/// Units that may wait before callers are held back.
const UNITS_WAITING_MAX: usize = 4_096;
/// Connections that read beside the writer.
const READERS_MAX: u32 = 4;
/// A page cache of 16 MiB a connection (SQLite counts negative sizes in KiB).
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;";

pub(crate) struct Lite<S> {
    jobs: mpsc::Sender<Message<S>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    reading: Arc<Semaphore>,
    path: PathBuf,
    surroundings: Surroundings,
}

enum Message<S> {
    Job(Box<dyn Job<S>>),
    Stop(oneshot::Sender<()>),
}

/// A unit of work with the caller who waits for it.
trait Job<S>: Send {
    /// Runs the unit; true when it is to be kept.
    fn run(&mut self, tx: &mut Tx<S>) -> Ran;
    /// Tells the caller, `commit` being what became of the shared transaction.
    fn answer(self: Box<Self>, commit: Result<(), Arc<StoreError>>);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ran {
    Kept { appended: bool },
    Undone,
}

struct Unit<S, W: Work<S>> {
    work: W,
    result: Option<Result<W::Output, W::Error>>,
    reply: oneshot::Sender<Result<W::Output, W::Error>>,
}

impl<S: Owner, W: Work<S>> Job<S> for Unit<S, W> {
    fn run(&mut self, tx: &mut Tx<S>) -> Ran {
        // A panic in one unit must not take the writer, and with it everybody else's work, down.
        let outcome = catch_unwind(AssertUnwindSafe(|| run_now(tx::perform(&self.work, tx))));
        let (ran, result) = match outcome {
            Ok(Some(Ok((output, appended)))) => (Ran::Kept { appended }, Ok(output)),
            Ok(Some(Err(error))) => (Ran::Undone, Err(error)),
            Ok(None) => (Ran::Undone, Err(StoreError::Awaited.into())),
            Err(_) => (
                Ran::Undone,
                Err(StoreError::Sql("a unit of work panicked".into()).into()),
            ),
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, commit: Result<(), Arc<StoreError>>) {
        let result = match (self.result, commit) {
            (Some(Err(refused)), _) => Err(refused),
            (Some(Ok(output)), Ok(())) => Ok(output),
            (_, Err(error)) => Err(shared(error).into()),
            (None, Ok(())) => Err(closed().into()),
        };
        // A caller who stopped waiting is no failure.
        let _ = self.reply.send(result);
    }
}

/// Polls a future that awaits nothing but SQLite: it is ready at once, or it is not what it should be.
fn run_now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What a lost COMMIT means to each of those who shared it.
fn shared(error: Arc<StoreError>) -> StoreError {
    match *error {
        StoreError::Unknown(_) => StoreError::Unknown(Box::new(error)),
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is being closed".into())
}

impl<S: Owner> Lite<S> {
    pub(crate) fn open(
        path: &Path,
        surroundings: Surroundings,
        committed: watch::Sender<u64>,
    ) -> Result<Self, StoreError> {
        let connection = connect(path, OpenFlags::default())?;
        let (jobs, inbox) = mpsc::channel(UNITS_WAITING_MAX);
        let mut writer = Writer {
            tx: Tx::new(Conn::lite(connection), surroundings.clone()),
            committed,
            inbox,
        };
        std::thread::Builder::new()
            .name(format!("{}-writer", S::NAME))
            .spawn(move || {
                let stopped = writer.run();
                // The file is let go before anybody hears that it is.
                drop(writer);
                if let Some(stopped) = stopped {
                    let _ = stopped.send(());
                }
            })
            .map_err(|error| StoreError::Unavailable(error.into()))?;
        Ok(Self {
            jobs,
            readers: Arc::default(),
            reading: Arc::new(Semaphore::new(READERS_MAX as usize)),
            path: path.to_owned(),
            surroundings,
        })
    }

    pub(crate) async fn write<W: Work<S>>(&self, work: W) -> Result<W::Output, W::Error> {
        let (reply, answer) = oneshot::channel();
        let unit = Unit {
            work,
            result: None,
            reply,
        };
        if self.jobs.send(Message::Job(Box::new(unit))).await.is_err() {
            return Err(closed().into());
        }
        answer.await.unwrap_or_else(|_| Err(closed().into()))
    }

    pub(crate) async fn read<W: Work<S>>(&self, work: W) -> Result<W::Output, W::Error> {
        let Ok(turn) = Arc::clone(&self.reading).acquire_owned().await else {
            return Err(closed().into());
        };
        let (readers, path, surroundings) = (
            Arc::clone(&self.readers),
            self.path.clone(),
            self.surroundings.clone(),
        );
        let done = tokio::task::spawn_blocking(move || {
            // Until the end, also where the caller has gone.
            let _turn = turn;
            let pooled = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match pooled {
                Some(connection) => connection,
                None => reader(&path)?,
            };
            connection.execute_batch("BEGIN").map_err(StoreError::from)?;
            let mut tx = Tx::new(Conn::lite(connection), surroundings);
            let result = run_now(tx::look(&work, &mut tx)).unwrap_or_else(|| Err(StoreError::Awaited.into()));
            if let Engine::Lite(connection, _) = tx.into_conn().engine {
                connection.execute_batch("COMMIT").map_err(StoreError::from)?;
                readers
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(connection);
            }
            result
        });
        done.await
            .unwrap_or_else(|error| Err(StoreError::Sql(error.into()).into()))
    }

    /// Finishes what waits, writes the log back into the file and closes it.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Message::Stop(done)).await.is_ok() {
            let _ = closed.await;
        }
        // Those who read now are waited for; whoever comes later finds no turn.
        let _turns = self.reading.acquire_many(READERS_MAX).await;
        self.reading.close();
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(PRAGMAS)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::default())?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

struct Writer<S> {
    tx: Tx<S>,
    inbox: mpsc::Receiver<Message<S>>,
    committed: watch::Sender<u64>,
}

impl<S: Owner> Writer<S> {
    /// Runs units until it is told to stop, and then says whom to tell; or until nobody can ask any more.
    fn run(&mut self) -> Option<oneshot::Sender<()>> {
        let mut waiting = Vec::with_capacity(UNITS_A_COMMIT_MAX);
        while let Some(first) = self.inbox.blocking_recv() {
            waiting.push(first);
            while waiting.len() < UNITS_A_COMMIT_MAX {
                let Ok(next) = self.inbox.try_recv() else { break };
                waiting.push(next);
            }
            let mut units = Vec::with_capacity(waiting.len());
            for message in waiting.drain(..) {
                match message {
                    Message::Job(job) => units.push(job),
                    Message::Stop(done) => {
                        self.commit_together(std::mem::take(&mut units));
                        return Some(done);
                    }
                }
            }
            self.commit_together(units);
        }
        None
    }

    fn commit_together(&mut self, units: Vec<Box<dyn Job<S>>>) {
        let mut open: Vec<Box<dyn Job<S>>> = Vec::with_capacity(units.len());
        let mut appended = false;
        for mut unit in units {
            match self.run_one(unit.as_mut()) {
                Ok(ran) => {
                    appended |= ran == Ran::Kept { appended: true };
                    open.push(unit);
                }
                Err(error) => {
                    // SQLite gave the whole transaction up (disk full, input or output error): with it went the
                    // units that ran before this one.
                    let error = Arc::new(error);
                    unit.answer(Err(Arc::clone(&error)));
                    for earlier in open.drain(..) {
                        earlier.answer(Err(Arc::clone(&error)));
                    }
                    self.batch("ROLLBACK").ok();
                    appended = false;
                }
            }
        }
        if open.is_empty() {
            return;
        }
        let outcome = self.commit(appended).map_err(Arc::new);
        for unit in open {
            unit.answer(outcome.clone());
        }
    }

    fn run_one(&mut self, unit: &mut dyn Job<S>) -> Result<Ran, StoreError> {
        if self.is_idle() {
            self.batch("BEGIN IMMEDIATE")?;
        }
        self.batch("SAVEPOINT unit")?;
        let ran = unit.run(&mut self.tx);
        if self.is_idle() {
            return Err(StoreError::Unavailable(
                "the engine rolled the transaction back".into(),
            ));
        }
        if ran == Ran::Undone {
            self.batch("ROLLBACK TO unit")?;
        }
        self.batch("RELEASE unit")?;
        Ok(ran)
    }

    fn commit(&mut self, appended: bool) -> Result<(), StoreError> {
        let faults = Arc::clone(&self.tx.surroundings().faults);
        // A COMMIT that failed in the middle of a flush may be found done when the log is read again.
        let done = faults.reach(S::NAME, Step::Commit).and_then(|()| {
            self.batch("COMMIT")
                .map_err(|error| StoreError::Unknown(error.into()))
        });
        if done.is_err() {
            self.batch("ROLLBACK").ok();
        }
        done?;
        if appended {
            self.committed.send_modify(|count| *count += 1);
        }
        // The rows are durable from here on: a fault now costs the answer, never the work.
        faults
            .reach(S::NAME, Step::Committed)
            .map_err(|error| StoreError::Unknown(error.into()))
    }

    fn is_idle(&self) -> bool {
        match &self.tx.engine {
            Engine::Lite(connection, _) => connection.is_autocommit(),
            Engine::Pg(_) => false,
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        if let Engine::Lite(connection, _) = &self.tx.engine {
            connection.prepare_cached(sql)?.raw_execute()?;
        }
        Ok(())
    }
}
