//! `kill -9` at every step on the way of a command and of an event: whatever the step, the end is the same.

use crate::program::{Gone, Program};
use crate::walk::{self, FIRST_DAY, Officers, Seen};
use mz_contracts::{FuneralReform, Owner, Registration, SocialAssistance};
use mz_kernel::{IdSource, ManualLegalClock, ManualSystemClock, Stamp};
use mz_store::{Db, NoFaults, SealedRow, Surroundings};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_teller_of_a_fact_killed_at_any_step_loses_and_repeats_nothing() {
    let steps = "commit:1 committed:1 seal:1 sealed:1 publish:1 published:1";
    killed_at_each("funeral-reform", steps).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_reacts_killed_at_any_step_loses_and_repeats_nothing() {
    let steps = "commit:1 committed:2 seal:1 sealed:1 publish:1 published:1 receive:1 apply:1 applied:1 acknowledged:1";
    killed_at_each("registration", steps).await;
}

/// Where a service comes to a step often, the process dies in the midst of its cases, months and corrections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_payer_killed_at_any_step_loses_and_repeats_nothing() {
    let steps = "commit:3 commit:5 committed:4 committed:6 seal:2 sealed:3 publish:2 published:3 receive:1 apply:1 \
                 applied:1 acknowledged:1";
    killed_at_each("social-assistance", steps).await;
}

async fn killed_at_each(service: &str, steps: &str) {
    for step in steps.split_whitespace() {
        let folder = tempfile::tempdir().unwrap();
        let crash = format!("{service}:{step}");
        let seen = killed_at(folder.path(), &crash).await;
        check(folder.path(), &seen, &crash).await;
    }
}

/// Walks until the process dies at the step, then starts it again and walks to the end.
async fn killed_at(data: &Path, crash: &str) -> Seen {
    let at = ["--legal-date", FIRST_DAY, "--crash-at", crash];
    match Program::start(data, &at).await {
        // It died before it was up, which is a step like any other.
        Err(Gone) => {}
        Ok(program) => {
            let officers = Officers::of(&program);
            let outcome = walk::walk(&program, &officers).await;
            assert!(outcome.is_err(), "{crash}: the process outlived its walk");
            program.died();
        }
    }
    let program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts again");
    let officers = Officers::of(&program);
    let seen = walk::walk(&program, &officers).await.expect("it stays alive");
    walk::again(&program, &officers).await.expect("it stays alive");
    lines_are_right(&program, &officers, &seen, crash).await;
    crate::broker::streams_match(&program, data).await;
    program.stop();
    seen
}

pub(crate) async fn lines_are_right(program: &Program, officers: &Officers, seen: &Seen, when: &str) {
    let lines = walk::lines(program, officers, seen)
        .await
        .expect("it stays alive");
    let found: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["month"].as_str().unwrap(),
                line["amount"].as_i64().unwrap(),
                line["kind"].as_str().unwrap(),
            )
        })
        .collect();
    let mut expected = vec![
        ("2026-01", 76_700, "current"),
        ("2026-02", 76_700, "current"),
        ("2026-03", 76_700, "current"),
        ("2026-02", -76_700, "take-back"),
        ("2026-03", -76_700, "take-back"),
    ];
    let mut sorted = found.clone();
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected, "{when}");
    for line in lines.iter().filter(|line| line["kind"] == "take-back") {
        let month = &line["month"];
        let first = lines
            .iter()
            .find(|l| &l["month"] == month && l["kind"] == "current")
            .unwrap();
        assert_eq!(
            line["corrects"],
            json!([first["line"]]),
            "{when}: a line names what it corrects"
        );
        assert!(
            line["causes"].as_array().is_some_and(|causes| !causes.is_empty()),
            "{when}: and why"
        );
    }
}

/// Reads the databases as the process left them.
async fn check(data: &Path, seen: &Seen, crash: &str) {
    let death = journal::<FuneralReform>(data).await;
    let assistance = journal::<SocialAssistance>(data).await;
    let register = journal::<Registration>(data).await;
    let count = |rows: &[SealedRow], what: &str| rows.iter().filter(|row| row.row.ty.contains(what)).count();
    assert_eq!(count(&death, "death.registered"), 1, "{crash}");
    assert_eq!(count(&register, "person.registered"), 1, "{crash}");
    for (what, times) in [
        ("case.accepted", 1),
        ("case.decided", 1),
        ("entitlement.granted", 1),
        ("entitlement.stopped", 1),
        // Three months and the one that takes back; runs without a line say nothing.
        ("lines.computed", 4),
    ] {
        assert_eq!(count(&assistance, what), times, "{crash}: {what}");
    }
    assert!(death.iter().any(|row| row.row.aggregate == seen.death), "{crash}");
}

/// The sealed journal of a service; the chain must hold.
async fn journal<S: Owner>(data: &Path) -> Vec<SealedRow> {
    let surroundings = Surroundings::new(
        Arc::new(ManualLegalClock::new("2026-04-10".parse().unwrap())),
        Arc::new(ManualSystemClock::new(Stamp::from_micros(0))),
        Arc::new(IdSource::seeded(1)),
        Arc::new(NoFaults),
    );
    let url = format!(
        "sqlite:{}",
        data.join("db").join(format!("{}.db", S::NAME)).display()
    );
    let db = Db::<S>::open(&url, &[], surroundings)
        .await
        .expect("the database opens");
    let head = db.verify_chain().await.expect("the chain holds");
    let rows = db.sealed_after(0, 10_000).await.expect("the journal can be read");
    assert_eq!(rows.len() as u64, head.position);
    db.close().await;
    rows
}
