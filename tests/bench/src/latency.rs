//! How long after its commit a subscriber has an event, beside a bare message from publishing to the subscriber.

use crate::harness::{Bench, Done, Figure, Sample, Series};
use crate::journal::{address, area, broker};
use crate::rows::{Command, TABLES, WriteChunk, surroundings};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::{self, Context};
use futures::StreamExt as _;
use mz_bus::server::SyncInterval;
use mz_bus::{Connection, Lead, Progress, Relay};
use mz_contracts::{Owner as _, SocialAssistance, wire};
use mz_store::Db;
use serde_json::json;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const STREAM: &str = SocialAssistance::STREAM;
/// A calm hour of a bureau is far below it.
const EVERY: Duration = Duration::from_millis(5);

pub(crate) async fn measure(bench: &Bench, sync: SyncInterval) -> Done<()> {
    let (nats, connection) = broker(sync).await?;
    let jetstream = jetstream::new(nats.client().await);
    let other = Connection::open(&address(&nats), "bench-relay").await?;
    let count = bench.size(500);
    let (mut ours, mut bare) = (Series::default(), Series::default());
    for _ in 0..bench.repetitions() {
        mz_bus::look::<SocialAssistance>(&connection, area()?).await?;
        let mut pattern = None;
        ours.take(bench, committed(&other, &jetstream, count, &mut pattern))
            .await?;
        if let Some(pattern) = pattern {
            bare.take(bench, published(&jetstream, count, pattern)).await?;
        }
        jetstream.delete_stream(STREAM).await?;
    }
    let name = match sync {
        SyncInterval::Always => "latency.always",
        SyncInterval::Relaxed => "latency.relaxed",
    };
    let more = json!({ "events": count, "every_ms": EVERY.as_millis() });
    let limit = Some(("bare publish to subscriber", &bare));
    Figure {
        name,
        unit: "ms",
        ours: &ours,
        limit,
        more,
    }
    .report()
}

/// From the answer of the command until the subscriber has its event.
async fn committed(
    connection: &Connection,
    jetstream: &Context,
    count: u32,
    pattern: &mut Option<jetstream::Message>,
) -> Done<Sample> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("journal.db").display());
    let db = Db::<SocialAssistance>::open(&url, TABLES, surroundings(3)).await?;
    let (progress, stop) = (Progress::new(), CancellationToken::new());
    let relay = Relay::new(
        db.clone(),
        connection.clone(),
        area()?,
        Lead::new(&db, "bench"),
        progress,
    );
    let relaying = tokio::spawn(relay.run(stop.clone()));
    let arrivals = subscribe(jetstream, count).await?;
    let mut sent = Vec::new();
    let mut beat = tokio::time::interval(EVERY);
    for turn in 0..count {
        beat.tick().await;
        let event = db.write(WriteChunk(Command::of(0, turn))).await?;
        sent.push((event.to_string(), Instant::now()));
    }
    let (arrived, last) = arrivals.await??;
    stop.cancel();
    relaying.await?;
    db.close().await;
    *pattern = Some(last);
    between(sent, &arrived)
}

/// From the sending until the subscriber has it.
async fn published(jetstream: &Context, count: u32, pattern: jetstream::Message) -> Done<Sample> {
    let arrivals = subscribe(jetstream, count).await?;
    let mut sent = Vec::new();
    let mut beat = tokio::time::interval(EVERY);
    for turn in 0..count {
        beat.tick().await;
        let id = format!("bare-{turn}");
        let mut headers = pattern.headers.clone().unwrap_or_default();
        headers.insert(wire::MESSAGE_ID, id.as_str());
        // As many messages as the relay published before.
        headers.insert("Nats-Expected-Last-Sequence", (count + turn).to_string());
        sent.push((id, Instant::now()));
        let (subject, payload) = (pattern.subject.clone(), pattern.payload.clone());
        jetstream
            .publish_with_headers(subject, headers, payload)
            .await?
            .await?;
    }
    between(sent, &arrivals.await??.0)
}

fn between(sent: Vec<(String, Instant)>, arrived: &HashMap<String, Instant>) -> Done<Sample> {
    let waits = sent.into_iter().map(|(id, at)| {
        let arrival = arrived.get(&id).ok_or_else(|| format!("{id} did not arrive"))?;
        Ok(arrival.saturating_duration_since(at))
    });
    Ok(Sample::median_ms(waits.collect::<Done<_>>()?))
}

type Arrivals = (HashMap<String, Instant>, jetstream::Message);

/// A subscriber from now on, until it has seen so many messages; answers when each came, and the last one.
async fn subscribe(jetstream: &Context, count: u32) -> Done<JoinHandle<Done<Arrivals>>> {
    let stream = jetstream.get_stream(STREAM).await?;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::New,
        ack_policy: AckPolicy::None,
        ..pull::Config::default()
    };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    Ok(tokio::spawn(async move {
        let mut arrived = HashMap::new();
        loop {
            let message = messages.next().await.ok_or("the subscription ended")??;
            let id = message
                .headers
                .as_ref()
                .and_then(|headers| headers.get(wire::MESSAGE_ID));
            arrived.insert(id.ok_or("a message has no id")?.to_string(), Instant::now());
            if arrived.len() == count as usize {
                return Ok((arrived, message));
            }
        }
    }))
}
