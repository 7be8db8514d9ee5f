//! The bureau before anybody opens a page, and its officers at the browser.

use crate::program::Program;
use crate::walk::{FIRST_DAY, Officers};
use mz_testkit::Browser;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// The password of every officer of a test.
pub(crate) const PASSWORD: &str = "of a test, long enough";

/// A suite with three accounts, whose legal date moves by hand.
pub(crate) struct Bureau {
    pub(crate) program: Program,
    pub(crate) officers: Officers,
    steps: AtomicU32,
    // Removed with the bureau.
    folder: TempDir,
}

impl Bureau {
    pub(crate) async fn open() -> Bureau {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::start(folder.path(), &["--legal-date", FIRST_DAY]).await;
        let program = program.expect("the suite starts");
        let bureau = Bureau {
            officers: Officers::of(&program),
            program,
            steps: AtomicU32::new(0),
            folder,
        };
        for (login, name, role) in [
            ("zhaxi", "扎西", "township-officer"),
            ("shen", "审核员", "bureau-officer"),
            ("guan", "管理员甲", "administrator"),
        ] {
            let user = json!({
                "login": login, "name": name, "roles": [role], "divisions": ["513335"], "password": PASSWORD,
            });
            bureau
                .post(&bureau.officers.administrator, "gateway/users", user)
                .await;
        }
        bureau
    }

    /// A file for a browser to send.
    pub(crate) fn file(&self, name: &str, content: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> Value {
        let key = format!("step-{}", self.steps.fetch_add(1, Ordering::Relaxed));
        let path = format!("/api/{path}");
        let answer = self.program.post(token, &path, &key, body).await;
        answer.expect("an answer")
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Value {
        let answer = self.program.get(token, &format!("/api/{path}")).await;
        answer.expect("an answer")
    }

    pub(crate) async fn at(&self, day: &str) {
        let body = json!({ "date": day });
        let administrator = &self.officers.administrator;
        let answer = self.program.post(administrator, "/suite/clock", day, body).await;
        answer.expect("the clock");
    }

    pub(crate) async fn settled(&self) {
        self.program.settled().await.expect("the suite settles");
    }

    /// Runs a month on a day, and builds the batch of what it wrote.
    pub(crate) async fn batch(&self, day: &str, month: &str) -> String {
        self.at(day).await;
        let run = json!({ "month": month });
        let checker = &self.officers.checker;
        self.post(checker, "social-assistance/runs", run).await;
        self.settled().await;
        let batch = json!({ "month": month, "division": "513335", "programme": "tekun" });
        let built = self
            .post(&self.officers.maker, "disbursement/batches", batch)
            .await;
        id(&built, "batch")
    }

    /// What the bank would answer for the only payment of a sealed batch: that it is paid.
    pub(crate) async fn bank_answer(&self, batch: &str) -> String {
        let path = format!("disbursement/batches/{batch}");
        let shown = self.get(&self.officers.checker, &path).await;
        let payments = self
            .get(&self.officers.checker, &format!("{path}/payments"))
            .await;
        let payment = id(&payments["items"][0], "payment");
        let number = id(&shown, "number");
        format!(
            "批次号,{number},笔数,1,总金额,767.00\n序号,支付编号,金额,结果,原因\n1,{payment},767.00,成功,\n"
        )
    }

    /// Seals a batch, and enters that the bank has paid it.
    pub(crate) async fn pay(&self, batch: &str) {
        self.answered(batch, "成功,").await;
    }

    /// Seals a batch, and enters what the bank says of its only payment.
    pub(crate) async fn answered(&self, batch: &str, answer: &str) {
        let (maker, checker) = (&self.officers.maker, &self.officers.checker);
        let path = format!("disbursement/batches/{batch}");
        self.post(maker, &format!("{path}/proposal"), json!({})).await;
        let agreed = json!({ "agree": true, "reasons": ["checked"] });
        self.post(checker, &format!("{path}/decision"), agreed).await;
        let file = self.bank_answer(batch).await.replace("成功,", answer);
        let file = json!({ "file": file });
        self.post(checker, &format!("{path}/results"), file).await;
        self.settled().await;
    }

    /// A person with an account and an urban tekun entitlement from January 2026.
    pub(crate) async fn entitled_person(&self) -> String {
        let (maker, checker) = (&self.officers.maker, &self.officers.checker);
        let person =
            json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": "513335" });
        let person = id(&self.post(maker, "registration/persons", person).await, "person");
        let account = json!({
            "person": person, "division": "513335", "holder": "试甲", "bank": "农商银行", "account": "6200000000000921",
        });
        self.post(maker, "disbursement/payees", account).await;
        let case = json!({
            "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": "513335",
        });
        let case = id(&self.post(maker, "social-assistance/cases", case).await, "case");
        let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
        let path = format!("social-assistance/cases/{case}");
        self.post(maker, &format!("{path}/proposal"), grant.clone()).await;
        self.post(checker, &format!("{path}/decision"), grant).await;
        person
    }

    /// Goes to a page of this suite.
    pub(crate) async fn show(&self, browser: &Browser, path: &str) {
        browser.go(&format!("{}{path}", self.program.address)).await;
    }

    /// The password that the first start wrote for the first administrator.
    pub(crate) fn first_password(&self) -> String {
        let file = self.folder.path().join("secrets").join("administrator");
        std::fs::read_to_string(file)
            .expect("a password")
            .trim()
            .to_owned()
    }

    /// Signs in as somebody else than before.
    pub(crate) async fn sign_in(&self, browser: &Browser, login: &str) {
        self.sign_in_with(browser, login, PASSWORD).await;
    }

    /// The same with this password.
    pub(crate) async fn sign_in_with(&self, browser: &Browser, login: &str, password: &str) {
        browser.client().delete_all_cookies().await.expect("a browser");
        self.show(browser, "/sign-in").await;
        browser.fill("login", login).await;
        browser.fill("password", password).await;
        browser.press_what_says("登录").await;
        browser.sees("退出").await;
    }
}

pub(crate) fn id(value: &Value, field: &str) -> String {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

/// Keeps what is seen where somebody asks for pictures.
pub(crate) async fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("MINZHENG_PICTURES") {
        let file = std::path::Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(file, browser.picture().await).expect("a picture");
    }
}
