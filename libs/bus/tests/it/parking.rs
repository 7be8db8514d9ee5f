//! What cannot be applied is parked, holds up nothing else, and is applied in order once it can be.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::jetstream;
use async_nats::jetstream::stream::{self, Stream};
use mz_bus::{Consumer, Reactions, parking};
use mz_contracts::events::DeathRegistered;
use mz_contracts::{Actor, Envelope, Event as _, FuneralReform, Owner, SocialAssistance, subject, wire};
use mz_kernel::{DeathId, EventId, IdSource, Stamp};
use mz_store::NoFaults;
use mz_store::inbox::Reading;
use mz_testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::world::{Count, SOON, STREAM, World, area, key};

const TIME: Stamp = Stamp::from_micros(1_767_571_200_000_000);

pub(crate) struct Publisher {
    context: jetstream::Context,
    ids: IdSource,
}

impl Publisher {
    /// With a stream that no relay writes.
    pub(crate) async fn new(world: &World) -> (Self, Stream) {
        let context = world.jetstream().await;
        let config = stream::Config {
            name: STREAM.to_owned(),
            subjects: vec![subject::all_events(area(), FuneralReform::NAME)],
            ..stream::Config::default()
        };
        let stream = context.create_stream(config).await.unwrap();
        (
            Self {
                context,
                ids: IdSource::seeded(9),
            },
            stream,
        )
    }

    async fn send(&self, headers: HeaderMap, payload: Vec<u8>) {
        let to = subject::event::<DeathRegistered>(area());
        let sent = self
            .context
            .publish_with_headers(to, headers, payload.into())
            .await
            .unwrap();
        sent.await.unwrap();
    }

