//! Publishing sealed rows: a few one by one, many in an atomic batch, always chained to the message before.
//!
//! With `sync_interval: always` a single message costs the broker one flush, and an atomic batch (ADR-50) costs one
//! for all: above some seventeen rows the batch is faster, and twelve times so at a thousand.

use crate::Connection;
use crate::stream::{StreamError, failed};
use async_nats::header::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use mz_contracts::subject::{self, Area};
use mz_contracts::{Envelope, Owner, wire};
use mz_kernel::Trace;
use mz_store::{Db, SealedRow, Step, StoreError};
use mz_trace::spans;
use serde::Deserialize;
use std::time::Duration;
use tracing::Instrument as _;

use crate::relay::RelayError;

/// From this many rows on a batch is cheaper than single messages.
const BATCH_FROM: usize = 17;
/// Bytes of one batch at most: what the server holds in memory until the commit.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A batch of a thousand takes some 20 ms; a disk under load takes longer.
const BATCH_ANSWER: Duration = Duration::from_secs(20);

struct Message {
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
}

/// Publishes rows that follow one another; when it answers `Ok` the stream ends with the last of them.
/// After an error the stream may hold some of them: look at its end.
pub(crate) async fn rows<S: Owner>(
    db: &Db<S>,
    connection: &Connection,
    area: Area,
    epoch: u64,
    rows: &[SealedRow],
) -> Result<(), RelayError> {
    let faults = &db.surroundings().faults;
    // Each message is made when it is sent: the broker is busy with the ones before meanwhile.
    let make = |row: &SealedRow| message::<S>(area, epoch, row);
    let mut rest = rows;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take_while(|sealed| {
            bytes += sealed.row.data.len();
            bytes <= BATCH_BYTES_MAX
        });
        let (now, later) = rest.split_at(fits.count().max(1));
        faults.reach(S::NAME, Step::Publish)?;
        if now.len() < BATCH_FROM {
            singly::<S>(connection, make, now).await?;
        } else {
            let span = spans::publish_batch(S::STREAM, now.iter().map(written));
            together::<S>(connection, make, now).instrument(span).await?;
        }
        faults.reach(S::NAME, Step::Published)?;
        rest = later;
    }
    Ok(())
}

