//! `minzheng simulate` as an operator runs it: the figures of Batang county's year come out of the public API.

use serde_json::{Value, json};
use std::process::Command;

/// Runs the scenario with JSON as its answer.
fn simulate(more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_minzheng"))
        .args(["simulate", "batang-2020", "--json"])
        .args(more)
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("one JSON object and nothing else")
}

fn figure<'a>(report: &'a Value, id: &str) -> &'a Value {
    let rows = report["figures"].as_array().expect("figures");
    let found = rows.iter().find(|row| row["id"] == id);
    found.unwrap_or_else(|| panic!("{id}: {report}"))
}

fn fen(report: &Value, sum: &str) -> i64 {
    report["runs"][sum]
        .as_i64()
        .unwrap_or_else(|| panic!("{sum}: {report}"))
}

#[test]
fn the_published_year_comes_out_to_the_fen() {
    is_the_published_year(&simulate(&[]));
}

/// Whatever happened on the way, this is what comes out.
pub(crate) fn is_the_published_year(report: &Value) {
    assert_eq!(report["reached"], true, "{report}");
    assert_eq!(report["figures"].as_array().map(Vec::len), Some(56), "{report}");
    let equal = (14..=18).chain(20..=21).chain(34..=42);
    for id in equal.map(|number| format!("F000-{number:03}")) {
        assert_eq!(figure(report, &id)["verdict"], "equal", "{report}");
    }
    let rural = figure(report, "F000-019");
    assert_eq!(
        (&rural["verdict"], &rural["published"], &rural["ours"]),
        (&json!("inconsistent"), &json!(1_697_629), &json!(1_801_791))
    );
    assert!(
        rural["why"].as_str().is_some_and(|why| why.contains("1,790,500")),
        "{rural}"
    );
    // Everything was paid. 4,445 yuan were paid after deaths: 2,938 were paid back, 1,000 given up, 507 are outstanding.
    assert_eq!(
        report["proof"],
        json!({
            "through": "2020-11", "owed_fen": 346_040_900, "lined_fen": 346_040_900, "batched_fen": 346_485_400,
            "held_fen": 0, "paid_fen": 346_485_400, "returned_fen": 0, "pending_fen": 0,
            "recovery_raised_fen": 444_500, "offset_fen": 0, "repaid_fen": 293_800, "waived_fen": 100_000,
            "outstanding_fen": 50_700, "holds": true,
        })
    );
    assert_eq!((&report["parked"], &report["unrelayed"]), (&json!(0), &json!(0)));

    // The uprating of July was entered in August; some deaths were reported after later months had been paid.
    assert!(
        fen(report, "back_pay") > 0 && fen(report, "take_back") != 0,
        "{report}"
    );
    assert_eq!(report["runs"]["runs"], 11);
    assert_eq!(fen(report, "amount"), 346_040_900);
    assert_eq!(
        (&report["repeated"]["runs"], &report["repeated"]["lines"]),
        (&json!(11), &json!(0))
    );
}

#[test]
fn another_standard_is_a_what_if() {
    let report = simulate(&["--set", "tekun.urban@2020-07=768"]);
    assert_eq!(report["reached"], true, "{report}");
    assert_eq!(report["what_if"], json!(["tekun.standard.urban@2020-07=768.00"]));
    let urban = figure(&report, "F000-021");
    assert_eq!(
        (&urban["ours"], &urban["verdict"]),
        (&json!(1_659_630), &json!("differs"))
    );
    assert_eq!(figure(&report, "F000-020")["verdict"], "equal");
    assert_eq!(figure(&report, "F000-019")["ours"], 1_801_791);
    assert_eq!(report["repeated"]["lines"], 0);
}
