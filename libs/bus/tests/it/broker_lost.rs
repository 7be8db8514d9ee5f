//! What may happen to the broker and its store, and that the journal makes good for it.

use mz_bus::Snapshot;
use mz_store::NoFaults;
use mz_testkit::eventually;
use std::sync::Arc;

use crate::world::{SOON, STREAM, World, replays};

async fn killed(mut world: World) {
    let running = world.start().await;
    for _ in 0..3 {
        let writing = world.write(150);
        // In the middle of it: something has arrived, not everything.
        let mut progress = world.relayed.watch();
        progress.changed().await.unwrap();
        world.nats.kill().await;
        world.nats.restart().await;
        writing.await.unwrap();
    }
    world.agrees().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_under_load_on_sqlite() {
    killed(World::lite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_under_load_on_postgresql() {
    let name = "broker_lost::killed_and_started_again_under_load_on_postgresql";
    if let Some(world) = World::postgres(name, Arc::new(NoFaults)).await {
        killed(world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_and_thawed() {
    let world = World::lite().await;
    let running = world.start().await;
    world.write(20).await.unwrap();
    world.nats.freeze();
    // So few that they go out one by one: a batch is given more time.
    world.write(4).await.unwrap();
    // Until the time that JetStream may take to answer is over, and a heartbeat is missing.
    for progress in [&world.relayed, &world.read] {
        let waits = |now: &Snapshot| now.relay_waits.is_some() || !now.consumer_waits.is_empty();
        let mut progress = progress.watch();
        tokio::time::timeout(SOON, progress.wait_for(waits))
            .await
            .unwrap()
            .unwrap();
    }
    world.nats.thaw();
    world.write(20).await.unwrap();
    world.agrees().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_store_wiped() {
    let mut world = World::lite().await;
    let running = world.start().await;
    world.write(30).await.unwrap();
    world.agrees().await;
    world.nats.kill().await;
    world.nats.wipe_store();
    world.nats.restart().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    let stream = world.jetstream().await.get_stream(STREAM).await.unwrap();
    for (position, _, replay) in replays(&stream).await.unwrap() {
        assert_eq!(
            replay.as_deref(),
            Some("2"),
            "message {position} says that it is a replay"
        );
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_store_rewound() {
    let mut world = World::lite().await;
    let running = world.start().await;
    world.write(30).await.unwrap();
    world.agrees().await;
    let older = world.folder.path().join("older");
    world.nats.kill().await;
    world.nats.copy_store(&older);
    world.nats.restart().await;
    world.write(30).await.unwrap();
    world.agrees().await;
    world.nats.kill().await;
    world.nats.restore_store(&older);
    world.nats.restart().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_its_stream_cut_off() {
    let mut world = World::lite().await;
    let running = world.start().await;
    world.write(30).await.unwrap();
    world.agrees().await;
    for bytes in [1, 3_000] {
        world.nats.kill().await;
        world.nats.truncate_stream(STREAM, bytes);
        world.nats.restart().await;
        world.write(10).await.unwrap();
        world.agrees().await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_stream_deleted_purged_and_holed_while_all_run() {
    let world = World::lite().await;
    let running = world.start().await;
    let context = world.jetstream().await;
    world.write(30).await.unwrap();
    world.agrees().await;

    let writing = world.write(30);
    context.delete_stream(STREAM).await.unwrap();
    writing.await.unwrap();
    world.agrees().await;

    let stream = context.get_stream(STREAM).await.unwrap();
    stream.purge().await.unwrap();
    world.write(10).await.unwrap();
    world.agrees().await;

    let stream = context.get_stream(STREAM).await.unwrap();
    let last = stream.cached_info().state.last_sequence;
    stream.delete_message(last).await.unwrap();
    world.agrees().await;

    let stream = context.get_stream(STREAM).await.unwrap();
    stream.delete_message(7).await.unwrap();
    world.write(10).await.unwrap();
    world.agrees().await;
    eventually("the relay calls itself well", SOON, async || {
        match &world.relayed.watch().borrow().relay_waits {
            None => Ok(()),
            Some(why) => Err(why.clone()),
        }
    })
    .await;
    running.stop().await;
}

/// Nothing hangs, and the next start makes good for what was not published.
#[tokio::test(flavor = "multi_thread")]
async fn gone_when_the_suite_stops() {
    let mut world = World::lite().await;
    let running = world.start().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    world.nats.kill().await;
    world.write(10).await.unwrap();
    tokio::time::timeout(SOON, running.stop()).await.unwrap();

    world.nats.restart().await;
    let running = world.start().await;
    world.agrees().await;
    assert_eq!(world.journal().await.len(), 60);
    running.stop().await;
}
