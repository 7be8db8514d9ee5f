//! What the relay remembers: leases and epochs.

use crate::stage::{START, Stage, told};
use futures::future::join_all;
use mz_store::Epoch;
use std::time::Duration;

told!(
    a_lease_has_one_holder,
    one_of_many_takes_a_lease,
    streams_are_numbered
);

const MINUTE: Duration = Duration::from_mins(1);

async fn a_lease_has_one_holder(stage: Stage) {
    let db = stage.open().await;
    assert!(db.hold_lease("relay", "a", MINUTE).await.unwrap(), "free");
    assert!(
        !db.hold_lease("relay", "b", MINUTE).await.unwrap(),
        "held by another"
    );
    assert!(db.hold_lease("another duty", "b", MINUTE).await.unwrap());

    stage.clock.set(START.plus(MINUTE / 2));
    assert!(db.hold_lease("relay", "a", MINUTE).await.unwrap(), "prolonged");
    stage.clock.set(START.plus(MINUTE + MINUTE / 4));
    assert!(
        !db.hold_lease("relay", "b", MINUTE).await.unwrap(),
        "the first minute is over, the second is not"
    );
    stage.clock.set(START.plus(MINUTE * 2));
    assert!(db.hold_lease("relay", "b", MINUTE).await.unwrap(), "expired");
    assert!(
        !db.hold_lease("relay", "a", MINUTE).await.unwrap(),
        "it is another's now"
    );

    assert!(
        db.hold_lease("relay", "b", Duration::ZERO).await.unwrap(),
        "released"
    );
    assert!(db.hold_lease("relay", "a", Duration::MAX).await.unwrap());
    assert!(!db.hold_lease("relay", "b", MINUTE).await.unwrap(), "for ever");
}

async fn one_of_many_takes_a_lease(stage: Stage) {
    let db = stage.open().await;
    let holders: Vec<String> = (0..12).map(|n| format!("instance {n}")).collect();
    let taken = join_all(
        holders
            .iter()
            .map(|holder| db.hold_lease("relay", holder, MINUTE)),
    )
    .await;
    assert_eq!(
        taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(),
        1
    );
}

async fn streams_are_numbered(stage: Stage) {
    let db = stage.open().await;
    let first = "2020-04-08T00:00:00Z";
    assert_eq!(
        db.enter_epoch(first).await.unwrap(),
        Epoch { number: 1, new: true }
    );
    assert_eq!(
        db.enter_epoch(first).await.unwrap(),
        Epoch {
            number: 1,
            new: false
        }
    );
    assert_eq!(
        db.enter_epoch("2020-04-09T00:00:00Z").await.unwrap(),
        Epoch { number: 2, new: true }
    );
    let reopened = stage.open().await;
    assert_eq!(
        reopened.enter_epoch(first).await.unwrap(),
        Epoch {
            number: 1,
            new: false
        }
    );
    assert_eq!(
        reopened.enter_epoch("2020-04-10T00:00:00Z").await.unwrap(),
        Epoch { number: 3, new: true }
    );
}
