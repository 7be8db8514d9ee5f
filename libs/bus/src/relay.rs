//! The relay: the journal's chain, copied to the service's stream, in order and without a hole (D4).
//!
//! Position `k` of the chain is message `k` of the stream. So the stream's own end is the cursor: after a start, a
//! reconnect or any failure the relay looks at the end, and goes on from there. Each message expects the one before
//! it, so that a second relay, or a message of our own that comes late, is refused instead of stored twice.

use crate::lead::Lead;
use crate::publish;
use crate::stream::{self, StreamError, Tail};
use crate::{Connection, Progress};
use mz_contracts::Owner;
use mz_contracts::subject::Area;
use mz_store::{Db, Head, SealedRow, StoreError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Rows of other instances, and a stream that changed while nobody published, are seen within this time.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The server takes no more messages in one atomic batch (ADR-50).
pub(crate) const BATCH_MAX: u32 = 1_000;
/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Why the relay does not go on.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The database.
    #[error("the journal cannot be used")]
    Store(#[from] StoreError),
    /// The broker.
    #[error("the broker cannot be used")]
    Stream(#[from] StreamError),
    /// The stream ends with a message that the journal does not know at this place: the database was restored
    /// from an older backup, or another suite wrote here. Nothing is published until a person has decided.
    #[error(
        "stream {stream} holds {last} messages of another history; the journal has {head}: restore the newer \
         database, or remove the stream with `minzheng doctor --rebuild-stream {stream}`"
    )]
    OtherHistory {
        /// The stream.
        stream: &'static str,
        /// Its last sequence.
        last: u64,
        /// The journal's last position.
        head: u64,
    },
}

/// Copies one service's journal to its stream.
pub struct Relay<S> {
    db: Db<S>,
    connection: Connection,
    area: Area,
    lead: Lead<S>,
    progress: Progress,
}

/// What is known of the stream since the last look.
struct Cursor {
    position: u64,
    epoch: u64,
    looked: Instant,
}

/// What the end of a stream means for the journal.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// Go on after this position.
    GoOnAfter(u64),
    /// Messages are missing before the end: make the stream anew.
    Damaged,
    /// Not ours.
    Foreign,
}

fn meaning(tail: &Tail, head: &Head, at_tail: Option<&SealedRow>) -> Meaning {
    if tail.last > head.position {
        Meaning::Foreign
    } else if tail.has_holes() {
        Meaning::Damaged
    } else if tail.last == 0 {
        Meaning::GoOnAfter(0)
    } else if at_tail.is_some_and(|row| Some(row.row.id.as_str()) == tail.last_id.as_deref()) {
        Meaning::GoOnAfter(tail.last)
    } else {
        Meaning::Foreign
    }
}

impl<S: Owner> Relay<S> {
    /// A relay that works while its instance leads.
    pub fn new(db: Db<S>, connection: Connection, area: Area, lead: Lead<S>, progress: Progress) -> Self {
        Self {
            db,
            connection,
            area,
            lead,
            progress,
        }
    }

