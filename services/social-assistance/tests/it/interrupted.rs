//! Runs that are cut off in the middle, by a database that stops taking anything.

use crate::bureau::{Bureau, SERVICE, expected};
use mz_store::{Faults, Step, StoreError};
use mz_testkit::{Reply, Stage};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

mz_testkit::stories![a_run_of_many_parts_is_cut_off_and_goes_on_and_is_run_by_many];

/// Once told to, lets so many more commits pass and fails every one after them.
#[derive(Debug)]
struct Outage(AtomicI64);

impl Outage {
    const NEVER: i64 = i64::MAX;

    fn after(&self, commits: i64) {
        self.0.store(commits, Ordering::SeqCst);
    }
}

impl Faults for Outage {
    fn reach(&self, _: &'static str, step: Step) -> Result<(), StoreError> {
        if step == Step::Commit && self.0.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(StoreError::Injected(step));
        }
        Ok(())
    }
}

/// One more than are settled in one transaction.
const PERSONS: usize = 501;

async fn a_run_of_many_parts_is_cut_off_and_goes_on_and_is_run_by_many(stage: Stage) {
    let outage = Arc::new(Outage(AtomicI64::new(Outage::NEVER)));
    let bureau = Bureau::start_with(stage, Arc::clone(&outage) as Arc<dyn Faults>).await;
    let persons = bureau.grant_many(PERSONS, "rural").await;
    bureau.run("2020-01").await;
    bureau.settled().await;
    bureau.stage.today_is("2020-02-28");
    let open = cut_off(&bureau, &outage).await;
    goes_on_by_what_it_knew(&bureau, &open, persons.last().unwrap()).await;
    assert_eq!(parts(&bureau).await, [(1, 500), (2, 1), (1, 500), (2, 1), (1, 1)]);
    is_run_by_many(&bureau).await;
    // 500 units gave 1,000 lines: two events.
    assert_eq!(parts(&bureau).await[5..], [(1, 500), (2, 500)]);
    bureau.finish().await;
}

/// Asks for the run of February, always with the same key.
async fn february(bureau: &Bureau) -> Reply {
    let body = json!({ "month": "2020-02" });
    bureau
        .checker
        .post_keyed("february", SERVICE, "/runs", body)
        .await
}

/// Opens the run of February and lets it write its first part, but not the second.
async fn cut_off(bureau: &Bureau, outage: &Outage) -> Value {
    loop {
        // The request, and the part. Now and then a lease that is renewed takes the place of the part.
        outage.after(2);
        february(bureau).await.refused(503, "service.unavailable");
        outage.after(Outage::NEVER);
        let runs = bureau.checker.get(SERVICE, "/runs?month=2020-02").await.is(200);
        let open = runs["items"][0].clone();
        assert_ne!(open["finished"], true, "{open}");
        if open["lines"] == 500 {
            return open;
        }
    }
}

/// The last person, who is not settled yet, dies; the run that was opened before does not know it, the next one does.
async fn goes_on_by_what_it_knew(bureau: &Bureau, open: &Value, last: &str) {
    assert_eq!(bureau.lines(last).await, expected(&[("2020-01", 500, "current")]));
    bureau.dies(last, "2020-01-05").await;
    bureau.settled().await;
    let other = bureau
        .checker
        .post(SERVICE, "/runs", json!({ "month": "2020-01" }))
        .await;
    let problem = other.refused(409, "run.other-open");
    assert!(
        problem["detail"].as_str().unwrap().contains("2020-02"),
        "{problem}"
    );

    let answer = february(bureau).await;
    assert!(answer.replayed, "the run was opened by an earlier request");
    let finished = answer.is(201);
    assert_eq!(
        (&finished["run"], &finished["known_at"]),
        (&open["run"], &open["known_at"])
    );
    assert_eq!(
        (&finished["finished"], &finished["lines"]),
        (&json!(true), &json!(501))
    );
    assert_eq!(finished["amount"], 501 * 50_000);
    let mut wanted = expected(&[("2020-01", 500, "current"), ("2020-02", 500, "current")]);
    assert_eq!(bureau.lines(last).await, wanted);

    let next = bureau.run("2020-02").await;
    assert_eq!((&next["lines"], &next["take_back"]), (&json!(1), &json!(-50_000)));
    wanted.extend(expected(&[("2020-02", -500, "take-back")]));
    assert_eq!(bureau.lines(last).await, wanted);
    assert_eq!(
        february(bureau).await.is(201),
        finished,
        "a finished run is answered as it was"
    );
}

async fn is_run_by_many(bureau: &Bureau) {
    bureau.stage.today_is("2020-04-30");
    let runs = (0..4).map(|_| bureau.run("2020-04"));
    let mut written = 0;
    for run in futures::future::join_all(runs).await {
        // Whoever came while it was open took part in it; whoever came later found nothing to do.
        let lines = run["lines"].as_u64().unwrap();
        assert!(lines == 1_000 || lines == 0, "{run}");
        written = written.max(lines);
    }
    assert_eq!(written, 1_000, "March and April of all but the dead");
    let months = 501 + 500 + 1_000;
    assert_eq!(bureau.lined("2020-12").await, months * 50_000);
}

/// The events that told of lines: their numbers, and how many lines each had.
async fn parts(bureau: &Bureau) -> Vec<(u64, usize)> {
    let told = bureau.told("lines.computed").await;
    let part = |event: &Value| {
        let lines = event["lines"].as_array().map_or(0, Vec::len);
        (event["chunk"].as_u64().unwrap_or_default(), lines)
    };
    told.iter().map(part).collect()
}