async fn singly<S: Owner>(
    connection: &Connection,
    make: impl Fn(&SealedRow) -> Result<Message, RelayError>,
    rows: &[SealedRow],
) -> Result<(), RelayError> {
    const WHAT: &str = "take a message";
    let mut acknowledgements = Vec::with_capacity(rows.len());
    for row in rows {
        let Message {
            subject,
            mut headers,
            payload,
        } = make(row)?;
        expect(&mut headers, row.position)?;
        // From here to the acknowledgement.
        let span = spans::publish(S::STREAM, &subject, row.row.id.as_str(), written(row));
        let sent = connection
            .jetstream
            .publish_with_headers(subject, headers, payload)
            .await
            .map_err(failed(WHAT))?;
        acknowledgements.push(sent.into_future().instrument(span));
    }
    // All timers run at once: a broker that is gone costs one time-out, not one for each message.
    let acknowledged = futures::future::join_all(acknowledgements).await;
    for (acknowledged, row) in acknowledged.into_iter().zip(rows) {
        let place = acknowledged.map_err(failed(WHAT))?.sequence;
        if place != row.position {
            // A duplicate of a message somewhere else: the end was not where it was thought to be.
            let why = format!("message {} is held at {place}", row.position);
            return Err(failed(WHAT)(why).into());
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Committed {
    #[serde(default)]
    seq: u64,
    error: Option<Refusal>,
}

#[derive(Debug, Deserialize, thiserror::Error)]
#[error("{description} ({err_code})")]
struct Refusal {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// The batch repeats a message that the stream holds: the end was not where it was thought to be.
const DUPLICATE_IN_BATCH: u64 = 10_201;

async fn together<S: Owner>(
    connection: &Connection,
    make: impl Fn(&SealedRow) -> Result<Message, RelayError>,
    rows: &[SealedRow],
) -> Result<(), RelayError> {
    const WHAT: &str = "take a batch";
    let [first, .., last] = rows else {
        return singly::<S>(connection, make, rows).await;
    };
    // A name of its own for each attempt: what is left of a broken one must never be completed by the next.
    let inbox = connection.client.new_inbox();
    let id = inbox.rsplit('.').next().unwrap_or(&inbox);
    let mut reply = None;
    for (at, row) in rows.iter().enumerate() {
        let Message {
            subject,
            mut headers,
            payload,
        } = make(row)?;
        insert(&mut headers, "Nats-Batch-Id", id)?;
        insert(&mut headers, "Nats-Batch-Sequence", &(at + 1).to_string())?;
        if row.position == first.position {
            expect(&mut headers, row.position)?;
        }
        if row.position == last.position {
            insert(&mut headers, "Nats-Batch-Commit", "1")?;
            let request = async_nats::Request::new()
                .headers(headers)
                .payload(payload)
                .timeout(Some(BATCH_ANSWER));
            let asked = connection.client.send_request(subject, request);
            reply = Some(asked.await.map_err(failed(WHAT))?);
        } else {
            let sent = connection.client.publish_with_headers(subject, headers, payload);
            sent.await.map_err(failed(WHAT))?;
        }
    }
    let reply = reply.ok_or_else(|| failed(WHAT)("the batch was empty"))?;
    let committed: Committed = serde_json::from_slice(&reply.payload).map_err(failed(WHAT))?;
    match committed.error {
        Some(refusal) if refusal.err_code == DUPLICATE_IN_BATCH => singly::<S>(connection, make, rows).await,
        Some(refusal) => Err(failed(WHAT)(refusal).into()),
        None if committed.seq == last.position => Ok(()),
        None => {
            let why = format!(
                "{} ends at {} instead of {}",
                S::STREAM,
                committed.seq,
                last.position
            );
            Err(failed(WHAT)(why).into())
        }
    }
}

/// The operation that wrote a row; a column that holds something else is nobody's.
fn written(sealed: &SealedRow) -> Option<Trace> {
    sealed.row.trace.as_deref()?.parse().ok()
}

fn message<S: Owner>(area: Area, epoch: u64, sealed: &SealedRow) -> Result<Message, RelayError> {
    let row = &sealed.row;
    let unreadable = |what| StoreError::ChainBroken {
        position: sealed.position,
        what,
    };
    let envelope = Envelope {
        id: row.id,
        source: subject::source(area, S::NAME),
        event_type: row.ty.clone(),
        subject: row.aggregate.clone(),
        time: row.recorded_at,
        legal_date: row.legal_date,
        sequence: u64::try_from(row.sequence).unwrap_or_default(),
        division: row
            .division
            .parse()
            .map_err(|_| unreadable("its division is no code"))?,
        actor: row
            .actor
            .parse()
            .map_err(|_| unreadable("its actor is no officer"))?,
        correlation: row.correlation.clone(),
        causation: row.causation,
        trace: written(sealed),
        data: row.data.clone(),
    };
    let marks = wire::Marks {
        replay: (epoch > 1).then_some(epoch),
        head: Some(sealed.hash),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in wire::binary(&envelope, marks) {
        insert(&mut headers, name, &value)?;
    }
    let subject = subject::of_type(area, &row.ty).ok_or_else(|| unreadable("its type is not ours"))?;
    Ok(Message {
        subject,
        headers,
        payload: Bytes::from(envelope.data),
    })
}

fn expect(headers: &mut HeaderMap, position: u64) -> Result<(), StreamError> {
    insert(
        headers,
        "Nats-Expected-Last-Sequence",
        &(position - 1).to_string(),
    )
}

/// `HeaderMap::insert` with a text panics on a line break; parsing refuses it.
fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), StreamError> {
    let value: HeaderValue = value.parse().map_err(failed("accept a header"))?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}
