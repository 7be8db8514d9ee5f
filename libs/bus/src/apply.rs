//! The gate (D4): each event of an aggregate takes effect once and in order, whatever the broker delivers.
//!
//! Several messages are applied in one transaction with the inbox rows that remember them. An event whose number is
//! not the next one is dropped (seen before) or parked (something before it is missing or parked). What one event's
//! failure may hold up is its own aggregate, and nothing else.

use crate::reactions::{Handling, ReactionError, Reactions};
use mz_contracts::{Actor, Envelope, Owner, subject, wire};
use mz_store::inbox::{self, Parked, Reading};
use mz_store::{Conn, Origin, Step, StoreError, Tx, Work};
use mz_trace::spans;
use std::collections::{BTreeMap, BTreeSet};
use tracing::{Instrument as _, Span};

/// A message as it came from the stream.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    /// Its place in the stream.
    pub(crate) position: u64,
    /// The event, or why it cannot be read with the payload as text.
    pub(crate) content: Result<Envelope, Unreadable>,
}

#[derive(Debug, Clone)]
pub(crate) struct Unreadable {
    pub(crate) why: String,
    pub(crate) payload: String,
}

/// Why an event is parked, when it is not the event's own doing.
#[derive(Debug, Clone, Copy)]
enum Wait {
    Behind,
    Gap,
}

/// Applies messages in one transaction. If one of them fails, none is applied, and the error says which.
pub(crate) struct Apply<S> {
    pub(crate) reading: Reading,
    pub(crate) reactions: Reactions<S>,
    pub(crate) messages: Vec<Incoming>,
    /// Parks the only message with this reason instead of applying it.
    pub(crate) park: Option<ParkReason>,
    /// Whether what waited for a message is applied with it. One that fails then fails all.
    pub(crate) release: bool,
}

/// Why none of the messages was applied.
#[derive(Debug)]
pub(crate) struct NotApplied {
    pub(crate) error: ReactionError,
    /// It was not a message itself that failed, but a parked event that had waited for one.
    pub(crate) waited: bool,
}

impl From<StoreError> for NotApplied {
    fn from(error: StoreError) -> Self {
        ReactionError::from(error).into()
    }
}

