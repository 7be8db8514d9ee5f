//! The console as an officer sees it, in a real Chromium: who is not signed in sees nothing, and the page of a person
//! whose death was registered late shows what it did to the benefit.

use crate::program::Program;
use crate::walk::{FIRST_DAY, Officers, walk};
use mz_testkit::{Browser, NO_BROWSER, skip};
use serde_json::json;

const PASSWORD: &str = "of a test, long enough";

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_signs_in_and_sees_what_a_late_death_changed() {
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip(
            "an_officer_signs_in_and_sees_what_a_late_death_changed",
            NO_BROWSER,
        );
    };
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::start(folder.path(), &["--legal-date", FIRST_DAY])
        .await
        .expect("the suite starts");
    let officers = Officers::of(&program);
    let seen = walk(&program, &officers).await.expect("the walk");
    let user = json!({
        "login": "shen", "name": "审核员", "roles": ["bureau-officer"], "divisions": ["513335"], "password": PASSWORD,
    });
    program
        .post(&officers.administrator, "/api/gateway/users", "user-shen", user)
        .await
        .expect("an account");
    let page = |path: &str| format!("{}{path}", program.address);

    // A page that was asked for before signing in is the page that is shown after it.
    let person = format!("/persons/{}", seen.person);
    browser.go(&page(&person)).await;
    assert!(
        browser.path().await.starts_with("/sign-in"),
        "{}",
        browser.path().await
    );
    browser.fill("login", "shen").await;
    browser.fill("password", "not the password").await;
    browser.press("main button").await;
    browser.sees("用户名或密码").await;
    browser.fill("login", "shen").await;
    browser.fill("password", PASSWORD).await;
    browser.press("main button").await;
    browser.sees("审核员").await;
    assert_eq!(browser.path().await, person);

    // The name is masked, the death is there, so is each month with what was paid and taken back, and each step says
    // what caused it, down to the death.
    let text = browser.text().await;
    for part in [
        "试*",
        "2026年1月20日",
        "767.00",
        "−767.00",
        "扣回2026年3月",
        "因 待遇自2026年2月起停止",
        "因 补登死亡",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains("试甲"), "the name is shown:\n{text}");
    if let Some(folder) = std::env::var_os("MINZHENG_PICTURES") {
        let file = std::path::Path::new(&folder).join("person.png");
        std::fs::write(file, browser.picture().await).expect("a picture");
    }
    browser.close().await;
    program.stop();
}
