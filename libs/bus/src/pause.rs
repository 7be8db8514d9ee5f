//! Holding every consumer of a bureau still, so that what several services took in can be looked at together.

use std::sync::Arc;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock, RwLockReadGuard};

/// Shared by all services of one process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Pause(Arc<RwLock<()>>);

/// While it is held, no event is applied anywhere. Commands go on.
#[derive(Debug)]
pub struct Still(#[expect(dead_code, reason = "held for what its drop does")] OwnedRwLockWriteGuard<()>);

impl Pause {
    /// Waits until what is being applied is committed, and holds all that comes.
    pub async fn hold(&self) -> Still {
        Still(Arc::clone(&self.0).write_owned().await)
    }

    /// Whoever applies an event keeps this until it is committed.
    pub(crate) async fn passed(&self) -> RwLockReadGuard<'_, ()> {
        self.0.read().await
    }
}
