//! A witness hears every event once, before the reaction to it, whatever its type.

use std::collections::BTreeMap;
use std::sync::Arc;

use mz_bus::{Consumer, ReactionError, Reactions, Witness};
use mz_contracts::events::DeathRegistered;
use mz_contracts::{Envelope, Event as _, FuneralReform, Owner as _, SocialAssistance};
use mz_store::{NoFaults, Origin, Tx};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::parking::{Publisher, parked, settled};
use crate::world::{Count, World, key};

/// Notes the version of what it hears among the effects of the same death.
struct Hear;

impl Witness<SocialAssistance> for Hear {
    async fn witness(
        &self,
        tx: &mut Tx<SocialAssistance>,
        envelope: &Envelope,
        _: &Origin,
    ) -> Result<(), ReactionError> {
        let before: i64 = tx
            .query("SELECT COUNT(*) FROM effect WHERE death = $1")
            .bind(&envelope.subject)
            .scalar()
            .await?;
        let (_, version) = envelope.event_type.rsplit_once('.').unwrap();
        tx.query("INSERT INTO effect (death, number, event) VALUES ($1, $2, $3)")
            .bind(&envelope.subject)
            .bind(before + 1)
            .bind(format!("heard {version}"))
            .execute()
            .await?;
        Ok(())
    }
}

/// Reads the deaths alone: no other service has a stream here.
async fn consume(
    world: &World,
    reactions: &Reactions<SocialAssistance>,
) -> (CancellationToken, JoinHandle<()>) {
    let connection = world.connect(SocialAssistance::NAME).await;
    let deaths = reactions
        .sources()
        .position(|(name, _)| name == FuneralReform::NAME)
        .unwrap();
    let consumer = Consumer::all(
        &world.reader,
        &connection,
        reactions,
        &world.lead("one"),
        &world.read,
    )
    .remove(deaths);
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(consumer.run(stop)))
}

async fn once_and_before_the_reaction(world: World) {
    let (publisher, _stream) = Publisher::new(&world).await;
    let death = world.new_death();
    let newer = DeathRegistered::TYPE.replace(".v1", ".v2");
    for (sequence, event_type) in [
        (1, DeathRegistered::TYPE),
        (1, DeathRegistered::TYPE),
        (2, DeathRegistered::TYPE),
        (3, &*newer),
    ] {
        publisher.event(death, sequence, event_type).await;
    }
    let reactions = Reactions::none().on(Count::default()).witnessed_by(Hear);
    let (stop, task) = consume(&world, &reactions).await;
    settled(&world, 4).await;
    stop.cancel();
    task.await.unwrap();
    let effects = &world.effects().await[&key(death)];
    let [heard, one, heard_again, two] = &effects[..] else {
        panic!("not each once: {effects:?}")
    };
    assert_eq!([heard, heard_again], ["heard v1", "heard v1"]);
    assert!(
        one.starts_with("evt_") && two.starts_with("evt_") && one != two,
        "{effects:?}"
    );
    // What the reaction does not know is heard when a newer program takes it up: both are one transaction.
    let waiting = BTreeMap::from([((key(death), 3), ("refused".to_owned(), 1))]);
    assert_eq!(parked(&world).await, waiting);
}

async fn also_versions_that_nobody_reacts_to(world: World) {
    let (publisher, _stream) = Publisher::new(&world).await;
    let death = world.new_death();
    for (sequence, version) in [(1, ".v1"), (2, ".v2"), (3, ".v9")] {
        let event_type = DeathRegistered::TYPE.replace(".v1", version);
        publisher.event(death, sequence, &event_type).await;
    }
    let (stop, task) = consume(&world, &Reactions::none().witnessed_by(Hear)).await;
    settled(&world, 3).await;
    stop.cancel();
    task.await.unwrap();
    assert_eq!(
        world.effects().await[&key(death)],
        ["heard v1", "heard v2", "heard v9"]
    );
    assert_eq!(parked(&world).await, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn once_and_before_the_reaction_on_sqlite() {
    once_and_before_the_reaction(World::lite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_and_before_the_reaction_on_postgresql() {
    let name = "witness::once_and_before_the_reaction_on_postgresql";
    if let Some(world) = World::postgres(name, Arc::new(NoFaults)).await {
        once_and_before_the_reaction(world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn also_versions_that_nobody_reacts_to_on_sqlite() {
    also_versions_that_nobody_reacts_to(World::lite().await).await;
}
