//! The one way to poll.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

/// Between two looks, at first; then twice as long each time, up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(100);

/// Asks until the answer is `Ok` and returns it; an `Err` says how far things are. Fails when the deadline passes,
/// with what was waited for and the last status. A look that hangs counts, too.
///
/// For what cannot be awaited as an event; such as another process's files, or a broker that comes back.
pub async fn eventually<T>(
    what: &str,
    deadline: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let end = Instant::now() + deadline;
    let mut pause = FIRST;
    let mut last = "not one look was finished".to_owned();
    while let Ok(status) = timeout_at(end, look()).await {
        match status {
            Ok(found) => return found,
            Err(status) => last = status,
        }
        if timeout_at(end, sleep(pause)).await.is_err() {
            break;
        }
        pause = (pause * 2).min(LONGEST);
    }
    panic!("{what}: not within {deadline:?}; last status: {last}");
}
