//! Copies: taken from a database in use, and put back where none is.

use crate::stage::{Report, Stage, seal_all, told};
use futures::future::join_all;

told!(
    a_copy_is_put_back_as_what_it_was,
    a_copy_taken_while_others_write_holds_in_itself
);

impl Stage {
    /// An empty database on the same engine.
    async fn another(&self) -> Stage {
        if self.url.starts_with("sqlite:") {
            Stage::on_sqlite()
        } else {
            Stage::on_postgres("copies")
                .await
                .expect("it was there for the first")
        }
    }
}

async fn a_copy_is_put_back_as_what_it_was(stage: Stage) {
    let (db, folder) = (stage.open().await, tempfile::tempdir().unwrap());
    for n in 0..5 {
        db.write(Report::of(n)).await.unwrap();
    }
    seal_all(&db).await;
    let copy = db.snapshot(folder.path()).await.unwrap();
    let (head, rows) = (
        db.verify_chain().await.unwrap(),
        db.sealed_after(0, 100).await.unwrap(),
    );
    assert_eq!(copy.head, head);
    db.write(Report::of(9)).await.unwrap();

    let elsewhere = stage.another().await;
    let file = folder.path().join(&copy.file);
    mz_store::restore(&file, &elsewhere.url).await.unwrap();
    let restored = elsewhere.open().await;
    assert_eq!(restored.verify_chain().await.unwrap(), head);
    assert_eq!(restored.sealed_after(0, 100).await.unwrap(), rows);
    // It goes on where it was.
    restored.write(Report::of(7)).await.unwrap();
    seal_all(&restored).await;
    assert_eq!(restored.verify_chain().await.unwrap().position, head.position + 1);

    mz_store::restore(&file, &elsewhere.url)
        .await
        .expect_err("a database is there");
    assert_eq!(restored.verify_chain().await.unwrap().position, head.position + 1);
}

async fn a_copy_taken_while_others_write_holds_in_itself(stage: Stage) {
    let (db, folder) = (stage.open().await, tempfile::tempdir().unwrap());
    let writing = join_all((0..200).map(|n| db.write(Report::of(n))));
    let (written, copy) = tokio::join!(writing, db.snapshot(folder.path()));
    assert!(written.into_iter().all(|written| written.is_ok()));
    let elsewhere = stage.another().await;
    let file = folder.path().join(copy.unwrap().file);
    mz_store::restore(&file, &elsewhere.url).await.unwrap();
    let restored = elsewhere.open().await;
    seal_all(&restored).await;
    restored.verify_chain().await.unwrap();
}
