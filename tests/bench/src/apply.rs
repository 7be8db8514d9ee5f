//! From the stream through the gate to a committed effect, beside bare consuming.

use crate::harness::{Bench, Done, Figure, Sample, Series};
use crate::journal::{Journal, broker};
use crate::rows::surroundings;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, Context};
use futures::StreamExt as _;
use mz_bus::server::SyncInterval;
use mz_bus::{Connection, Consumer, Lead, Progress, Reaction, ReactionError, Reactions};
use mz_contracts::events::LinesComputed;
use mz_contracts::{Event as _, FuneralReform, Owner as _, SocialAssistance};
use mz_store::{Db, Migration, Origin, Tx};
use serde_json::json;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

const TABLES: &[Migration] = &[Migration {
    name: "0001_bench",
    sql: "CREATE TABLE told (run TEXT NOT NULL, known_at TIMESTAMPTZ NOT NULL, lines BIGINT NOT NULL);",
}];
const REMEMBER: &str = "INSERT INTO told (run, known_at, lines) VALUES ($1, $2, $3)";
/// Messages that a bare consumer takes and acknowledges together: with more of them it gains nothing.
const TOGETHER: usize = 1_000;

/// One row for each event.
struct Remember;

impl Reaction<FuneralReform> for Remember {
    type Event = LinesComputed;

    async fn apply(
        &self,
        tx: &mut Tx<FuneralReform>,
        event: LinesComputed,
        _: &Origin,
    ) -> Result<(), ReactionError> {
        let lines = i64::try_from(event.lines.len()).unwrap_or(i64::MAX);
        tx.query(REMEMBER)
            .bind(event.run)
            .bind(event.known_at)
            .bind(lines)
            .execute_one("a new row")
            .await?;
        Ok(())
    }
}

pub(crate) async fn measure(bench: &Bench) -> Done<()> {
    let (nats, connection) = broker(SyncInterval::Always).await?;
    let jetstream = jetstream::new(nats.client().await);
    let journal = Journal::make(bench.size(50_000)).await?;
    journal.relay(&connection).await?;
    let (mut ours, mut bare) = (Series::default(), Series::default());
    for _ in 0..bench.repetitions() {
        ours.take(bench, through_the_gate(&connection, journal.events))
            .await?;
        forget(&jetstream, FuneralReform::NAME).await?;
        bare.take(bench, barely(&jetstream, journal.events)).await?;
        forget(&jetstream, "bare").await?;
    }
    let more = json!({ "events": journal.events, "type": LinesComputed::TYPE });
    let limit = Some(("bare consuming, one acknowledgement for 1000", &bare));
    Figure {
        name: "apply.sqlite",
        unit: "events/s",
        ours: &ours,
        limit,
        more,
    }
    .report()
}

async fn forget(jetstream: &Context, durable: &str) -> Done<()> {
    jetstream
        .delete_consumer_from_stream(durable, SocialAssistance::STREAM)
        .await?;
    Ok(())
}

async fn through_the_gate(connection: &Connection, events: u32) -> Done<Sample> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("reader.db").display());
    let db = Db::<FuneralReform>::open(&url, TABLES, surroundings(2)).await?;
    let (progress, stop) = (Progress::new(), CancellationToken::new());
    let consumers = Consumer::all(
        &db,
        connection,
        &Reactions::none().on(Remember),
        &Lead::new(&db, "bench"),
        &progress,
    );
    let began = Instant::now();
    let running: Vec<_> = consumers
        .into_iter()
        .map(|consumer| tokio::spawn(consumer.run(stop.clone())))
        .collect();
    let (source, last) = (SocialAssistance::NAME, u64::from(events));
    let mut watch = progress.watch();
    let done = watch.wait_for(|now| now.settled.get(source) == Some(&last) || !now.consumer_waits.is_empty());
    let waits = done.await?.consumer_waits.get(source).cloned();
    let took = began.elapsed();
    stop.cancel();
    futures::future::try_join_all(running).await?;
    let parked = db.parked(1).await?.pop();
    db.close().await;
    match waits.or(parked.map(|parked| parked.detail)) {
        Some(why) => Err(why.into()),
        None => Ok(Sample::rate(events, took)),
    }
}

async fn barely(jetstream: &Context, events: u32) -> Done<Sample> {
    let stream = jetstream.get_stream(SocialAssistance::STREAM).await?;
    let began = Instant::now();
    let config = pull::Config {
        durable_name: Some("bare".to_owned()),
        ack_policy: AckPolicy::All,
        max_ack_pending: 4 * i64::try_from(TOGETHER)?,
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let messages = consumer
        .stream()
        .max_messages_per_batch(TOGETHER)
        .messages()
        .await?;
    let mut chunks = messages.ready_chunks(TOGETHER);
    let mut seen = 0;
    while seen < events {
        let Some(chunk) = chunks.next().await else {
            return Err("the subscription ended".into());
        };
        seen += u32::try_from(chunk.len())?;
        if let Some(last) = chunk.into_iter().last() {
            last?.ack().await?;
        }
    }
    Ok(Sample::rate(events, began.elapsed()))
}
