//! Units of work beside each other: all or nothing, one after the other, and nobody hurt by another's failure.

use crate::stage::{Enter, Report, Stage, Store, Unit, enter, names, told};
use futures::future::join_all;
use mz_contracts::FuneralReform;
use mz_store::{StoreError, Work, work};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

told!(
    refused_work_is_undone_beside_work_that_is_kept,
    work_that_panics_hurts_nobody,
    a_failed_statement_fails_the_work,
    no_increment_is_lost,
    decisions_on_each_others_rows_are_taken_in_turn,
    a_read_sees_one_state,
    reads_see_what_is_committed,
    a_read_cannot_write,
    closing_finishes_what_waits,
    nothing_is_done_after_closing,
);

/// Enters counters, and then does what the variant says.
struct Then(&'static [&'static str], End);

enum End {
    Refuse,
    Panic,
    Swallow,
    SwallowAndReport,
}

impl Work<FuneralReform> for Then {
    type Output = ();
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<(), StoreError> {
        Enter(self.0).run(tx).await?;
        match self.1 {
            End::Refuse => Err(StoreError::Conflict { what: "a story" }),
            End::Panic => panic!("a unit of work that panics, as this story wants"),
            End::Swallow | End::SwallowAndReport => {
                assert!(Enter(self.0).run(tx).await.is_err(), "the names are taken");
                if matches!(self.1, End::SwallowAndReport) {
                    Report::of(1).run(tx).await?;
                }
                Ok(())
            }
        }
    }
}

async fn refused_work_is_undone_beside_work_that_is_kept(stage: Stage) {
    let db = stage.open().await;
    let (a, b, c) = tokio::join!(
        db.write(Enter(&["a"])),
        db.write(Then(&["b", "bb"], End::Refuse)),
        db.write(Enter(&["c"]))
    );
    assert!(matches!(b, Err(StoreError::Conflict { what: "a story" })));
    a.unwrap();
    c.unwrap();
    assert_eq!(names(&db).await, ["a", "c"]);
}

async fn work_that_panics_hurts_nobody(stage: Stage) {
    let db = stage.open().await;
    let alone = db.clone();
    // On PostgreSQL the panic is the caller's own; on SQLite it must not become the writer's.
    let panics = tokio::spawn(async move { alone.write(Then(&["b"], End::Panic)).await });
    let (panicked, a) = tokio::join!(panics, db.write(Enter(&["a"])));
    assert!(!matches!(panicked, Ok(Ok(()))));
    a.unwrap();
    enter(&db, &["c"]).await;
    assert_eq!(names(&db).await, ["a", "c"]);
}

/// PostgreSQL gives the transaction up with the statement, and would answer the COMMIT with a silent ROLLBACK.
async fn a_failed_statement_fails_the_work(stage: Stage) {
    let db = stage.open().await;
    for end in [End::Swallow, End::SwallowAndReport] {
        let error = db.write(Then(&["a"], end)).await.unwrap_err();
        assert!(matches!(error, StoreError::WentOn), "{error:?}");
    }
    assert_eq!(names(&db).await, Vec::<String>::new());
    assert_eq!(db.head().await.unwrap().1, 0, "nothing is in the journal");
    enter(&db, &["a"]).await;
}

async fn no_increment_is_lost(stage: Stage) {
    const READ: &str = "SELECT version FROM counter WHERE name = 'a'";
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    // Reads and writes in two statements: what the engine does not order is lost.
    let increment = |db: Store| async move {
        for _ in 0..20 {
            let step = work(|tx: &mut Unit| {
                Box::pin(async move {
                    let version: i64 = tx.query(READ).scalar().await?;
                    let next = version + 1;
                    tx.query("UPDATE counter SET version = $1 WHERE name = 'a'")
                        .bind(next)
                        .execute()
                        .await
                })
            });
            db.write(step).await.unwrap();
        }
    };
    for done in join_all((0..64).map(|_| tokio::spawn(increment(db.clone())))).await {
        done.unwrap();
    }
    let read = work(|tx: &mut Unit| Box::pin(async move { tx.query(READ).scalar::<i64>().await }));
    assert_eq!(db.read(read).await.unwrap(), 64 * 20);
}

/// Two accounts may not be overdrawn together: each work looks at both and takes from one.
async fn decisions_on_each_others_rows_are_taken_in_turn(stage: Stage) {
    const BOTH: &str = "SELECT CAST(SUM(version) AS BIGINT) FROM counter";
    let db = stage.open().await;
    enter(&db, &["a", "b"]).await;
    let take = |from: &'static str| {
        db.write(work(move |tx: &mut Unit| {
            Box::pin(async move {
                let both: i64 = tx.query(BOTH).scalar().await?;
                if both >= 100 {
                    tx.query("UPDATE counter SET version = version - 100 WHERE name = $1")
                        .bind(from)
                        .execute_one("the counter")
                        .await?;
                }
                Ok::<_, StoreError>(())
            })
        }))
    };
    for round in 0..20 {
        let refill = work(|tx: &mut Unit| {
            Box::pin(async move { tx.query("UPDATE counter SET version = 50").execute().await })
        });
        db.write(refill).await.unwrap();
        let (a, b) = tokio::join!(take("a"), take("b"));
        a.unwrap();
        b.unwrap();
        let read = work(|tx: &mut Unit| Box::pin(async move { tx.query(BOTH).scalar::<i64>().await }));
        assert_eq!(db.read(read).await.unwrap(), 0, "round {round}");
    }
}

/// Looks twice; between the looks it says so, and waits until somebody else has written.
struct LookTwice {
    looked: mpsc::Sender<()>,
    written: Mutex<mpsc::Receiver<()>>,
}

