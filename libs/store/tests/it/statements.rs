//! Statements that mean the same on both engines.

use crate::stage::{COUNTER, Enter, Stage, Store, Unit, enter, names, told};
use mz_store::{StoreError, Table, Value, work};

told!(
    a_list_may_be_empty_or_long,
    many_rows_go_in_at_once,
    what_exists_may_be_overwritten,
    a_row_that_has_to_change_is_one,
    a_taken_key_is_told_from_other_errors,
);

async fn fill(db: &Store, table: &'static Table, count: usize, version: i64) -> Result<u64, StoreError> {
    db.write(work(move |tx: &mut Unit| {
        let rows = (0..count)
            .map(|n| vec![Value::Text(n.to_string()), Value::Int(version)])
            .collect();
        Box::pin(async move { tx.insert_all(table, rows).await })
    }))
    .await
}

async fn total(db: &Store) -> (i64, i64) {
    const TOTAL: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM counter";
    let read = work(|tx: &mut Unit| Box::pin(async move { tx.query(TOTAL).optional::<(i64, i64)>().await }));
    db.read(read).await.unwrap().unwrap()
}

async fn a_list_may_be_empty_or_long(stage: Stage) {
    const FOUND: &str = "SELECT COUNT(*) FROM counter WHERE version = $2 AND name IN LIST($1)";
    let db = stage.open().await;
    fill(&db, &COUNTER, 100, 7).await.unwrap();
    for (asked, found) in [(0..0, 0), (5..6, 1), (50..40_000, 50)] {
        let read = work(move |tx: &mut Unit| {
            let asked = asked.clone();
            Box::pin(async move { tx.query(FOUND).bind_list(asked).bind(7).scalar::<i64>().await })
        });
        assert_eq!(db.read(read).await.unwrap(), found);
    }
}

async fn many_rows_go_in_at_once(stage: Stage) {
    let db = stage.open().await;
    assert_eq!(fill(&db, &COUNTER, 0, 1).await.unwrap(), 0);
    assert_eq!(total(&db).await, (0, 0));
    assert_eq!(fill(&db, &COUNTER, 1, 1).await.unwrap(), 1);
    assert!(matches!(
        fill(&db, &COUNTER, 12_000, 2).await,
        Err(StoreError::Duplicate(_))
    ));
    assert_eq!(total(&db).await, (1, 1), "one taken key keeps all of them out");
}

async fn what_exists_may_be_overwritten(stage: Stage) {
    const ADD: Table = Table {
        on_conflict: "ON CONFLICT (name) DO UPDATE SET version = counter.version + excluded.version",
        ..COUNTER
    };
    const LEAVE: Table = Table {
        on_conflict: "ON CONFLICT (name) DO NOTHING",
        ..COUNTER
    };
    let db = stage.open().await;
    assert_eq!(fill(&db, &LEAVE, 10, 5).await.unwrap(), 10);
    assert_eq!(
        fill(&db, &LEAVE, 12, 9).await.unwrap(),
        2,
        "only what was written is counted"
    );
    assert_eq!(total(&db).await, (12, 68));
    assert_eq!(fill(&db, &ADD, 12_000, 1).await.unwrap(), 12_000);
    assert_eq!(total(&db).await, (12_000, 12_068));
}

async fn a_row_that_has_to_change_is_one(stage: Stage) {
    const STEP: &str = "UPDATE counter SET version = version + 1 WHERE name = $1 AND version = $2";
    let step = |version: i64| {
        work(move |tx: &mut Unit| {
            Box::pin(async move {
                tx.query(STEP)
                    .bind("a")
                    .bind(version)
                    .execute_one("the counter")
                    .await
            })
        })
    };
    let db = stage.open().await;
    enter(&db, &["a", "b"]).await;
    db.write(step(0)).await.unwrap();
    let error = db.write(step(0)).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict { what: "the counter" }),
        "{error:?}"
    );
    let all = work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("UPDATE counter SET version = 9")
                .execute_one("the counter")
                .await
        })
    });
    assert!(
        matches!(db.write(all).await, Err(StoreError::Conflict { .. })),
        "two rows are not one"
    );
    assert_eq!(total(&db).await, (2, 1));
}

async fn a_taken_key_is_told_from_other_errors(stage: Stage) {
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    let error = db.write(Enter(&["b", "a"])).await.unwrap_err();
    assert!(matches!(error, StoreError::Duplicate(_)), "{error:?}");
    let empty = work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("INSERT INTO counter (name, version) VALUES ($1, NULL)")
                .bind("c")
                .execute()
                .await
        })
    });
    let error = db.write(empty).await.unwrap_err();
    assert!(matches!(error, StoreError::Sql(_)), "{error:?}");
    assert_eq!(names(&db).await, ["a"]);
}
