//! The console as an officer sees it, in a real Chromium: who is not signed in sees nothing, and the page of a person
//! whose death was registered late shows what it did to the benefit.

use crate::program::Program;
use crate::walk::{FIRST_DAY, Officers, walk};
use mz_testkit::{Browser, NO_BROWSER, skip};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

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
    browser.close().await;
    program.stop();
}

/// The bureau before anybody opens a page.
struct Bureau<'a> {
    program: &'a Program,
    officers: &'a Officers,
    steps: AtomicU32,
}

impl Bureau<'_> {
    async fn post(&self, token: &str, path: &str, body: Value) -> Value {
        let key = format!("step-{}", self.steps.fetch_add(1, Ordering::Relaxed));
        let path = format!("/api/{path}");
        self.program
            .post(token, &path, &key, body)
            .await
            .expect("an answer")
    }

    async fn at(&self, day: &str) {
        let body = json!({ "date": day });
        let answer = self
            .program
            .post(&self.officers.administrator, "/suite/clock", day, body)
            .await;
        answer.expect("the clock");
    }

    async fn settled(&self) {
        self.program.settled().await.expect("the suite settles");
    }

    /// Runs a month on a day, and builds the batch of what it wrote.
    async fn batch(&self, day: &str, month: &str) -> String {
        self.at(day).await;
        let run = json!({ "month": month });
        self.post(&self.officers.checker, "social-assistance/runs", run)
            .await;
        self.settled().await;
        let batch = json!({ "month": month, "division": "513335", "programme": "tekun" });
        let built = self
            .post(&self.officers.maker, "disbursement/batches", batch)
            .await;
        id(&built, "batch")
    }

    /// Seals a batch, and enters that the bank has paid it.
    async fn pay(&self, batch: &str) {
        let (maker, checker) = (&self.officers.maker, &self.officers.checker);
        let path = format!("disbursement/batches/{batch}");
        self.post(maker, &format!("{path}/proposal"), json!({})).await;
        let agreed = json!({ "agree": true, "reasons": ["checked"] });
        self.post(checker, &format!("{path}/decision"), agreed).await;
        let shown = self
            .program
            .get(checker, &format!("/api/{path}"))
            .await
            .expect("a batch");
        let payments = self.program.get(checker, &format!("/api/{path}/payments")).await;
        let payments = payments.expect("payments");
        let payment = id(&payments["items"][0], "payment");
        let file = format!(
            "批次号,{},笔数,1,总金额,767.00\n序号,支付编号,金额,结果,原因\n1,{payment},767.00,成功,\n",
            id(&shown, "number"),
        );
        self.post(checker, &format!("{path}/results"), json!({ "file": file }))
            .await;
        self.settled().await;
    }
}

fn id(value: &Value, field: &str) -> String {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

/// Two months are paid and the third stands in an open batch when the death is registered; answers the person and the
/// open batch.
async fn late_death(bureau: &Bureau<'_>) -> (String, String) {
    let (maker, checker) = (&bureau.officers.maker, &bureau.officers.checker);
    let person = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": "513335" });
    let person = id(
        &bureau.post(maker, "registration/persons", person).await,
        "person",
    );
    let account = json!({
        "person": person, "division": "513335", "holder": "试甲", "bank": "农商银行", "account": "6200000000000921",
    });
    bureau.post(maker, "disbursement/payees", account).await;
    let case = json!({
        "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": "513335",
    });
    let case = id(&bureau.post(maker, "social-assistance/cases", case).await, "case");
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    bureau
        .post(
            maker,
            &format!("social-assistance/cases/{case}/proposal"),
            grant.clone(),
        )
        .await;
    bureau
        .post(
            checker,
            &format!("social-assistance/cases/{case}/decision"),
            grant,
        )
        .await;
    for (day, month) in [("2026-01-30", "2026-01"), ("2026-02-27", "2026-02")] {
        let batch = bureau.batch(day, month).await;
        bureau.pay(&batch).await;
    }
    let open = bureau.batch("2026-03-10", "2026-03").await;
    bureau.at("2026-03-17").await;
    let death = json!({ "person": person, "died_on": "2026-01-20" });
    bureau.post(maker, "funeral-reform/deaths", death).await;
    bureau.settled().await;
    bureau
        .post(checker, "social-assistance/runs", json!({ "month": "2026-03", }))
        .await;
    bureau.settled().await;
    (person, open)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_of_january_registered_in_march_shows_on_every_page() {
    let Some(browser) = Browser::start(1440, 900).await else {
        return skip(
            "a_death_of_january_registered_in_march_shows_on_every_page",
            NO_BROWSER,
        );
    };
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::start(folder.path(), &["--legal-date", FIRST_DAY])
        .await
        .expect("the suite starts");
    let officers = Officers::of(&program);
    let bureau = Bureau {
        program: &program,
        officers: &officers,
        steps: AtomicU32::new(0),
    };
    let (person, open) = late_death(&bureau).await;
    let user = json!({
        "login": "shen", "name": "审核员", "roles": ["bureau-officer"], "divisions": ["513335"], "password": PASSWORD,
    });
    bureau.post(&officers.administrator, "gateway/users", user).await;

    browser.go(&format!("{}/batches/{open}", program.address)).await;
    browser.fill("login", "shen").await;
    browser.fill("password", PASSWORD).await;
    browser.press("main button").await;
    browser.sees("拦截").await;
    for part in ["死亡", "767.00"] {
        browser.sees(part).await;
    }
    picture(&browser, "batch").await;

    browser.go(&format!("{}/persons/{person}", program.address)).await;
    browser.sees("追回中").await;
    let text = browser.text().await;
    for part in [
        // February was paid, March had not left the bureau yet.
        "待追回（元）\n767.00",
        "从发放批次中拦截 767.00 元",
        "丧葬事宜和待遇告知书",
        // The chain of causes of the recovery, down to the death.
        "发起追回 767.00 元 资金发放 · recovery.raised\n涉及月份：2026年2月\n因 2026年3月核算：应扣回 1534.00 元\n\
         因 待遇自2026年2月起停止\n因 补登死亡",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    picture(&browser, "person").await;
    browser.close().await;
    program.stop();
}

/// Keeps what is seen where somebody asks for pictures.
async fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("MINZHENG_PICTURES") {
        let file = std::path::Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(file, browser.picture().await).expect("a picture");
    }
}
