//! The journal: numbered within an aggregate, chained as a whole, and never older than what came before.

use crate::stage::{Enter, Report, START, Stage, Store, TRACE, Unit, names, seal_all, told};
use futures::future::join_all;
use mz_contracts::events::LinesComputed;
use mz_contracts::{Actor, Event as _, FuneralReform, SocialAssistance};
use mz_kernel::Stamp;
use mz_store::{Db, GENESIS, Origin, SealedRow, StoreError, Tx, Work};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

told!(
    events_of_one_aggregate_have_no_hole,
    events_of_many_aggregates_have_no_hole,
    telling_of_one_aggregate_never_repeats_that_of_another,
    sealers_at_once_do_not_fork_the_chain,
    the_chain_goes_on_after_reopening,
    tampering_is_found_where_it_was_done,
    a_chain_cut_short_is_found,
    recorded_instants_only_grow,
    refused_work_emits_nothing,
);

async fn chain(db: &Store) -> Vec<SealedRow> {
    db.sealed_after(0, 10_000).await.unwrap()
}

/// The chain holds, and each aggregate has its events numbered 1, 2, 3 … in the order of the chain, none recorded
/// before the one that it follows.
async fn assert_whole(db: &Store, rows: usize) {
    seal_all(db).await;
    let head = db.verify_chain().await.unwrap();
    let chain = chain(db).await;
    assert_eq!((head.position, chain.len()), (rows as u64, rows));
    let mut last = BTreeMap::new();
    for (at, sealed) in chain.iter().enumerate() {
        assert_eq!(sealed.position, at as u64 + 1);
        let (last, recorded) = last
            .entry(sealed.row.aggregate.clone())
            .or_insert((0, sealed.row.recorded_at));
        *last += 1;
        assert_eq!(sealed.row.sequence, *last, "of {}", sealed.row.aggregate);
        assert!(
            sealed.row.recorded_at >= *recorded,
            "{} of {}",
            last,
            sealed.row.aggregate
        );
        *recorded = sealed.row.recorded_at;
    }
}

async fn events_of_one_aggregate_have_no_hole(stage: Stage) {
    let db = stage.open().await;
    let reports = join_all((0..60).map(|n| {
        db.write(Report {
            times: 1 + n % 2,
            ..Report::of(1)
        })
    }))
    .await;
    reports.into_iter().for_each(Result::unwrap);
    assert_whole(&db, 90).await;
    let first = chain(&db).await.remove(0);
    assert_eq!(first.previous, GENESIS);
    assert_eq!(first.row.aggregate, Report::of(1).event.key());
    assert_eq!(first.row.actor, "system");
    assert_eq!(first.row.trace.as_deref(), Some(TRACE));
    assert_eq!(
        first.row.data,
        serde_json::to_string(&Report::of(1).event).unwrap(),
        "byte for byte"
    );
    assert_eq!(db.first_after(0).await.unwrap(), Some(first.row.recorded_at));
    assert_eq!(db.first_after(90).await.unwrap(), None);
    db.write(Report::of(1)).await.unwrap();
    assert!(
        db.first_after(90).await.unwrap() > Some(first.row.recorded_at),
        "not sealed yet"
    );
}

async fn events_of_many_aggregates_have_no_hole(stage: Stage) {
    let db = stage.open().await;
    let other = stage.open().await;
    let reports = (0..120).map(|n| (if n % 3 == 0 { &other } else { &db }).write(Report::of(n % 30)));
    join_all(reports).await.into_iter().for_each(Result::unwrap);
    assert_whole(&db, 120).await;
}

/// Counts how often it is run.
struct Counted {
    report: Report,
    runs: Arc<AtomicUsize>,
}

impl Work<FuneralReform> for Counted {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<(), StoreError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.report.run(tx).await
    }
}

