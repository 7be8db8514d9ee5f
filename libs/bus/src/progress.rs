//! How far relay and consumers of a service have come: for health, for `simulate`, and for tests that wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// A snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The chain's last position that the relay has seen.
    pub sealed: u64,
    /// The stream's last message.
    pub relayed: u64,
    /// Why the relay does not go on; none while it is well.
    pub relay_waits: Option<String>,
    /// For each source service: up to which message of its stream everything is applied or parked.
    pub settled: BTreeMap<&'static str, u64>,
    /// For each source service: why its consumer does not go on.
    pub consumer_waits: BTreeMap<&'static str, String>,
}

/// Written by the relay and the consumers of one service, watched by anybody. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<watch::Sender<Snapshot>>);

impl Progress {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where things stand; waits for changes.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.0.subscribe()
    }

    pub(crate) fn sealed(&self, position: u64) {
        self.change(|s| std::mem::replace(&mut s.sealed, position) != position);
    }

    pub(crate) fn relayed(&self, position: u64) {
        self.change(|s| std::mem::replace(&mut s.relayed, position) != position);
    }

    pub(crate) fn relay_waits(&self, why: String) {
        self.change(|s| {
            s.relay_waits = Some(why);
            true
        });
    }

    pub(crate) fn relay_is_well(&self) {
        self.change(|s| s.relay_waits.take().is_some());
    }

    pub(crate) fn settled(&self, source: &'static str, position: u64) {
        self.change(|s| {
            let waited = s.consumer_waits.remove(source).is_some();
            s.settled.insert(source, position) != Some(position) || waited
        });
    }

    pub(crate) fn consumer_waits(&self, source: &'static str, why: String) {
        self.change(|s| {
            s.consumer_waits.insert(source, why);
            true
        });
    }

    pub(crate) fn consumer_is_well(&self, source: &'static str) {
        self.change(|s| s.consumer_waits.remove(source).is_some());
    }

    fn change(&self, apply: impl FnOnce(&mut Snapshot) -> bool) {
        self.0.send_if_modified(apply);
    }
}
