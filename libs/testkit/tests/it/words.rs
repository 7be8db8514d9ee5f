//! What the kit says when something is not as it should be.

use std::panic::catch_unwind;
use std::process::Command;
use std::time::Duration;

use futures::FutureExt as _;
use mz_testkit::{eventually, golden, skip};

fn said(panicked: Box<dyn std::any::Any + Send>) -> String {
    *panicked.downcast::<String>().expect("a message")
}

#[tokio::test]
async fn eventually_returns_what_comes_and_tells_the_last_status_of_what_does_not() {
    let mut looks = 0;
    let came = eventually("three looks", Duration::from_secs(30), async || {
        looks += 1;
        if looks == 3 {
            Ok(looks)
        } else {
            Err(format!("look {looks}"))
        }
    });
    assert_eq!(came.await, 3);

    let never = eventually::<()>("the moon", Duration::from_millis(20), async || {
        Err("still rising".to_owned())
    });
    let told = said(
        std::panic::AssertUnwindSafe(never)
            .catch_unwind()
            .await
            .unwrap_err(),
    );
    assert!(
        told.contains("the moon") && told.contains("still rising"),
        "{told}"
    );

    let hangs = eventually::<()>("an answer", Duration::from_millis(20), async || {
        std::future::pending().await
    });
    let told = said(
        std::panic::AssertUnwindSafe(hangs)
            .catch_unwind()
            .await
            .unwrap_err(),
    );
    assert!(told.contains("not one look was finished"), "{told}");
}

#[test]
fn a_golden_file_that_differs_or_is_missing_fails_with_the_difference() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.txt");
    std::fs::write(&file, "one\ntwo\n").unwrap();
    golden::check(&file, "one\ntwo\n");
    let told = said(catch_unwind(|| golden::check(&file, "one\nthree\n")).unwrap_err());
    assert!(told.contains("-two\n+three"), "{told}");
    let told = said(catch_unwind(|| golden::check(folder.path().join("none"), "")).unwrap_err());
    assert!(told.contains("no such file yet"), "{told}");
}

#[test]
fn a_skip_is_listed_by_name_and_fails_where_nothing_may_be_skipped() {
    let run = |required: &str| {
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "words::role_of_a_skipped_test", "--ignored"])
            .env("MINZHENG_REQUIRE_ALL", required);
        test.output().unwrap()
    };
    let skipped = run("");
    assert!(skipped.status.success());
    // The harness captures what a passing test prints; this line is seen all the same.
    assert_eq!(
        String::from_utf8_lossy(&skipped.stderr),
        "skipped: a story: a reason\n"
    );
    assert!(!run("1").status.success());
}

/// Not a test: the process that the test above looks at.
#[test]
#[ignore = "a part of a_skip_is_listed_by_name_and_fails_where_nothing_may_be_skipped"]
fn role_of_a_skipped_test() {
    skip("a story", "a reason");
}
