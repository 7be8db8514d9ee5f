//! Which of several instances of a service relays its journal and reads the streams of others; the rest stand by.
//!
//! It saves work and noise, no more: the chain refuses a second relay and the gate drops what comes twice, so an
//! instance that was frozen and believes that it still leads does no harm.

use mz_contracts::Owner;
use mz_store::{Db, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long the lease lasts without being prolonged: so long nobody leads after a death.
const LEASE: Duration = Duration::from_secs(15);
/// Prolonged well before it runs out, and not with every event: it is a write like any other.
pub(crate) const PROLONG: Duration = Duration::from_secs(5);
/// The name of the lease in the service's database.
const NAME: &str = "lead";

/// An instance's part in the lead of its service. Its relay and its consumers share one; cheap to clone.
pub struct Lead<S> {
    db: Db<S>,
    instance: Arc<str>,
    since: Arc<Mutex<Option<Instant>>>,
}

impl<S> Clone for Lead<S> {
    fn clone(&self) -> Self {
        Self {
            db: self.db.clone(),
            instance: Arc::clone(&self.instance),
            since: Arc::clone(&self.since),
        }
    }
}

impl<S: Owner> Lead<S> {
    /// The part of `instance`, which must be the name of no other. It does not lead yet.
    pub fn new(db: &Db<S>, instance: &str) -> Self {
        Self {
            db: db.clone(),
            instance: instance.into(),
            since: Arc::default(),
        }
    }

    /// Whether this instance leads; it takes or prolongs the lease where that is due.
    pub(crate) async fn held(&self) -> Result<bool, StoreError> {
        let mut since = self.since.lock().await;
        if since.is_none_or(|since| since.elapsed() > PROLONG) {
            // Counted from before the question, so that it ends here no later than in the database.
            let asked = Instant::now();
            *since = None;
            if !self.db.hold_lease(NAME, &self.instance, LEASE).await? {
                return Ok(false);
            }
            *since = Some(asked);
        }
        Ok(true)
    }

    /// Gives the lead back: whoever takes over need not wait for the lease to run out.
    pub(crate) async fn give_back(&self) {
        if self.since.lock().await.take().is_some() {
            // Without a database nobody else can take it either.
            let _ = self.db.hold_lease(NAME, &self.instance, Duration::ZERO).await;
        }
    }
}