    /// Relays until `stop`, and then once more what is committed by then.
    pub async fn run(self, stop: CancellationToken) {
        let mut committed = self.db.committed();
        let mut reconnected = self.connection.reconnected();
        let mut cursor = None;
        let mut failures = 0_u32;
        loop {
            let stopping = stop.is_cancelled();
            reconnected.mark_unchanged();
            let outcome = tokio::select! {
                outcome = self.catch_up(&mut cursor) => outcome,
                // What was asked on the old connection is answered to nobody: the stream's end tells what was done.
                changed = reconnected.changed() => {
                    cursor = None;
                    if changed.is_err() { break }
                    continue;
                }
            };
            match outcome {
                Ok(()) => {
                    failures = 0;
                    self.progress.relay_is_well();
                    if stopping {
                        break;
                    }
                }
                Err(error) => {
                    cursor = None;
                    failures = failures.saturating_add(1);
                    self.report(&error, failures);
                    // Without a broker there is nothing more to be done; the journal keeps what it has.
                    if stopping || (stop.is_cancelled() && !self.connection.is_up()) {
                        break;
                    }
                }
            }
            let pause = if failures == 0 {
                LOOK_AGAIN
            } else {
                pause_after(failures)
            };
            tokio::select! {
                changed = committed.changed(), if failures == 0 => if changed.is_err() { break },
                changed = reconnected.changed() => {
                    cursor = None;
                    if changed.is_err() { break }
                }
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
        self.lead.give_back().await;
    }

    fn report(&self, error: &RelayError, failures: u32) {
        let text = mz_kernel::chain(error);
        // A broker that restarts is no news; one that stays away is.
        if failures == 3 {
            tracing::warn!(service = S::NAME, error = text, "the relay waits");
        }
        self.progress.relay_waits(text);
    }

    /// Seals what was committed and publishes what is sealed, until nothing is left.
    async fn catch_up(&self, cursor: &mut Option<Cursor>) -> Result<(), RelayError> {
        if !self.lead.held().await? {
            return self.stand_by().await;
        }
        loop {
            let (head, sealed) = match self.db.seal().await {
                // Another instance sealed first: its rows are as good as ours.
                Err(StoreError::Conflict { .. } | StoreError::Duplicate(_)) => continue,
                other => other?,
            };
            self.progress.sealed(head.position);
            let at = match cursor.take() {
                Some(known) if known.looked.elapsed() < LOOK_AGAIN || sealed > 0 => known,
                _ => self.look(&head).await?,
            };
            let at = cursor.insert(at);
            self.publish(at, head.position).await?;
            self.progress.relayed(at.position);
            if sealed == 0 {
                return Ok(());
            }
        }
    }

    /// Tells how far the instance that leads has come.
    async fn stand_by(&self) -> Result<(), RelayError> {
        let (head, _) = self.db.head().await?;
        let tail = stream::look::<S>(&self.connection, self.area).await?;
        self.progress.sealed(head.position);
        self.progress.relayed(tail.last);
        Ok(())
    }

    async fn look(&self, head: &Head) -> Result<Cursor, RelayError> {
        loop {
            let tail = stream::look::<S>(&self.connection, self.area).await?;
            let at_tail = match tail.last {
                0 => None,
                last => self.db.sealed_after(last - 1, 1).await?.pop(),
            };
            match meaning(&tail, head, at_tail.as_ref()) {
                Meaning::GoOnAfter(position) => {
                    let epoch = self.db.enter_epoch(&tail.created).await?;
                    if epoch.new && epoch.number > 1 {
                        tracing::warn!(
                            service = S::NAME,
                            epoch = epoch.number,
                            "the stream was lost; publishing again from the journal"
                        );
                    }
                    return Ok(Cursor {
                        position,
                        epoch: epoch.number,
                        looked: Instant::now(),
                    });
                }
                Meaning::Damaged => {
                    tracing::error!(
                        service = S::NAME,
                        stream = S::STREAM,
                        messages = tail.messages,
                        last = tail.last,
                        "messages are missing in the stream; making it anew from the journal"
                    );
                    stream::remove::<S>(&self.connection).await?;
                }
                Meaning::Foreign => {
                    return Err(RelayError::OtherHistory {
                        stream: S::STREAM,
                        last: tail.last,
                        head: head.position,
                    });
                }
            }
        }
    }

    async fn publish(&self, cursor: &mut Cursor, head: u64) -> Result<(), RelayError> {
        let mut rows = self.rows_between(cursor.position, head).await?;
        while let Some(last) = rows.last().map(|row| row.position) {
            // The next rows are read while the broker takes these.
            let (published, next) = tokio::join!(
                publish::rows::<S>(&self.db, &self.connection, self.area, cursor.epoch, &rows),
                self.rows_between(last, head),
            );
            published?;
            cursor.position = last;
            cursor.looked = Instant::now();
            self.progress.relayed(last);
            rows = next?;
        }
        Ok(())
    }

    /// The next rows to publish; none at the head.
    async fn rows_between(&self, position: u64, head: u64) -> Result<Vec<SealedRow>, StoreError> {
        if position < head {
            self.db.sealed_after(position, BATCH_MAX).await
        } else {
            Ok(Vec::new())
        }
    }
}

fn pause_after(failures: u32) -> Duration {
    Duration::from_millis(100)
        .saturating_mul(1 << failures.min(6))
        .min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(last: u64, messages: u64, last_id: Option<&str>) -> Tail {
        Tail {
            created: "then".into(),
            last,
            messages,
            first: u64::from(last > 0),
            last_id: last_id.map(Into::into),
        }
    }

    fn head(position: u64) -> Head {
        Head {
            position,
            hash: [0; 32],
        }
    }

    #[test]
    fn an_empty_stream_is_filled_from_the_start() {
        assert_eq!(meaning(&tail(0, 0, None), &head(7), None), Meaning::GoOnAfter(0));
    }

    #[test]
    fn a_stream_that_is_longer_than_the_journal_is_not_ours() {
        assert_eq!(meaning(&tail(8, 8, Some("x")), &head(7), None), Meaning::Foreign);
    }

    #[test]
    fn missing_messages_make_a_stream_anew() {
        assert_eq!(meaning(&tail(5, 4, Some("x")), &head(7), None), Meaning::Damaged);
        assert_eq!(meaning(&tail(5, 5, None), &head(7), None), Meaning::Damaged);
    }

    #[test]
    fn an_unknown_last_message_stops_the_relay() {
        assert_eq!(meaning(&tail(5, 5, Some("x")), &head(7), None), Meaning::Foreign);
    }
}