    /// Publishes event `sequence` of a death, as no relay would: out of order, or in a version of its own.
    pub(crate) async fn event(&self, death: DeathId, sequence: u64, event_type: &str) {
        let mut event = DeathRegistered::sample();
        event.death = death;
        let envelope = Envelope {
            id: self.ids.next::<EventId>(TIME),
            source: subject::source(area(), FuneralReform::NAME),
            event_type: event_type.to_owned(),
            subject: event.key(),
            time: TIME,
            legal_date: "2026-01-05".parse().unwrap(),
            sequence,
            division: event.division,
            actor: Actor::System,
            correlation: "story".to_owned(),
            causation: None,
            trace: None,
            data: serde_json::to_string(&event).unwrap(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in wire::binary(&envelope, wire::Marks::default()) {
            headers.insert(name, value);
        }
        self.send(headers, envelope.data.into_bytes()).await;
    }
}

pub(crate) async fn parked(world: &World) -> BTreeMap<(String, i64), (String, i64)> {
    let all = world.reader.parked(100).await.unwrap();
    all.into_iter()
        .map(|p| ((p.aggregate, p.sequence), (p.reason, p.attempts)))
        .collect()
}

pub(crate) async fn settled(world: &World, position: u64) {
    let mut progress = world.read.watch();
    let there = |s: &mz_bus::Snapshot| s.settled.get(FuneralReform::NAME) == Some(&position);
    tokio::time::timeout(SOON, progress.wait_for(there))
        .await
        .unwrap()
        .unwrap();
}

#[expect(
    clippy::too_many_lines,
    reason = "each chapter rests on what the one before has parked"
)]
async fn story(world: World) {
    let (publisher, stream) = Publisher::new(&world).await;
    let [newer, well, refused, late] = [(); 4].map(|()| world.new_death());
    let v2 = DeathRegistered::TYPE.replace(".v1", ".v2");
    let count = Count::default();
    count.refused.lock().unwrap().insert(refused);
    let reactions = Reactions::none().on(count.clone());

    publisher
        .send(HeaderMap::new(), b"\0 no json \xff".to_vec())
        .await;
    publisher.event(newer, 1, DeathRegistered::TYPE).await;
    publisher.event(newer, 2, &v2).await;
    publisher.event(newer, 3, DeathRegistered::TYPE).await;
    publisher.event(refused, 1, DeathRegistered::TYPE).await;
    publisher.event(refused, 2, DeathRegistered::TYPE).await;
    publisher.event(late, 2, DeathRegistered::TYPE).await;
    publisher.event(well, 1, DeathRegistered::TYPE).await;

    let consume = async || {
        let (stop, connection) = (
            CancellationToken::new(),
            world.connect(SocialAssistance::NAME).await,
        );
        let consumer = Consumer::all(
            &world.reader,
            &connection,
            &reactions,
            &world.lead("one"),
            &world.read,
        )
        .remove(0);
        (stop.clone(), tokio::spawn(consumer.run(stop)))
    };
    let (stop, task) = consume().await;
    settled(&world, 8).await;
    let row = |aggregate: String, n, why: &str| ((aggregate, n), (why.to_owned(), 1));
    let mut expected = BTreeMap::from([
        row("message-1".to_owned(), 0, "unreadable"),
        row(key(newer), 2, "refused"),
        row(key(newer), 3, "behind"),
        row(key(refused), 1, "refused"),
        row(key(refused), 2, "behind"),
        row(key(late), 2, "gap"),
    ]);
    assert_eq!(parked(&world).await, expected);
    assert_eq!(world.effects().await.len(), 2, "the others pass");

    publisher.event(late, 1, DeathRegistered::TYPE).await;
    settled(&world, 9).await;
    expected.remove(&(key(late), 2));
    assert_eq!(parked(&world).await, expected);
    assert_eq!(world.effects().await[&key(late)].len(), 2, "the gap was filled");

    // Everything comes once more: the true reasons stay.
    stop.cancel();
    task.await.unwrap();
    stream.delete_consumer(SocialAssistance::NAME).await.unwrap();
    let (stop, task) = consume().await;
    eventually("all is read again", SOON, async || {
        let durable = stream
            .consumer_info(SocialAssistance::NAME)
            .await
            .map_err(|e| e.to_string())?;
        let floor = durable.ack_floor.stream_sequence;
        if floor == 9 {
            Ok(())
        } else {
            Err(floor.to_string())
        }
    })
    .await;
    let reasons = |all: &BTreeMap<(String, i64), (String, i64)>| {
        all.iter()
            .map(|(at, (why, _))| (at.clone(), why.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(reasons(&parked(&world).await), reasons(&expected));
    assert_eq!(world.effects().await.values().map(Vec::len).sum::<usize>(), 4);

    let reading = Reading {
        consumer: SocialAssistance::NAME.into(),
        source: FuneralReform::NAME.into(),
    };
    let still = parking::retry(&world.reader, &reactions, &reading, &key(refused)).await;
    still.expect_err("nothing was mended");
    let tried = parked(&world).await[&(key(refused), 1)].clone();
    assert_eq!(tried, ("refused".to_owned(), 2), "the attempt is counted");
    count.refused.lock().unwrap().clear();
    let applied = parking::retry(&world.reader, &reactions, &reading, &key(refused))
        .await
        .unwrap();
    assert_eq!(applied, 2);
    assert_eq!(world.effects().await[&key(refused)].len(), 2);
    publisher.event(refused, 3, DeathRegistered::TYPE).await;
    settled(&world, 10).await;
    assert_eq!(
        world.effects().await[&key(refused)].len(),
        3,
        "and later ones pass"
    );
    stop.cancel();
    task.await.unwrap();
}

/// An event that cannot be applied waits for an earlier one. The earlier one is well, and must not pay for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_parked_event_keeps_no_earlier_one_out() {
    let world = World::lite().await;
    let (publisher, _stream) = Publisher::new(&world).await;
    let reactions = Reactions::none().on(Count::default());
    let (stop, connection) = (
        CancellationToken::new(),
        world.connect(SocialAssistance::NAME).await,
    );
    let consumer = Consumer::all(
        &world.reader,
        &connection,
        &reactions,
        &world.lead("one"),
        &world.read,
    )
    .remove(0);
    let task = tokio::spawn(consumer.run(stop.clone()));
    let late = world.new_death();
    let newer = DeathRegistered::TYPE.replace(".v1", ".v2");
    for (sequence, event_type) in [
        (3, &*newer),
        (4, DeathRegistered::TYPE),
        (2, DeathRegistered::TYPE),
    ] {
        publisher.event(late, sequence, event_type).await;
    }
    settled(&world, 3).await;
    assert_eq!(world.effects().await.len(), 0);

    publisher.event(late, 1, DeathRegistered::TYPE).await;
    settled(&world, 4).await;
    assert_eq!(world.effects().await[&key(late)].len(), 2, "1 and 2");
    let row = |n, why: &str, attempts| ((key(late), n), (why.to_owned(), attempts));
    let left = BTreeMap::from([row(3, "refused", 2), row(4, "behind", 1)]);
    assert_eq!(parked(&world).await, left);
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    story(World::lite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    if let Some(world) = World::postgres("parking::on_postgresql", Arc::new(NoFaults)).await {
        story(world).await;
    }
}