impl Work<FuneralReform> for LookTwice {
    type Output = (i64, i64);
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<(i64, i64), StoreError> {
        const LOOK: &str = "SELECT COUNT(*) FROM counter";
        let first = tx.query(LOOK).scalar().await?;
        self.looked.send(()).unwrap();
        // Blocks its thread and does not await: work awaits nothing but SQL.
        tokio::task::block_in_place(|| self.written.lock().unwrap().recv().unwrap());
        Ok((first, tx.query(LOOK).scalar().await?))
    }
}

async fn a_read_sees_one_state(stage: Stage) {
    let db = stage.open().await;
    let (looked, has_looked) = mpsc::channel();
    let (wrote, written) = mpsc::channel();
    let reader = db.clone();
    let look = LookTwice {
        looked,
        written: Mutex::new(written),
    };
    let view = tokio::spawn(async move { reader.read(look).await });
    tokio::task::spawn_blocking(move || has_looked.recv().unwrap())
        .await
        .unwrap();
    enter(&db, &["a"]).await;
    wrote.send(()).unwrap();
    assert_eq!(view.await.unwrap().unwrap(), (0, 0));
    assert_eq!(names(&db).await, ["a"]);
}

async fn reads_see_what_is_committed(stage: Stage) {
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    let (wrote, has_written) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let may_go = Arc::new(Mutex::new(may_go));
    let held = work(move |tx: &mut Unit| {
        let (wrote, may_go) = (wrote.clone(), Arc::clone(&may_go));
        Box::pin(async move {
            Enter(&["b"]).run(tx).await?;
            // Blocks the thread on purpose: work awaits nothing but SQL.
            wrote.send(()).unwrap();
            tokio::task::block_in_place(|| may_go.lock().unwrap().recv().unwrap());
            Ok::<_, StoreError>(())
        })
    });
    let writer = db.clone();
    let written = tokio::spawn(async move { writer.write(held).await });
    tokio::task::spawn_blocking(move || has_written.recv().unwrap())
        .await
        .unwrap();
    assert_eq!(
        names(&db).await,
        ["a"],
        "the writer has written and not committed"
    );
    go.send(()).unwrap();
    written.await.unwrap().unwrap();
    assert_eq!(names(&db).await, ["a", "b"]);
}

async fn a_read_cannot_write(stage: Stage) {
    let db = stage.open().await;
    db.read(Enter(&["a"])).await.unwrap_err();
    assert_eq!(names(&db).await, Vec::<String>::new());
}

async fn closing_finishes_what_waits(stage: Stage) {
    const ADD: &str = "UPDATE counter SET version = version + 1";
    let add =
        || work(|tx: &mut Unit| Box::pin(async move { tx.query(ADD).execute_one("the counter").await }));
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let db = db.clone();
        tasks.spawn(async move { db.write(add()).await });
    }
    // Some are done by now, some wait, some have not come.
    tasks.join_next().await.unwrap().unwrap().unwrap();
    db.close().await;
    let mut done = 1;
    for outcome in tasks.join_all().await {
        match outcome {
            Ok(()) => done += 1,
            Err(StoreError::Unavailable(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let read = work(|tx: &mut Unit| {
        Box::pin(async move { tx.query("SELECT version FROM counter").scalar::<i64>().await })
    });
    assert_eq!(
        stage.open().await.read(read).await.unwrap(),
        done,
        "who was told that it is stored"
    );
}

async fn nothing_is_done_after_closing(stage: Stage) {
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    assert_eq!(names(&db).await, ["a"]);
    let other = db.clone();
    db.close().await;
    for closed in [db, other] {
        assert!(matches!(
            closed.write(Enter(&["b"])).await,
            Err(StoreError::Unavailable(_))
        ));
        assert!(matches!(
            closed.read(Enter(&[])).await,
            Err(StoreError::Unavailable(_))
        ));
        closed.close().await;
    }
    assert_eq!(names(&stage.open().await).await, ["a"]);
}

/// A writer that waits for something else would hold everybody up (D2); PostgreSQL has a writer for each.
#[tokio::test]
async fn on_sqlite_work_awaits_nothing_but_sql() {
    let stage = Stage::on_sqlite();
    let db = stage.open().await;
    let never = || {
        work(|tx: &mut Unit| {
            Box::pin(async move {
                tx.query("SELECT COUNT(*) FROM counter").scalar::<i64>().await?;
                std::future::pending::<Result<(), StoreError>>().await
            })
        })
    };
    assert!(matches!(db.read(never()).await, Err(StoreError::Awaited)));
    assert!(matches!(db.write(never()).await, Err(StoreError::Awaited)));
    let runtime = tokio::runtime::Handle::current();
    let timer = work(move |tx: &mut Unit| {
        let runtime = runtime.clone();
        Box::pin(async move {
            Enter(&["a"]).run(tx).await?;
            let hour = {
                let _timers = runtime.enter();
                tokio::time::sleep(Duration::from_hours(1))
            };
            hour.await;
            Ok::<_, StoreError>(())
        })
    });
    assert!(matches!(db.write(timer).await, Err(StoreError::Awaited)));
    enter(&db, &["b"]).await;
    assert_eq!(names(&db).await, ["b"], "what it had written is undone");
}

/// What an administrator copies after a shutdown is all of it.
#[tokio::test]
async fn a_closed_sqlite_database_is_one_file() {
    let stage = Stage::on_sqlite();
    let db = stage.open().await;
    enter(&db, &["a"]).await;
    assert_eq!(names(&db).await, ["a"]);
    db.close().await;
    let file = Path::new(stage.url.strip_prefix("sqlite:").unwrap());
    let left = std::fs::read_dir(file.parent().unwrap()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(
        left,
        ["store.db"],
        "the log is written back, and nobody holds the file"
    );
}
