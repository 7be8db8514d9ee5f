//! What consumers keep beside their effects.

use crate::stage::{START, Stage, Store, Unit, told};
use mz_store::inbox::{self, Parked, Reading};
use mz_store::{StoreError, work};
use std::collections::{BTreeMap, BTreeSet};

told!(
    aggregates_advance,
    parked_events_wait_in_order,
    a_settled_position_is_remembered
);

fn reading(consumer: &str) -> Reading {
    Reading {
        consumer: consumer.to_owned(),
        source: "funeral-reform".to_owned(),
    }
}

fn parked(aggregate: &str, sequence: i64) -> Parked {
    let Reading { consumer, source } = reading("benefits");
    Parked {
        consumer,
        source,
        aggregate: aggregate.to_owned(),
        sequence,
        event: format!("evt {sequence}"),
        reason: "failed".to_owned(),
        detail: "没有".to_owned(),
        envelope: "{}".to_owned(),
        attempts: 1,
        parked_at: START,
    }
}

async fn aggregates_advance(stage: Stage) {
    let db = stage.open().await;
    for (to, known) in [
        (vec![("a", 3), ("b", 1)], [3, 1]),
        (vec![], [3, 1]),
        (vec![("b", 2)], [3, 2]),
    ] {
        let to: BTreeMap<String, u64> = to.into_iter().map(|(key, n)| (key.to_owned(), n)).collect();
        let advance = work(move |tx: &mut Unit| {
            let to = to.clone();
            Box::pin(async move { inbox::advance(tx, &reading("benefits"), &to).await })
        });
        db.write(advance).await.unwrap();
        assert_eq!(
            positions(&db, "benefits").await.into_values().collect::<Vec<_>>(),
            known
        );
    }
    assert_eq!(
        positions(&db, "another").await,
        BTreeMap::new(),
        "another consumer has seen nothing"
    );
}

async fn positions(db: &Store, consumer: &'static str) -> BTreeMap<String, u64> {
    let look = work(move |tx: &mut Unit| {
        Box::pin(async move { inbox::positions(tx, &reading(consumer), ["a", "b", "unseen"]).await })
    });
    db.read(look).await.unwrap()
}

async fn park(db: &Store, event: Parked) {
    let park = work(move |tx: &mut Unit| {
        let event = event.clone();
        Box::pin(async move { inbox::park(tx, &event).await })
    });
    db.write(park).await.unwrap();
}

async fn unpark(db: &Store, event: Parked) -> Result<(), StoreError> {
    db.write(work(move |tx: &mut Unit| {
        let event = event.clone();
        Box::pin(async move { inbox::unpark(tx, &event).await })
    }))
    .await
}

async fn next(db: &Store, aggregate: &'static str) -> Option<Parked> {
    let look = work(move |tx: &mut Unit| {
        Box::pin(async move { inbox::next_parked(tx, &reading("benefits"), aggregate).await })
    });
    db.read(look).await.unwrap()
}

async fn blocked(db: &Store, consumer: &'static str) -> BTreeSet<String> {
    let look =
        work(move |tx: &mut Unit| Box::pin(async move { inbox::blocked(tx, &reading(consumer)).await }));
    db.read(look).await.unwrap()
}

async fn parked_events_wait_in_order(stage: Stage) {
    let db = stage.open().await;
    for event in [parked("a", 10), parked("a", 9), parked("b", 1)] {
        park(&db, event).await;
    }
    assert_eq!(
        blocked(&db, "benefits").await,
        ["a", "b"].map(str::to_owned).into()
    );
    assert_eq!(blocked(&db, "another").await, BTreeSet::new());
    assert_eq!(next(&db, "a").await, Some(parked("a", 9)), "9 before 10");
    assert_eq!(next(&db, "c").await, None);

    let again = Parked {
        reason: "refused".to_owned(),
        detail: "too late".to_owned(),
        event: "x".to_owned(),
        ..parked("a", 9)
    };
    park(&db, again.clone()).await;
    let counted = Parked {
        attempts: 2,
        event: "evt 9".to_owned(),
        ..again
    };
    assert_eq!(
        next(&db, "a").await,
        Some(counted.clone()),
        "the newest reason, one attempt more"
    );
    assert_eq!(db.parked(2).await.unwrap(), [counted, parked("a", 10)]);
    assert_eq!(db.parked(9).await.unwrap().len(), 3);

    unpark(&db, parked("a", 9)).await.unwrap();
    assert!(
        matches!(
            unpark(&db, parked("a", 9)).await,
            Err(StoreError::Conflict { .. })
        ),
        "gone already"
    );
    assert_eq!(next(&db, "a").await, Some(parked("a", 10)));
    unpark(&db, parked("a", 10)).await.unwrap();
    assert_eq!(blocked(&db, "benefits").await, ["b".to_owned()].into());
}

async fn a_settled_position_is_remembered(stage: Stage) {
    async fn settled(db: &Store, consumer: &'static str) -> u64 {
        let look =
            work(move |tx: &mut Unit| Box::pin(async move { inbox::settled(tx, &reading(consumer)).await }));
        db.read(look).await.unwrap()
    }
    let db = stage.open().await;
    assert_eq!(settled(&db, "benefits").await, 0);
    for position in [7, 8] {
        let settle = work(move |tx: &mut Unit| {
            Box::pin(async move { inbox::settle(tx, &reading("benefits"), position).await })
        });
        db.write(settle).await.unwrap();
        assert_eq!(settled(&db, "benefits").await, position);
    }
    assert_eq!(settled(&db, "another").await, 0);
}
