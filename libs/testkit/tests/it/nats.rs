//! Faults of the broker's store.

use async_nats::jetstream::{self, stream};
use mz_testkit::{TestNats, nats};

async fn publish(nats: &TestNats, count: u64) {
    let context = jetstream::new(nats.client().await);
    let config = stream::Config {
        name: "S".to_owned(),
        subjects: vec!["s.>".to_owned()],
        ..Default::default()
    };
    context.get_or_create_stream(config).await.unwrap();
    for _ in 0..count {
        context
            .publish("s.a", vec![b'x'; 100].into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
}

/// The last sequence of the stream; `None` where there is no stream.
async fn last(nats: &TestNats) -> Option<u64> {
    let context = jetstream::new(nats.client().await);
    Some(
        context
            .get_stream("S")
            .await
            .ok()?
            .cached_info()
            .state
            .last_sequence,
    )
}

#[tokio::test]
async fn a_store_can_be_rewound_truncated_and_wiped() {
    let mut nats = nats().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    publish(&nats, 3).await;
    nats.freeze();
    nats.copy_store(&copy);
    nats.thaw();
    publish(&nats, 5).await;

    nats.kill().await;
    nats.truncate_stream("S", 10);
    nats.restart().await;
    assert_eq!(last(&nats).await, Some(7), "the last message is torn");

    nats.kill().await;
    nats.restore_store(&copy);
    nats.restart().await;
    assert_eq!(last(&nats).await, Some(3));

    nats.kill().await;
    nats.wipe_store();
    nats.restart().await;
    assert_eq!(last(&nats).await, None);
}
