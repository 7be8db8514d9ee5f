//! From the journal to the stream, beside the same messages in bare atomic batches.

use crate::harness::{Bench, Done, Figure, Sample, Series};
use crate::journal::{Journal, broker};
use async_nats::header::{HeaderMap, HeaderName};
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, stream};
use async_nats::{Client, Request};
use bytes::Bytes;
use futures::StreamExt as _;
use mz_bus::server::SyncInterval;
use mz_contracts::{Owner as _, SocialAssistance};
use serde_json::{Value, json};
use std::time::Instant;

/// Messages of one atomic batch: the server takes no more (ADR-50).
const BATCH: usize = 1_000;
const STREAM: &str = SocialAssistance::STREAM;

pub(crate) async fn measure(bench: &Bench, sync: SyncInterval) -> Done<()> {
    let (nats, connection) = broker(sync).await?;
    let (client, jetstream) = (nats.client().await, jetstream::new(nats.client().await));
    let journal = Journal::make(bench.size(50_000)).await?;
    let (mut ours, mut bare, mut copied) = (Series::default(), Series::default(), None);
    for _ in 0..bench.repetitions() {
        let relayed = async { Ok(Sample::rate(journal.events, journal.relay(&connection).await?)) };
        ours.take(bench, relayed).await?;
        if copied.is_none() {
            copied = Some(Copied::of(&jetstream).await?);
        }
        jetstream.delete_stream(STREAM).await?;
        if let Some(copied) = &copied {
            bare.take(bench, copied.publish(&client, &jetstream)).await?;
        }
        jetstream.delete_stream(STREAM).await?;
    }
    let messages = copied.map_or(0, |copied| copied.messages.len());
    let name = match sync {
        SyncInterval::Always => "relay.always",
        SyncInterval::Relaxed => "relay.relaxed",
    };
    let more = json!({ "messages": messages });
    let limit = Some(("the same messages in bare atomic batches of 1000", &bare));
    Figure {
        name,
        unit: "events/s",
        ours: &ours,
        limit,
        more,
    }
    .report()
}

/// What the relay published, to be published once more.
struct Copied {
    config: stream::Config,
    messages: Vec<(String, HeaderMap, Bytes)>,
}

impl Copied {
    async fn of(jetstream: &jetstream::Context) -> Done<Self> {
        let mut stream = jetstream.get_stream(STREAM).await?;
        let info = stream.info().await?.clone();
        let all = pull::Config {
            ack_policy: AckPolicy::None,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(all).await?;
        let mut stored = consumer
            .messages()
            .await?
            .take(usize::try_from(info.state.messages)?);
        let mut messages = Vec::new();
        while let Some(message) = stored.next().await {
            let message = message?.message;
            messages.push((
                message.subject.to_string(),
                message.headers.unwrap_or_default(),
                message.payload,
            ));
        }
        Ok(Self {
            config: info.config,
            messages,
        })
    }

    /// Each batch expects the end of the one before, as the relay's do.
    async fn publish(&self, client: &Client, jetstream: &jetstream::Context) -> Done<Sample> {
        jetstream.create_stream(self.config.clone()).await?;
        let mut batches = Vec::new();
        for (number, batch) in self.messages.chunks(BATCH).enumerate() {
            batches.push(addressed(batch, number * BATCH));
        }
        let began = Instant::now();
        for batch in batches {
            publish_batch(client, batch).await?;
        }
        Ok(Sample::rate(u32::try_from(self.messages.len())?, began.elapsed()))
    }
}

fn addressed(batch: &[(String, HeaderMap, Bytes)], before: usize) -> Vec<(String, HeaderMap, Bytes)> {
    let mut messages = batch.to_vec();
    for (at, (_, headers, _)) in messages.iter_mut().enumerate() {
        let mut set = |name, value: String| headers.insert(HeaderName::from_static(name), value);
        set("Nats-Batch-Id", format!("bare-{before}"));
        set("Nats-Batch-Sequence", (at + 1).to_string());
        if at == 0 {
            set("Nats-Expected-Last-Sequence", before.to_string());
        }
        if at + 1 == batch.len() {
            set("Nats-Batch-Commit", "1".to_owned());
        }
    }
    messages
}

async fn publish_batch(client: &Client, mut batch: Vec<(String, HeaderMap, Bytes)>) -> Done<()> {
    let Some((subject, headers, payload)) = batch.pop() else {
        return Ok(());
    };
    for (subject, headers, payload) in batch {
        client.publish_with_headers(subject, headers, payload).await?;
    }
    let reply = client
        .send_request(subject, Request::new().headers(headers).payload(payload))
        .await?;
    let answer: Value = serde_json::from_slice(&reply.payload)?;
    match answer.get("error") {
        Some(error) => Err(format!("the bare batch was refused: {error}").into()),
        None => Ok(()),
    }
}
