//! A request that comes twice is done once and answered twice.

use crate::stage::{Stage, Unit, names, told};
use futures::future::join_all;
use mz_contracts::FuneralReform;
use mz_store::{Answer, RequestKey, StoreError, Work};

told!(
    a_request_is_done_once,
    requests_at_once_are_done_once,
    refused_work_is_not_remembered
);

fn key(caller: &str, fingerprint: &str) -> RequestKey {
    RequestKey {
        caller: caller.to_owned(),
        key: "k".to_owned(),
        fingerprint: fingerprint.to_owned(),
    }
}

struct Next {
    refused: bool,
}

impl Work<FuneralReform> for Next {
    type Output = i64;
    type Error = StoreError;
    async fn run(&self, tx: &mut Unit) -> Result<i64, StoreError> {
        let count: i64 = tx.query("SELECT COUNT(*) FROM counter").scalar().await?;
        let name = format!("counter {}", count + 1);
        tx.query("INSERT INTO counter (name, version) VALUES ($1, 0)")
            .bind(name)
            .execute()
            .await?;
        if self.refused {
            Err(StoreError::Conflict { what: "a story" })
        } else {
            Ok(count + 1)
        }
    }
}

const NEXT: Next = Next { refused: false };

async fn a_request_is_done_once(stage: Stage) {
    let db = stage.open().await;
    let first = db.write_once(key("officer", "f"), NEXT).await.unwrap();
    assert_eq!(
        first,
        Answer {
            output: 1,
            replayed: false
        }
    );
    let again = db.write_once(key("officer", "f"), NEXT).await.unwrap();
    assert_eq!(
        again,
        Answer {
            output: 1,
            replayed: true
        }
    );
    let reused = db.write_once(key("officer", "another"), NEXT).await;
    assert!(matches!(reused, Err(StoreError::KeyReused)));
    let elsewhere = db
        .write_once(key("another officer", "another"), NEXT)
        .await
        .unwrap();
    assert_eq!(
        elsewhere,
        Answer {
            output: 2,
            replayed: false
        },
        "keys of different callers never meet"
    );
    db.close().await;
    let again = stage
        .open()
        .await
        .write_once(key("officer", "f"), NEXT)
        .await
        .unwrap();
    assert_eq!(
        again,
        Answer {
            output: 1,
            replayed: true
        },
        "also by the next process"
    );
}

async fn requests_at_once_are_done_once(stage: Stage) {
    let db = stage.open().await;
    let answers = join_all((0..12).map(|_| db.write_once(key("officer", "f"), NEXT))).await;
    let answers: Vec<Answer<i64>> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.output == 1), "{answers:?}");
    assert_eq!(
        answers.iter().filter(|answer| !answer.replayed).count(),
        1,
        "{answers:?}"
    );
    assert_eq!(names(&db).await, ["counter 1"]);
}

async fn refused_work_is_not_remembered(stage: Stage) {
    let db = stage.open().await;
    let refused = db.write_once(key("officer", "f"), Next { refused: true }).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(names(&db).await, Vec::<String>::new());
    let tried_again = db.write_once(key("officer", "f"), NEXT).await.unwrap();
    assert_eq!(
        tried_again,
        Answer {
            output: 1,
            replayed: false
        }
    );
}
