//! A durable consumer: one service reading the whole stream of another, for ever (D4).
//!
//! Messages are pulled, applied in stream order through the gate ([`crate::apply`]), and acknowledged after the
//! commit. What the database refuses for now is repeated; what an event itself makes impossible is parked.

use crate::apply::{Applied, Apply, Incoming, NotApplied, ParkReason, Unreadable};
use crate::durable::Reads;
use crate::lead::{Lead, PROLONG};
use crate::reactions::{ReactionError, Reactions};
use crate::stream::{StreamError, failed};
use crate::{Connection, Progress, parking};
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::{self, Message};
use futures::StreamExt as _;
use mz_contracts::{Owner, wire};
use mz_store::inbox::{self, Reading};
use mz_store::{Db, Step, StoreError, Tx, work};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Messages applied in one transaction at most.
pub(crate) const MESSAGES_A_COMMIT_MAX: u16 = 256;
/// How often an event that fails without the database being at fault is tried before it is parked.
const ATTEMPTS_MAX: u32 = 3;
const DELIVER: &str = "deliver messages";
/// What the broker sends to the old connection is lost: better to ask anew than to wait for what does not come.
const ANEW: &str = "the connection was made anew";
/// How often an instance that stands by looks whether the lead is free.
const STAND_BY: Duration = Duration::from_secs(1);
/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Reads the stream of one source for service `S`.
pub struct Consumer<S> {
    db: Db<S>,
    connection: Connection,
    reactions: Reactions<S>,
    source: &'static str,
    stream: &'static str,
    lead: Lead<S>,
    progress: Progress,
}

impl<S: Owner> Consumer<S> {
    /// A consumer for each service that the reactions listen to.
    pub fn all(
        db: &Db<S>,
        connection: &Connection,
        reactions: &Reactions<S>,
        lead: &Lead<S>,
        progress: &Progress,
    ) -> Vec<Self> {
        reactions
            .sources()
            .map(|(source, stream)| Self {
                db: db.clone(),
                connection: connection.clone(),
                reactions: reactions.clone(),
                source,
                stream,
                lead: lead.clone(),
                progress: progress.clone(),
            })
            .collect()
    }

    /// The name of its durable and of its inbox rows.
    pub fn reading(&self) -> Reading {
        Reading {
            consumer: S::NAME.to_owned(),
            source: self.source.to_owned(),
        }
    }

    /// Consumes while its instance leads, until `stop`; a message in hand is finished.
    pub async fn run(self, stop: CancellationToken) {
        self.read(&stop).await;
        self.lead.give_back().await;
    }