/// New ids stand side by side in every index: that must not make their transactions contend.
async fn telling_of_one_aggregate_never_repeats_that_of_another(stage: Stage) {
    let db = stage.open().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let told = join_all((1..=200).map(|number| {
        let (report, runs) = (Report::of(number), Arc::clone(&runs));
        db.write(Counted { report, runs })
    }));
    assert!(told.await.into_iter().all(|told| told.is_ok()));
    assert_eq!(runs.load(Ordering::Relaxed), 200);
    assert_whole(&db, 200).await;
}

async fn sealers_at_once_do_not_fork_the_chain(stage: Stage) {
    let db = stage.open().await;
    let other = stage.open().await;
    let writes = async {
        for n in 0..40 {
            db.write(Report {
                times: 3,
                ..Report::of(n % 7)
            })
            .await
            .unwrap();
        }
    };
    let seals = |db: Store| async move {
        for _ in 0..40 {
            match db.seal().await {
                Ok(_) | Err(StoreError::Conflict { .. } | StoreError::Duplicate(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    tokio::join!(writes, seals(db.clone()), seals(other.clone()), seals(db.clone()));
    assert_whole(&other, 120).await;
}

async fn the_chain_goes_on_after_reopening(stage: Stage) {
    let db = stage.open().await;
    db.write(Report {
        times: 3,
        ..Report::of(1)
    })
    .await
    .unwrap();
    assert_eq!(db.seal().await.unwrap().1, 3);
    db.write(Report::of(1)).await.unwrap();
    let (head, waiting) = db.head().await.unwrap();
    db.close().await;
    let db = stage.open().await;
    assert_eq!(db.head().await.unwrap(), (head, waiting));
    db.write(Report::of(1)).await.unwrap();
    assert_whole(&db, 5).await;
    let after: Vec<u64> = db
        .sealed_after(2, 2)
        .await
        .unwrap()
        .iter()
        .map(|row| row.position)
        .collect();
    assert_eq!(after, [3, 4]);
}

/// Where the chain is found broken after another hand was in the database.
async fn found_at(stage: &Stage, db: &Store, change: &'static str) -> u64 {
    stage.by_another_hand(change).await;
    match db.verify_chain().await {
        Err(StoreError::ChainBroken { position, .. }) => position,
        other => panic!("{change}: {other:?}"),
    }
}

async fn tampering_is_found_where_it_was_done(stage: Stage) {
    let db = stage.open().await;
    db.write(Report {
        times: 2,
        ..Report::of(1)
    })
    .await
    .unwrap();
    db.write(Report::of(2)).await.unwrap();
    assert_whole(&db, 3).await;
    // Each change is undone again, so that the next is found for itself.
    for (position, change, undo) in [
        (
            2,
            "UPDATE journal SET data = data || ' ' WHERE sequence = 2",
            "UPDATE journal SET data = trim(data)",
        ),
        (
            2,
            "UPDATE journal SET legal_date = '2020-01-01' WHERE sequence = 2",
            "UPDATE journal SET legal_date = '2020-04-08'",
        ),
        (
            1,
            "UPDATE journal SET causation = id WHERE n = 1",
            "UPDATE journal SET causation = NULL",
        ),
        (
            3,
            "UPDATE seal SET n = 99 WHERE position = 3",
            "UPDATE seal SET n = 3 WHERE position = 3",
        ),
        (
            3,
            "UPDATE seal SET previous = hash WHERE position = 3",
            "UPDATE seal SET previous = (SELECT hash FROM seal WHERE position = 2) WHERE position = 3",
        ),
        (
            2,
            "UPDATE seal SET position = position + 1 WHERE position = 3; \
             UPDATE seal SET position = 3 WHERE position = 2; UPDATE seal SET position = 2 WHERE position = 4",
            "UPDATE seal SET position = n + 10; UPDATE seal SET position = n",
        ),
    ] {
        assert_eq!(found_at(&stage, &db, change).await, position, "{change}");
        stage.by_another_hand(undo).await;
        assert_eq!(db.verify_chain().await.unwrap().position, 3, "{undo}");
    }
}

async fn a_chain_cut_short_is_found(stage: Stage) {
    let db = stage.open().await;
    db.write(Report {
        times: 4,
        ..Report::of(1)
    })
    .await
    .unwrap();
    assert_whole(&db, 4).await;
    assert_eq!(
        found_at(&stage, &db, "UPDATE seal_head SET position = 5").await,
        5
    );
    assert_eq!(
        found_at(
            &stage,
            &db,
            "UPDATE seal_head SET position = 4, hash = substr(hash, 2)"
        )
        .await,
        4
    );
    stage
        .by_another_hand("UPDATE seal_head SET hash = (SELECT hash FROM seal WHERE position = 4)")
        .await;
    assert_whole(&db, 4).await;
    assert_eq!(
        found_at(&stage, &db, "DELETE FROM journal WHERE sequence = 4").await,
        4,
        "its last row"
    );
    assert_eq!(
        found_at(&stage, &db, "DELETE FROM journal WHERE sequence = 2").await,
        2,
        "a row within"
    );
}

async fn recorded_instants_only_grow(stage: Stage) {
    let db = stage.open().await;
    db.write(Report::of(1)).await.unwrap();
    db.write(Report::of(1)).await.unwrap();
    stage
        .clock
        .set(Stamp::from_micros(START.as_micros() - 3_600_000_000));
    db.write(Report::of(2)).await.unwrap();
    db.close().await;
    let db = stage.open().await;
    db.write(Report::of(1)).await.unwrap();
    let later = START.plus(Duration::from_secs(9));
    stage.clock.set(later);
    db.write(Report {
        times: 2,
        ..Report::of(2)
    })
    .await
    .unwrap();
    seal_all(&db).await;
    let recorded: Vec<Stamp> = chain(&db)
        .await
        .iter()
        .map(|sealed| sealed.row.recorded_at)
        .collect();
    assert!(recorded[..5].is_sorted_by(|a, b| a < b), "{recorded:?}");
    assert!(recorded[0] >= START);
    assert_eq!(
        recorded[4..],
        [later, later],
        "one instant for all that a unit of work records"
    );
}

struct ReportAndRefuse;

impl Work<FuneralReform> for ReportAndRefuse {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<(), StoreError> {
        Report::of(1).run(tx).await?;
        Err(StoreError::Conflict { what: "a story" })
    }
}

async fn refused_work_emits_nothing(stage: Stage) {
    let db = stage.open().await;
    let committed = db.committed();
    db.write(ReportAndRefuse).await.unwrap_err();
    db.write(Enter(&["a"])).await.unwrap();
    assert_eq!(names(&db).await, ["a"]);
    assert!(
        !committed.has_changed().unwrap(),
        "the relay is not woken for nothing"
    );
    assert_eq!(db.head().await.unwrap().1, 0);
    db.write(Report::of(1)).await.unwrap();
    assert!(committed.has_changed().unwrap());
    assert_whole(&db, 1).await;
}

/// Emits a month's lines in one event, however many they are.
struct Lines(usize);

impl Work<SocialAssistance> for Lines {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<(), StoreError> {
        let mut event = LinesComputed::sample();
        event.lines = vec![event.lines[0].clone(); self.0];
        let origin = Origin {
            actor: Actor::System,
            correlation: "a story".to_owned(),
            causation: None,
            trace: None,
        };
        tx.emit(&origin, &event).map(|_| ())
    }
}

/// It would stop the relay for ever.
#[tokio::test]
async fn an_event_that_the_broker_would_not_take_is_refused() {
    let stage = Stage::on_sqlite();
    let db = Db::<SocialAssistance>::open(&stage.url, &[], stage.surroundings())
        .await
        .unwrap();
    db.write(Lines(LinesComputed::LINES_MAX)).await.unwrap();
    let refused = db.write(Lines(10 * LinesComputed::LINES_MAX)).await;
    assert!(
        matches!(
            refused,
            Err(StoreError::EventTooLarge {
                ty: LinesComputed::TYPE,
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(db.head().await.unwrap().1, 1);
}
