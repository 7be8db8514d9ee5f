//! A process that dies at COMMIT: before it nothing is stored, after it everything is.

use crate::stage::{Enter, Report, Stage, enter, names, seal_all, told};
use mz_store::{Step, StoreError};

told!(
    before_the_commit_nothing_is_stored,
    after_the_commit_everything_is,
    the_seal_is_all_or_nothing
);

async fn before_the_commit_nothing_is_stored(stage: Stage) {
    let db = stage.open().await;
    stage.faults.next(Step::Commit);
    let error = db.write(Enter(&["a"])).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(names(&db).await, Vec::<String>::new());
    enter(&db, &["a"]).await;
}

async fn after_the_commit_everything_is(stage: Stage) {
    let db = stage.open().await;
    let committed = db.committed();
    stage.faults.next(Step::Committed);
    let error = db.write(Report::of(1)).await.unwrap_err();
    assert!(
        error.is_transient() && !matches!(error, StoreError::Unavailable(_)),
        "{error:?}"
    );
    assert_eq!(
        db.head().await.unwrap().1,
        1,
        "the event is in the journal, though its caller was not told"
    );
    assert!(committed.has_changed().unwrap(), "the relay hears of it");
}

async fn the_seal_is_all_or_nothing(stage: Stage) {
    let db = stage.open().await;
    db.write(Report::of(1)).await.unwrap();
    for (step, position) in [(Step::Seal, 0), (Step::Sealed, 1)] {
        stage.faults.next(step);
        assert!(db.seal().await.unwrap_err().is_transient());
        let (head, waiting) = db.head().await.unwrap();
        assert_eq!((head.position, waiting), (position, 1 - position), "{step}");
    }
    seal_all(&db).await;
    assert_eq!(db.verify_chain().await.unwrap().position, 1);
}
