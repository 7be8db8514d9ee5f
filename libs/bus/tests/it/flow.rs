//! From many writers to one reader: nothing lost, nothing twice, nothing out of order.

use std::sync::Arc;
use std::time::Duration;

use mz_bus::{Consumer, Lead, Progress, Reactions, Relay};
use mz_contracts::{FuneralReform, Owner as _, SocialAssistance};
use mz_store::{NoFaults, Step, StoreError, work};
use mz_testkit::{CuttingProxy, eventually};
use tokio_util::sync::CancellationToken;

use crate::world::{
    Count, FailOnce, SOON, STREAM, World, address, area, open_reader, open_register, persist, replays,
    stream_is,
};

async fn three_thousand(world: World) {
    let running = world.start().await;
    world.write(1_000).await.unwrap();
    world.agrees().await;
    assert_eq!(world.journal().await.len(), 3_000);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_events_of_concurrent_writers_on_sqlite() {
    three_thousand(World::lite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_events_of_concurrent_writers_on_postgresql() {
    let name = "flow::three_thousand_events_of_concurrent_writers_on_postgresql";
    if let Some(world) = World::postgres(name, Arc::new(NoFaults)).await {
        three_thousand(world).await;
    }
}

async fn every_step_may_fail(world: World, faults: Arc<FailOnce>) {
    let running = world.start().await;
    let mut written = 0;
    for step in Step::ALL {
        for at in 1..=3 {
            faults.arm(step, at);
            while !faults.has_struck() {
                world.write(2).await.unwrap();
                written += 6;
                world.agrees().await;
            }
            world.agrees().await;
        }
    }
    assert_eq!(world.journal().await.len(), written);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_fail_on_sqlite() {
    let faults = Arc::new(FailOnce::default());
    every_step_may_fail(World::lite_with(faults.clone()).await, faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_fail_on_postgresql() {
    let faults = Arc::new(FailOnce::default());
    if let Some(world) = World::postgres("flow::every_step_may_fail_on_postgresql", faults.clone()).await {
        every_step_may_fail(world, faults).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_in_mid_reply() {
    let world = World::lite().await;
    let (to_relay, to_consumer) = (
        CuttingProxy::start(world.nats.upstream()).await,
        CuttingProxy::start(world.nats.upstream()).await,
    );
    let connect = async |proxy: &CuttingProxy, name: &str| {
        let address = address(&world.nats, proxy.addr().to_string(), name);
        mz_bus::Connection::open(&address, name).await.unwrap()
    };
    let relay = connect(&to_relay, FuneralReform::NAME).await;
    let consumer = connect(&to_consumer, SocialAssistance::NAME).await;
    let running = world.start_over(relay, &consumer, &Reactions::none().on(Count::default()));
    for round in 0..5 {
        to_relay.cut_after(1 + 101 * round);
        to_consumer.cut_after(1 + 2_477 * round);
        world.write(20).await.unwrap();
        to_relay.cut().await;
        to_consumer.cut().await;
    }
    world.agrees().await;
    assert_eq!(world.journal().await.len(), 5 * 60);
    assert!(to_relay.cuts() >= 5 && to_consumer.cuts() >= 5);
    running.stop().await;
}

/// The lease saves work; that the chain is not forked must not rest on it. So it is torn away all the time.
#[tokio::test(flavor = "multi_thread")]
async fn two_relays_of_one_journal() {
    let world = World::lite().await;
    let running = world.start().await;
    let stop = CancellationToken::new();
    let second = Relay::new(
        world.register.clone(),
        world.connect(FuneralReform::NAME).await,
        area(),
        Lead::new(&world.register, "two"),
        Progress::new(),
    );
    let second = tokio::spawn(second.run(stop.clone()));
    for _ in 0..20 {
        let forget = work(|tx| Box::pin(async move { tx.query("DELETE FROM lease").execute().await }));
        world
            .register
            .write(forget)
            .await
            .unwrap_or_else(|error: StoreError| panic!("{error:?}"));
        world.write(10).await.unwrap();
    }
    world.agrees().await;
    // Whoever is left goes on alone, at once: the other gave its lease back.
    running.stop().await;
    let running = world.start().await;
    stop.cancel();
    second.await.unwrap();
    world.write(10).await.unwrap();
    world.agrees().await;
    assert_eq!(world.journal().await.len(), 21 * 30);
    running.stop().await;
}

/// Of two readers with one database and one durable, one reads and the other stands by; when the first stops, the other
/// takes over.
async fn two_instances_of_a_reader(world: World) {
    let running = world.start().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    let (stop, second) = (CancellationToken::new(), world.lead("two"));
    let connection = world.connect(SocialAssistance::NAME).await;
    let reactions = Reactions::none().on(Count::default());
    let progress = Progress::new();
    let consumers = Consumer::all(&world.reader, &connection, &reactions, &second, &progress);
    let tasks: Vec<_> = consumers
        .into_iter()
        .map(|consumer| tokio::spawn(consumer.run(stop.clone())))
        .collect();
    world.write(10).await.unwrap();
    world.agrees().await;
    assert_eq!(world.readers().await, 1, "one instance asks for messages");
    // It gives the lead back; nobody waits until the lease runs out.
    running.stop().await;
    let alone = world.write(10);
    alone.await.unwrap();
    let relay = world.start_relay().await;
    world.agrees().await;
    assert_eq!(world.readers().await, 1);
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
    relay.stop().await;
    let running = world.start().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    assert_eq!(world.journal().await.len(), 4 * 30);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_of_a_reader_on_sqlite() {
    two_instances_of_a_reader(World::lite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_of_a_reader_on_postgres() {
    if let Some(world) = World::postgres("two_instances_of_a_reader_on_postgres", Arc::new(NoFaults)).await {
        two_instances_of_a_reader(world).await;
    }
}

/// The broker believes that everything was read; the restored database knows better.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_restored_from_a_backup_reads_again_what_it_lost() {
    let mut world = World::lite().await;
    let running = world.start().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    running.stop().await;
    let (file, backup) = (
        world.folder.path().join("reader.db"),
        world.folder.path().join("backup.db"),
    );
    world.reader.close().await;
    std::fs::copy(&file, &backup).unwrap();

    let url = format!("sqlite:{}", file.display());
    world.reader = open_reader(&url, 4, Arc::new(NoFaults)).await;
    let running = world.start().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    running.stop().await;
    world.reader.close().await;
    std::fs::copy(&backup, &file).unwrap();

    world.reader = open_reader(&url, 5, Arc::new(NoFaults)).await;
    assert_eq!(world.effects().await.len(), 10);
    let running = world.start().await;
    world.agrees().await;
    assert_eq!(world.effects().await.len(), 20);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_another_history() {
    let mut world = World::lite().await;
    let running = world.start().await;
    world.write(10).await.unwrap();
    world.agrees().await;
    running.stop().await;
    let stream = world.jetstream().await.get_stream(STREAM).await.unwrap();
    let before = replays(&stream).await.unwrap();

    // The database is gone, and a new one began.
    world.register.close().await;
    let url = format!("sqlite:{}/anew.db", world.folder.path().display());
    world.register = open_register(&url, 4, Arc::new(NoFaults)).await;
    let death = world.new_death();
    persist(&world.register, death).await;
    world.relayed = Progress::new();
    let running = world.start().await;
    let mut progress = world.relayed.watch();
    let waits = |snapshot: &mz_bus::Snapshot| {
        snapshot
            .relay_waits
            .as_ref()
            .is_some_and(|why| why.contains("another history"))
    };
    tokio::time::timeout(SOON, progress.wait_for(waits))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(replays(&stream).await.unwrap(), before, "nothing was published");

    // Also where the new journal is the longer one.
    world.write(20).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), progress.changed())
        .await
        .unwrap()
        .unwrap();
    assert!(waits(&progress.borrow_and_update()));
    assert_eq!(replays(&stream).await.unwrap(), before, "nothing was published");

    mz_bus::remove::<FuneralReform>(&world.connect(FuneralReform::NAME).await)
        .await
        .unwrap();
    eventually("the new journal is published and read", SOON, async || {
        let journal = world.journal().await;
        let stream = world
            .jetstream()
            .await
            .get_stream(STREAM)
            .await
            .map_err(|e| e.to_string())?;
        stream_is(&stream, &journal).await?;
        let effects = world.effects().await;
        let missing = journal
            .iter()
            .filter(|row| !effects.contains_key(&row.row.aggregate))
            .count();
        if missing == 0 && journal.len() == 61 {
            Ok(())
        } else {
            Err(format!("{missing} are missing"))
        }
    })
    .await;
    assert_eq!(world.effects().await[&crate::world::key(death)].len(), 1);
    running.stop().await;
}