impl From<ReactionError> for NotApplied {
    fn from(error: ReactionError) -> Self {
        Self { error, waited: false }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct ParkReason {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

/// What became of the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) passed: u64,
    pub(crate) repeated: u64,
    pub(crate) parked: u64,
}

impl<S: Owner> Work<S> for Apply<S> {
    type Output = Applied;
    type Error = NotApplied;

    async fn run(&self, tx: &mut Tx<S>) -> Result<Applied, NotApplied> {
        let mut gate = Gate::open(tx, &self.reading, &self.messages).await?;
        let mut done = Applied::default();
        for message in &self.messages {
            match (&message.content, &self.park) {
                (Err(unreadable), _) => {
                    park_unreadable(tx, &self.reading, message.position, unreadable, &mut done).await?;
                }
                (Ok(envelope), Some(reason)) => {
                    self.park(tx, &mut gate, envelope, reason.code, &reason.detail)
                        .await?;
                    done.parked += 1;
                }
                (Ok(envelope), None) => self.pass(tx, &mut gate, envelope, &mut done).await?,
            }
        }
        gate.close(tx, &self.reading, &self.messages).await?;
        tx.faults().reach(S::NAME, Step::Apply)?;
        Ok(done)
    }
}

impl<S: Owner> Apply<S> {
    async fn pass(
        &self,
        tx: &mut Tx<S>,
        gate: &mut Gate,
        envelope: &Envelope,
        done: &mut Applied,
    ) -> Result<(), NotApplied> {
        let next = gate.next(&envelope.subject);
        if envelope.sequence < next {
            done.repeated += 1;
            return Ok(());
        }
        let blocked = gate.blocked.contains(&envelope.subject);
        if blocked && inbox::is_parked(tx, &self.reading, &envelope.subject, envelope.sequence).await? {
            // Parked when it came before: the reason that stands there is the true one.
            done.repeated += 1;
            return Ok(());
        }
        let wait = match (envelope.sequence > next, blocked) {
            (false, true) if !gate.fills_gap(tx, &self.reading, envelope).await? => Some(Wait::Behind),
            (false, _) => None,
            (true, true) => Some(Wait::Behind),
            (true, false) => Some(Wait::Gap),
        };
        match wait {
            None => {
                react(tx, &self.reactions, envelope).await?;
                gate.passed(envelope);
                done.passed += 1;
                if blocked && self.release {
                    let released = release(tx, &self.reading, &self.reactions, gate, &envelope.subject).await;
                    done.passed += released.map_err(|error| NotApplied { error, waited: true })?;
                }
            }
            Some(Wait::Behind) => {
                self.park(
                    tx,
                    gate,
                    envelope,
                    "behind",
                    "an earlier event of this aggregate is parked",
                )
                .await?;
                done.parked += 1;
            }
            Some(Wait::Gap) => {
                let detail = format!("event {next} of this aggregate has not come yet");
                self.park(tx, gate, envelope, "gap", &detail).await?;
                done.parked += 1;
            }
        }
        Ok(())
    }

    async fn park(
        &self,
        tx: &mut Tx<S>,
        gate: &mut Gate,
        envelope: &Envelope,
        code: &str,
        detail: &str,
    ) -> Result<(), ReactionError> {
        let parked = Parked {
            consumer: self.reading.consumer.clone(),
            source: self.reading.source.clone(),
            aggregate: envelope.subject.clone(),
            sequence: i64::try_from(envelope.sequence).unwrap_or(i64::MAX),
            event: envelope.id.to_string(),
            reason: code.to_owned(),
            detail: detail.to_owned(),
            envelope: wire::structured(envelope).map_err(StoreError::Encoding)?,
            attempts: 1,
            parked_at: tx.now(),
        };
        inbox::park(tx, &parked).await?;
        gate.blocked.insert(envelope.subject.clone());
        Ok(())
    }
}

async fn park_unreadable<S>(
    tx: &mut Tx<S>,
    reading: &Reading,
    position: u64,
    unreadable: &Unreadable,
    done: &mut Applied,
) -> Result<(), StoreError> {
    let aggregate = format!("message-{position}");
    if inbox::is_parked(tx, reading, &aggregate, 0).await? {
        done.repeated += 1;
        return Ok(());
    }
    let parked = Parked {
        consumer: reading.consumer.clone(),
        source: reading.source.clone(),
        aggregate,
        sequence: 0,
        event: String::new(),
        reason: "unreadable".to_owned(),
        detail: unreadable.why.clone(),
        // PostgreSQL's text takes every character but this one.
        envelope: unreadable.payload.replace('\0', "\u{fffd}"),
        attempts: 1,
        parked_at: tx.now(),
    };
    done.parked += 1;
    inbox::park(tx, &parked).await
}

/// Runs the reaction to an event, if there is one.
async fn react<S: Owner>(
    tx: &mut Tx<S>,
    reactions: &Reactions<S>,
    envelope: &Envelope,
) -> Result<(), ReactionError> {
    let handling: Handling<S> = reactions.handling(&envelope.event_type);
    let witness = reactions.witness();
    let span = match envelope.trace {
        Some(written) if witness.is_some() || matches!(handling, Handling::React(_)) => {
            spans::process(&spans::Message {
                consumer: S::NAME,
                subject: &subject::of_envelope(envelope).unwrap_or_default(),
                id: envelope.id.as_str(),
                written,
            })
        }
        _ => Span::none(),
    };
    let origin = Origin {
        actor: Actor::System,
        correlation: envelope.correlation.clone(),
        causation: Some(envelope.id),
        trace: spans::place(&span).or(envelope.trace),
    };
    let reacting = async {
        if let Some(witness) = witness {
            witness.apply(tx, envelope, &origin).await?;
        }
        handling.run(tx, envelope, &origin).await
    };
    reacting.instrument(span).await
}

/// Applies what is parked for an aggregate, for as long as it is next; answers how many.
async fn release<S: Owner>(
    tx: &mut Tx<S>,
    reading: &Reading,
    reactions: &Reactions<S>,
    gate: &mut Gate,
    aggregate: &str,
) -> Result<u64, ReactionError> {
    let mut released = 0;
    while release_next(tx, reading, reactions, gate, aggregate).await? {
        released += 1;
    }
    Ok(released)
}

/// Applies the first event that is parked for an aggregate if it is next; answers whether it was.
pub(crate) async fn release_next<S: Owner>(
    tx: &mut Tx<S>,
    reading: &Reading,
    reactions: &Reactions<S>,
    gate: &mut Gate,
    aggregate: &str,
) -> Result<bool, ReactionError> {
    let Some(parked) = inbox::next_parked(tx, reading, aggregate).await? else {
        gate.blocked.remove(aggregate);
        return Ok(false);
    };
    let sequence = u64::try_from(parked.sequence).unwrap_or_default();
    if sequence > gate.next(aggregate) {
        return Ok(false);
    }
    let envelope = wire::read_structured(&parked.envelope)
        .map_err(|error| ReactionError::Refused(mz_kernel::chain(&error)))?;
    // What was applied meanwhile by a replay is only taken out.
    if sequence == gate.next(aggregate) {
        react(tx, reactions, &envelope).await?;
        gate.passed(&envelope);
    }
    inbox::unpark(tx, &parked).await?;
    Ok(true)
}

/// Where the aggregates of some messages stand.
pub(crate) struct Gate {
    last: BTreeMap<String, u64>,
    moved: BTreeSet<String>,
    pub(crate) blocked: BTreeSet<String>,
}

impl Gate {
    async fn open(conn: &mut Conn, reading: &Reading, messages: &[Incoming]) -> Result<Self, StoreError> {
        let aggregates: BTreeSet<&str> = messages
            .iter()
            .filter_map(|m| m.content.as_ref().ok())
            .map(|e| e.subject.as_str())
            .collect();
        Ok(Self {
            last: inbox::positions(conn, reading, aggregates).await?,
            moved: BTreeSet::new(),
            blocked: inbox::blocked(conn, reading).await?,
        })
    }

    /// The gate of one aggregate.
    pub(crate) async fn of(conn: &mut Conn, reading: &Reading, aggregate: &str) -> Result<Self, StoreError> {
        Ok(Self {
            last: inbox::positions(conn, reading, [aggregate]).await?,
            moved: BTreeSet::new(),
            blocked: BTreeSet::new(),
        })
    }

    fn next(&self, aggregate: &str) -> u64 {
        self.last.get(aggregate).copied().unwrap_or(0) + 1
    }

    fn passed(&mut self, envelope: &Envelope) {
        self.last.insert(envelope.subject.clone(), envelope.sequence);
        self.moved.insert(envelope.subject.clone());
    }

    /// Whether everything that is parked for the aggregate comes after this event.
    async fn fills_gap(
        &self,
        conn: &mut Conn,
        reading: &Reading,
        envelope: &Envelope,
    ) -> Result<bool, StoreError> {
        let first = inbox::next_parked(conn, reading, &envelope.subject).await?;
        Ok(first.is_none_or(|parked| u64::try_from(parked.sequence).unwrap_or(0) > envelope.sequence))
    }

    /// Writes the inbox rows of what passed.
    pub(crate) async fn save(&self, conn: &mut Conn, reading: &Reading) -> Result<(), StoreError> {
        let moved = self
            .last
            .iter()
            .filter(|(aggregate, _)| self.moved.contains(*aggregate));
        let moved = moved.map(|(aggregate, n)| (aggregate.clone(), *n)).collect();
        inbox::advance(conn, reading, &moved).await
    }

    async fn close(
        &self,
        conn: &mut Conn,
        reading: &Reading,
        messages: &[Incoming],
    ) -> Result<(), StoreError> {
        self.save(conn, reading).await?;
        let Some(last) = messages.iter().map(|m| m.position).max() else {
            return Ok(());
        };
        // After a replay the stream starts again at 1: positions that were settled stay settled.
        if last > inbox::settled(conn, reading).await? {
            inbox::settle(conn, reading, last).await?;
        }
        Ok(())
    }
}
