//! Opening a database: by whom, with which migrations, and again.

use crate::stage::{Enter, MIGRATIONS, Stage, enter, names, told};
use mz_store::{Migration, StoreError};

told!(
    a_database_goes_on_where_it_was,
    an_applied_migration_is_frozen,
    two_processes_may_start_at_once
);

async fn a_database_goes_on_where_it_was(stage: Stage) {
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    db.close().await;
    let db = stage.open().await;
    enter(&db, &["b"]).await;
    let more = Migration {
        name: "0002_more",
        sql: "INSERT INTO counter (name, version) VALUES ('c', 1);",
    };
    let newer = [MIGRATIONS[0], more];
    for _ in 0..2 {
        assert_eq!(
            names(&stage.try_open(&newer).await.unwrap()).await,
            ["a", "b", "c"],
            "applied once"
        );
    }
}

async fn an_applied_migration_is_frozen(stage: Stage) {
    stage.open().await.close().await;
    let changed = Migration {
        name: MIGRATIONS[0].name,
        sql: "CREATE TABLE another (n BIGINT);",
    };
    match stage.try_open(&[changed]).await {
        Err(StoreError::MigrationChanged { name }) => assert_eq!(name, MIGRATIONS[0].name),
        other => panic!("{:?}", other.err()),
    }
    let broken = Migration {
        name: "0002_broken",
        sql: "CREATE TABLE half (n BIGINT); CREATE TABEL;",
    };
    assert!(matches!(
        stage.try_open(&[MIGRATIONS[0], broken]).await,
        Err(StoreError::Sql(_))
    ));
    let mended = Migration {
        name: "0002_broken",
        sql: "CREATE TABLE half (n BIGINT);",
    };
    let db = stage
        .try_open(&[MIGRATIONS[0], mended])
        .await
        .expect("nothing of a broken migration stays");
    enter(&db, &["a"]).await;
}

async fn two_processes_may_start_at_once(stage: Stage) {
    let (one, two, three) = tokio::join!(
        stage.try_open(MIGRATIONS),
        stage.try_open(MIGRATIONS),
        stage.try_open(MIGRATIONS)
    );
    for (db, names) in [(one, &["a"]), (two, &["b"]), (three, &["c"])] {
        db.unwrap().write(Enter(names)).await.unwrap();
    }
    assert_eq!(names(&stage.open().await).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn another_engine_is_refused_by_name() {
    let mut stage = Stage::on_sqlite();
    stage.url = "mysql://somewhere".to_owned();
    match stage.try_open(&[]).await {
        Err(StoreError::UnknownEngine { scheme }) => assert_eq!(scheme, "mysql"),
        other => panic!("{:?}", other.err()),
    }
}

/// A server that was restarted, or a firewall that forgets idle connections, costs nobody an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_died_at_rest_are_replaced() {
    let name = concat!(module_path!(), "::connections_that_died_at_rest_are_replaced");
    let Some(stage) = Stage::on_postgres(name).await else {
        return;
    };
    let db = stage.open().await;
    futures::future::join_all((0..20).map(|_| names(&db))).await;
    stage
        .by_another_hand(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    enter(&db, &["a"]).await;
    assert_eq!(names(&db).await, ["a"]);
}