    async fn read(&self, stop: &CancellationToken) {
        let mut failures = 0_u32;
        loop {
            let followed = match self.leads().await {
                Ok(true) => self.follow(stop, &mut failures).await,
                Ok(false) => {
                    self.progress.consumer_is_well(self.source);
                    tokio::select! {
                        () = tokio::time::sleep(STAND_BY) => continue,
                        () = stop.cancelled() => return,
                    }
                }
                Err(error) => Err(failed("be followed")(error)),
            };
            match followed {
                Ok(()) => return,
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let text = mz_kernel::chain(&error);
                    if failures == 5 {
                        tracing::warn!(
                            service = S::NAME,
                            source = self.source,
                            error = text,
                            "the consumer waits"
                        );
                    }
                    self.progress.consumer_waits(self.source, text);
                    tokio::select! {
                        () = tokio::time::sleep(pause_after(failures)) => {}
                        () = stop.cancelled() => return,
                    }
                }
            }
        }
    }

    /// Whether it is this instance that reads. How far the reading has come is told either way.
    async fn leads(&self) -> Result<bool, StoreError> {
        self.progress.settled(self.source, self.known().await?);
        self.lead.held().await
    }

    /// The position up to which our own database has settled everything.
    async fn known(&self) -> Result<u64, StoreError> {
        let reading = self.reading();
        let settled = work(move |tx: &mut Tx<S>| {
            let reading = reading.clone();
            Box::pin(async move { inbox::settled(tx, &reading).await })
        });
        self.db.read(settled).await
    }

    async fn follow(&self, stop: &CancellationToken, failures: &mut u32) -> Result<(), StreamError> {
        let mut reconnected = self.connection.reconnected();
        reconnected.mark_unchanged();
        let opened = tokio::select! {
            opened = self.messages() => opened,
            _ = reconnected.changed() => Err(failed(DELIVER)(ANEW)),
            () = stop.cancelled() => return Ok(()),
        };
        let (messages, mut next) = opened?;
        // A quiet source sends nothing for hours: that it can be read is enough to be well.
        self.progress.consumer_is_well(self.source);
        let mut chunks = messages.ready_chunks(MESSAGES_A_COMMIT_MAX.into());
        let mut prolong = tokio::time::interval(PROLONG);
        loop {
            let chunk = tokio::select! {
                chunk = chunks.next() => chunk,
                _ = prolong.tick() => {
                    if !self.lead.held().await.map_err(failed("be followed"))? {
                        return Err(failed(DELIVER)("another instance took over"));
                    }
                    continue;
                }
                _ = reconnected.changed() => return Err(failed(DELIVER)(ANEW)),
                () = stop.cancelled() => return Ok(()),
            };
            let chunk = chunk.ok_or_else(|| failed(DELIVER)("the subscription ended"))?;
            let mut batch = Vec::with_capacity(chunk.len());
            let mut broken = None;
            for message in chunk {
                match message {
                    Ok(message) => batch.push(message),
                    Err(error) => {
                        broken = Some(error);
                        break;
                    }
                }
            }
            if !batch.is_empty() {
                next = self.settle(batch, next, stop).await?;
                *failures = 0;
            }
            // A missing heartbeat may mean a quiet broker or a lost stream: opening anew finds out.
            if let Some(error) = broken {
                return Err(failed(DELIVER)(error));
            }
        }
    }

    /// The durable's messages, and the position of the first of them.
    async fn messages(&self) -> Result<(pull::Stream, u64), StreamError> {
        let known = self.known().await.map_err(failed("match the inbox"))?;
        let reads = Reads {
            connection: &self.connection,
            consumer: S::NAME,
            source: self.source,
            stream: self.stream,
        };
        let (durable, next) = reads.durable(known).await?;
        let messages = durable
            .stream()
            .max_messages_per_batch(MESSAGES_A_COMMIT_MAX.into())
            .expires(Duration::from_secs(10))
            .heartbeat(Duration::from_secs(2))
            .messages()
            .await
            .map_err(failed(DELIVER))?;
        Ok((messages, next))
    }

    /// Applies or parks each message, and then acknowledges. Answers the position that comes next.
    async fn settle(
        &self,
        batch: Vec<Message>,
        next: u64,
        stop: &CancellationToken,
    ) -> Result<u64, StreamError> {
        let faults = &self.db.surroundings().faults;
        faults
            .reach(S::NAME, Step::Receive)
            .map_err(failed("get past the receiving"))?;
        let incoming = batch
            .iter()
            .map(incoming)
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed("number a message"))?;
        // A stream of events has no holes: whatever was jumped over was delivered to somebody and not settled.
        let position = incoming
            .iter()
            .try_fold(next.saturating_sub(1), |before, message| {
                (message.position <= before + 1).then_some(before.max(message.position))
            })
            .ok_or_else(|| {
                failed("deliver messages in order")(format!("a message after {} is missing", next - 1))
            })?;
        // One acknowledgement stands for all before it. What comes again comes behind newer ones, so the last of the
        // batch need not be the newest.
        let newest = (0..batch.len()).max_by_key(|at| incoming.get(*at).map(|message| message.position));
        let applied = self.apply(incoming, stop).await.map_err(failed("be followed"))?;
        faults
            .reach(S::NAME, Step::Applied)
            .map_err(failed("get past the applying"))?;
        // Only now, after the commit. If this is lost the messages come again, and the gate drops them.
        if let Some(newest) = newest.and_then(|at| batch.get(at)) {
            newest.ack().await.map_err(failed("take an acknowledgement"))?;
        }
        faults
            .reach(S::NAME, Step::Acknowledged)
            .map_err(failed("get past the acknowledging"))?;
        tracing::debug!(
            service = S::NAME,
            source = self.source,
            position,
            ?applied,
            "settled"
        );
        self.progress.settled(self.source, position);
        Ok(position + 1)
    }

    /// All in one transaction; if that fails, one by one, so that only what fails is parked.
    async fn apply(&self, messages: Vec<Incoming>, stop: &CancellationToken) -> Result<Applied, StoreError> {
        match self.try_apply(messages.clone(), None, true).await {
            Ok(applied) => return Ok(applied),
            Err(NotApplied {
                error: ReactionError::Store(error),
                ..
            }) if error.is_transient() => return Err(error),
            Err(_) => {}
        }
        let mut total = Applied::default();
        for message in messages {
            let one = self.apply_one(message, stop).await?;
            total.passed += one.passed;
            total.repeated += one.repeated;
            total.parked += one.parked;
        }
        Ok(total)
    }

    async fn apply_one(&self, message: Incoming, stop: &CancellationToken) -> Result<Applied, StoreError> {
        let mut attempt = 0;
        let error = loop {
            attempt += 1;
            match self.try_apply(vec![message.clone()], None, true).await {
                Ok(applied) => return Ok(applied),
                Err(NotApplied {
                    error: ReactionError::Store(error),
                    ..
                }) if error.is_transient() => {
                    return Err(error);
                }
                Err(NotApplied { waited: true, .. }) => return self.apply_alone(message).await,
                Err(NotApplied {
                    error: ReactionError::Store(error),
                    ..
                }) if attempt < ATTEMPTS_MAX => tokio::select! {
                    () = tokio::time::sleep(pause_after(attempt)) => {}
                    // It comes again, and is tried as often as any other.
                    () = stop.cancelled() => return Err(error),
                },
                Err(NotApplied { error, .. }) => break error,
            }
        };
        let reason = ParkReason {
            code: error.code(),
            detail: mz_kernel::chain(&error),
        };
        tracing::error!(
            service = S::NAME,
            source = self.source,
            position = message.position,
            reason = reason.detail,
            "an event could not be applied and is parked"
        );
        self.try_apply(vec![message], Some(reason), false)
            .await
            .map_err(stored)
    }

    /// Applies an event without those that waited for it, and then as many of them as can be: one that fails must
    /// not keep an earlier one out.
    async fn apply_alone(&self, message: Incoming) -> Result<Applied, StoreError> {
        let aggregate = message
            .content
            .as_ref()
            .ok()
            .map(|envelope| envelope.subject.clone());
        let mut applied = self.try_apply(vec![message], None, false).await.map_err(stored)?;
        if let Some(aggregate) = aggregate {
            match parking::retry(&self.db, &self.reactions, &self.reading(), &aggregate).await {
                Ok(released) => applied.passed += released,
                Err(ReactionError::Store(error)) if error.is_transient() => return Err(error),
                Err(error) => tracing::error!(
                    service = S::NAME,
                    source = self.source,
                    reason = mz_kernel::chain(&error),
                    "an event that had waited could not be applied and stays parked"
                ),
            }
        }
        Ok(applied)
    }

    async fn try_apply(
        &self,
        messages: Vec<Incoming>,
        park: Option<ParkReason>,
        release: bool,
    ) -> Result<Applied, NotApplied> {
        let (reading, reactions) = (self.reading(), self.reactions.clone());
        let _passed = self.reactions.pause().passed().await;
        self.db
            .write(Apply {
                reading,
                reactions,
                messages,
                park,
                release,
            })
            .await
    }
}

/// The failure of what only writes to the store.
fn stored(failure: NotApplied) -> StoreError {
    match failure.error {
        ReactionError::Store(error) => error,
        other => StoreError::Sql(other.into()),
    }
}

fn incoming(message: &Message) -> Result<Incoming, async_nats::Error> {
    let position = jetstream::Message::info(message)?.stream_sequence;
    let headers = message.headers.iter().flat_map(|headers| {
        headers.iter().flat_map(|(name, values)| {
            values
                .iter()
                .map(move |value| (AsRef::as_ref(name), value.as_str()))
        })
    });
    let content = wire::read_binary(headers, &message.payload)
        .map(|(envelope, _)| envelope)
        .map_err(|error| Unreadable {
            why: mz_kernel::chain(&error),
            payload: String::from_utf8_lossy(&message.payload).into_owned(),
        });
    Ok(Incoming { position, content })
}

fn pause_after(failures: u32) -> Duration {
    Duration::from_millis(50)
        .saturating_mul(1 << failures.min(7))
        .min(PAUSE_MAX)
}
