//! The short form: each kind of fault at least once, on either engine. `cargo run --release -p chaos` runs as long as it
//! is told.
#![cfg(test)]

use std::process::Command;

fn violates_nothing(more: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(["--seconds", "30", "--seed", "335"])
        .args(more)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    assert!(said.ends_with("violations 0\n"), "{said}");
}

#[test]
fn a_suite_on_sqlite_keeps_what_it_acknowledged() {
    violates_nothing(&[]);
}

#[tokio::test]
async fn a_suite_on_postgres_keeps_what_it_acknowledged() {
    if mz_testkit::postgres_or_skip("chaos::a_suite_on_postgres_keeps_what_it_acknowledged")
        .await
        .is_some()
    {
        violates_nothing(&["--postgres"]);
    }
}
