//! `minzheng report` on a running suite.

use crate::program::{Program, run};
use crate::walk::{self, FIRST_DAY, Officers};
use serde_json::Value;
use std::process::Command;

const MONTHS: [&str; 5] = ["report", "--from", "2026-01", "--to", "2026-04"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_printed_opened_and_released_with_what_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let officers = Officers::of(&program);
    let seen = walk::walk(&program, &officers).await.expect("it stays alive");
    let report = |more: &[&str]| run(data, &[&MONTHS[..], more].concat());

    let told: Value = serde_json::from_str(&report(&["--json"])).unwrap();
    let value = |indicator: &str| {
        let figures = told["figures"].as_array().unwrap();
        let figure = figures.iter().find(|figure| figure["indicator"] == indicator);
        figure.unwrap_or_else(|| panic!("no {indicator}: {told}"))["value"].clone()
    };
    assert_eq!(value("tekun_urban_person_times"), 1, "January alone is owed");
    assert_eq!(value("tekun_lined"), 76_700);
    assert_eq!(value("tekun_deaths"), 1);
    let text = report(&["--by", "month"]);
    assert!(text.contains("\n  2026-01"), "{text}");

    let rows = report(&["--open", "tekun_deaths", "--json"]);
    let row: Value = serde_json::from_str(&rows).expect("one row");
    assert_eq!(
        (&row["person"], &row["word"]),
        (&seen.person.into(), &"death".into())
    );

    // Nothing was paid yet: the money lies below person-times × standard.
    let released = Command::new(env!("CARGO_BIN_EXE_minzheng"))
        .arg("--data")
        .arg(data)
        .args(MONTHS)
        .arg("--release")
        .output()
        .unwrap();
    let said = String::from_utf8(released.stdout).unwrap();
    assert_eq!(released.status.code(), Some(1), "{said}");
    assert!(
        said.contains("does not hold: band of tekun_urban_paid: "),
        "{said}"
    );
    assert!(said.ends_with("1 checks do not hold\n"), "{said}");
    program.stop();
}
