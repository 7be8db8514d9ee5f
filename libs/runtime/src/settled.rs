//! When a suite has come to rest.

use crate::{Health, Part};
use futures::future::{select_all, try_join_all};
use mz_store::StoreError;
use std::collections::BTreeMap;

/// Waits until each of these services has sealed and relayed all that it committed, and has settled all that the
/// others of them relayed, and that their consumers can go on; woken by what happens, not by polling. A source that
/// is not among them is not waited for.
pub async fn settled(parts: &[&dyn Part]) -> Result<(), StoreError> {
    let mut watches: Vec<_> = parts.iter().map(|part| part.progress()).collect();
    loop {
        for watch in &mut watches {
            watch.mark_unchanged();
        }
        let first = look(parts).await?;
        // A reaction that committed between the look at the chain and the look at the inbox shows at the second.
        if is_settled(parts, &first) && heads(&look(parts).await?) == heads(&first) {
            return Ok(());
        }
        if watches.is_empty() {
            return Ok(());
        }
        // A sender that is gone belongs to a part that is stopping: look again.
        let _ = select_all(watches.iter_mut().map(|watch| Box::pin(watch.changed()))).await;
    }
}

async fn look(parts: &[&dyn Part]) -> Result<Vec<Health>, StoreError> {
    try_join_all(parts.iter().map(|part| part.health())).await
}

fn heads(all: &[Health]) -> Vec<(u64, u64)> {
    all.iter()
        .map(|health| (health.sealed, health.unsealed))
        .collect()
}

fn is_settled(parts: &[&dyn Part], all: &[Health]) -> bool {
    let sealed: BTreeMap<_, _> = all.iter().map(|health| (health.service, health.sealed)).collect();
    let read = |part: &&dyn Part, health: &Health| {
        part.sources().into_iter().all(|source| match sealed.get(source) {
            Some(position) => {
                health.settled.get(source) == Some(position) && !health.consumer_waits.contains_key(source)
            }
            None => true,
        })
    };
    all.iter()
        .zip(parts)
        .all(|(health, part)| health.unsealed == 0 && health.relayed == health.sealed && read(part, health))
}
