//! A unit of work: what runs inside one transaction, and the transaction as the work sees it.

use crate::conn::Conn;
use crate::journal::Entry;
use crate::{Faults, StoreError};
use futures::future::BoxFuture;
use mz_contracts::{Actor, Owner, PublishedBy};
use mz_kernel::{Date, EventId, Id, IdSource, LegalClock, Stamp, SystemClock, Trace};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// One use case inside one transaction: it loads, decides, saves and emits.
///
/// It awaits nothing but its [`Tx`], and may be run again from the start (on PostgreSQL after a serialisation
/// failure), so that it must not change anything outside the transaction. `S` is the service that owns the store.
pub trait Work<S>: Send + Sync + 'static {
    /// What the caller is told.
    type Output: Send + 'static;
    /// Why nothing was done.
    type Error: From<StoreError> + Send + 'static;

    /// Runs the work once. When it answers `Err`, everything that it wrote is undone.
    fn run(&self, tx: &mut Tx<S>) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

/// A closure as [`Work`], for reads and for the few writes that are no use case of their own.
pub fn work<S, T, E, F>(run: F) -> impl Work<S, Output = T, Error = E>
where
    S: Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'t> Fn(&'t mut Tx<S>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
{
    Closure {
        run,
        types: PhantomData::<fn() -> (S, T, E)>,
    }
}

struct Closure<F, P> {
    run: F,
    types: PhantomData<P>,
}

impl<S, T, E, F> Work<S> for Closure<F, fn() -> (S, T, E)>
where
    S: Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'t> Fn(&'t mut Tx<S>) -> BoxFuture<'t, Result<T, E>> + Send + Sync + 'static,
{
    type Output = T;
    type Error = E;
    fn run(&self, tx: &mut Tx<S>) -> impl Future<Output = Result<T, E>> + Send {
        (self.run)(tx)
    }
}

/// What every transaction of a service shares.
#[derive(Clone)]
pub struct Surroundings {
    /// Dates and deadlines (D11).
    pub legal: Arc<dyn LegalClock>,
    /// When something was recorded.
    pub system: Arc<dyn SystemClock>,
    /// New ids.
    pub ids: Arc<IdSource>,
    /// Faults that a test asked for.
    pub faults: Arc<dyn Faults>,
    last: Arc<AtomicI64>,
}

impl Surroundings {
    /// Surroundings whose recorded instants start at the system clock's.
    pub fn new(
        legal: Arc<dyn LegalClock>,
        system: Arc<dyn SystemClock>,
        ids: Arc<IdSource>,
        faults: Arc<dyn Faults>,
    ) -> Self {
        Self {
            legal,
            system,
            ids,
            faults,
            last: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// The next recorded instant: the system clock's, but always later than the one before, so that a clock that
    /// is set back never makes a later fact older than an earlier one.
    pub(crate) fn tick(&self) -> Stamp {
        let now = self.system.now().as_micros();
        let before = self
            .last
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| {
                Some(now.max(last.saturating_add(1)))
            })
            .unwrap_or(now);
        Stamp::from_micros(now.max(before.saturating_add(1)))
    }

    pub(crate) fn not_before(&self, recorded: Stamp) {
        self.last.fetch_max(recorded.as_micros(), Ordering::SeqCst);
    }
}

/// Bytes of an event's data at most: half of what the broker takes in one message. A larger one could never be
/// published, and with it nothing that comes after it.
const EVENT_BYTES_MAX: usize = 512 * 1024;

/// Who caused an event, and in the course of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// An officer, or the suite where a rule acted by itself.
    pub actor: Actor,
    /// Ties together everything that one request or one fact led to.
    pub correlation: String,
    /// The event that this one answers.
    pub causation: Option<EventId>,
    /// The operation that causes it, for those who watch.
    pub trace: Option<Trace>,
}

/// An open transaction of service `S`.
pub struct Tx<S> {
    conn: Conn,
    surroundings: Surroundings,
    now: Stamp,
    pub(crate) entries: Vec<Entry>,
    owner: PhantomData<fn() -> S>,
}

impl<S> Tx<S> {
    pub(crate) fn new(conn: Conn, surroundings: Surroundings) -> Self {
        Self {
            conn,
            surroundings,
            now: Stamp::from_micros(0),
            entries: Vec::new(),
            owner: PhantomData,
        }
    }

    /// Prepares the transaction for the next unit of work.
    pub(crate) fn begin_unit(&mut self) {
        self.now = self.surroundings.tick();
        self.entries.clear();
        (self.conn.failed, self.conn.unordered) = (false, false);
    }

    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The faults that a test asked for.
    pub fn faults(&self) -> &dyn Faults {
        &*self.surroundings.faults
    }

    pub(crate) fn into_conn(self) -> Conn {
        self.conn
    }

    /// The instant that this unit of work records: one for all that it writes.
    pub fn now(&self) -> Stamp {
        self.now
    }

    /// The legal date.
    pub fn today(&self) -> Date {
        self.surroundings.legal.today()
    }

    /// A new id.
    pub fn new_id<I: Id>(&self) -> I {
        self.surroundings.ids.next(self.now)
    }
}

impl<S: Owner> Tx<S> {
    /// Appends an event to the journal when the work succeeds; from there the relay publishes it.
    /// Only the service that owns the event's type can do this: anything else does not compile.
    pub fn emit<E: PublishedBy<S>>(&mut self, origin: &Origin, event: &E) -> Result<EventId, StoreError> {
        let data = serde_json::to_string(event).map_err(StoreError::Encoding)?;
        if data.len() > EVENT_BYTES_MAX {
            return Err(StoreError::EventTooLarge {
                ty: E::TYPE,
                bytes: data.len(),
            });
        }
        let id: EventId = self.new_id();
        self.entries.push(Entry {
            id,
            aggregate: event.key(),
            ty: E::TYPE,
            division: event.division().to_string(),
            legal_date: self.today(),
            origin: origin.clone(),
            data,
        });
        Ok(id)
    }
}

impl<S> Deref for Tx<S> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl<S> DerefMut for Tx<S> {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// Runs a unit of work that only reads.
pub(crate) async fn look<S, W>(work: &W, tx: &mut Tx<S>) -> Result<W::Output, W::Error>
where
    S: Owner,
    W: Work<S>,
{
    tx.begin_unit();
    let output = work.run(tx).await?;
    if tx.failed {
        return Err(StoreError::WentOn.into());
    }
    Ok(output)
}

/// Runs a unit of work and writes its journal entries; commits nothing.
pub(crate) async fn perform<S, W>(work: &W, tx: &mut Tx<S>) -> Result<(W::Output, bool), W::Error>
where
    S: Owner,
    W: Work<S>,
{
    let output = look(work, tx).await?;
    let appended = !tx.entries.is_empty();
    crate::journal::append(tx).await?;
    Ok((output, appended))
}
