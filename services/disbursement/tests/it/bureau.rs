//! The four services, their officers, and what these do most often.

use mz_contracts::{Disbursement, FuneralReform, Registration, SocialAssistance};
use mz_http::Role;
use mz_runtime::{Part, Running};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::pin::Pin;

pub(crate) const SERVICE: &str = "disbursement";
const PERSONS: &str = "registration";
const DEATHS: &str = "funeral-reform";
const ASSISTANCE: &str = "social-assistance";
pub(crate) const TOWNSHIP: &str = "513335100";

/// Urban 702 yuan from January.
const PACK: &str = r#"
    division = "513335"
    name = "巴塘县"
    parameter = [
        { key = "death.report-limit", unit = "calendar-days", from = "2019-01", value = 30, document = "试1号" },
        { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-01", value = 70200, document = "试2号" },
        { key = "tekun.first-month", unit = "choice", from = "2020-01", value = "decision-month", document = "试4号" },
        { key = "tekun.last-month", unit = "choice", from = "2020-01", value = "death-month", document = "试4号" },
        { key = "tekun.decision-limit", unit = "working-days", from = "2020-01", value = 20, document = "试4号" },
        { key = "tekun.recheck-months", unit = "months", from = "2020-01", value = 24, document = "试4号" },
    ]
"#;

pub(crate) struct Bureau {
    pub(crate) stage: Stage,
    persons: Running<Registration>,
    deaths: Running<FuneralReform>,
    assistance: Running<SocialAssistance>,
    books: Running<Disbursement>,
    pub(crate) maker: Officer,
    pub(crate) checker: Officer,
}

impl Bureau {
    pub(crate) async fn start(stage: Stage) -> Bureau {
        let stage = stage.with_policy(&[PACK]);
        let persons = registration::service()
            .start(stage.setting(PERSONS).await)
            .await
            .expect("it starts");
        let deaths = funeral_reform::service()
            .start(stage.setting(DEATHS).await)
            .await
            .expect("it starts");
        let assistance = social_assistance::service()
            .start(stage.setting(ASSISTANCE).await)
            .await
            .expect("it starts");
        let books = disbursement::service()
            .start(stage.setting(SERVICE).await)
            .await
            .expect("it starts");
        let administrator = stage.officer(Role::Administrator, Stage::COUNTY);
        let rows = json!({ "divisions": [
            { "code": "513335", "name": "巴塘县", "from": "2019-01-01" },
            { "code": TOWNSHIP, "name": "夏邛镇", "from": "2019-01-01" },
        ] });
        administrator.post(PERSONS, "/divisions", rows).await.is(200);
        let maker = stage.officer(Role::TownshipOfficer, TOWNSHIP);
        let checker = stage.officer(Role::BureauOfficer, Stage::COUNTY);
        Bureau {
            stage,
            persons,
            deaths,
            assistance,
            books,
            maker,
            checker,
        }
    }

    fn parts(&self) -> [&dyn Part; 4] {
        [&self.persons, &self.deaths, &self.assistance, &self.books]
    }

    pub(crate) async fn settled(&self) {
        self.stage.settled(&self.parts()).await;
    }

    /// The books hold together at every level; then the story ends.
    pub(crate) fn finish(self, through: &'static str) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            self.settled().await;
            for by in ["county", "township", "person"] {
                let path = format!("/proof?through={through}&by={by}");
                let proof = self.checker.get(SERVICE, &path).await.is(200);
                assert_eq!(proof["holds"], true, "{by}: {proof:#}");
            }
            let Bureau {
                stage,
                persons,
                deaths,
                assistance,
                books,
                ..
            } = self;
            stage.finish(&[&persons, &deaths, &assistance, &books]).await;
        })
    }

    pub(crate) async fn person(&self) -> String {
        let body = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": TOWNSHIP });
        text(
            &self.maker.post(PERSONS, "/persons", body).await.is(201),
            "person",
        )
    }

    /// A person with an urban entitlement and an account.
    pub(crate) async fn granted(&self) -> String {
        let person = self.entitled().await;
        self.account(&person, "6228480000000921").await;
        person
    }

    /// A person with an urban entitlement.
    pub(crate) async fn entitled(&self) -> String {
        let person = self.person().await;
        let body = json!({
            "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": TOWNSHIP,
        });
        let case = text(&self.maker.post(ASSISTANCE, "/cases", body).await.is(201), "case");
        let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
        let path = format!("/cases/{case}/proposal");
        self.maker.post(ASSISTANCE, &path, grant.clone()).await.is(200);
        let path = format!("/cases/{case}/decision");
        self.checker.post(ASSISTANCE, &path, grant).await.is(200);
        person
    }

    pub(crate) async fn account(&self, person: &str, account: &str) -> Value {
        let body = json!({
            "person": person, "division": TOWNSHIP, "holder": "试甲", "bank": "中国农业银行", "account": account,
        });
        self.maker.post(SERVICE, "/payees", body).await.is(201)
    }

    pub(crate) async fn dies(&self, person: &str, on: &str) -> String {
        let body = json!({ "person": person, "died_on": on });
        let death = text(&self.maker.post(DEATHS, "/deaths", body).await.is(201), "death");
        self.settled().await;
        death
    }

    pub(crate) async fn annul(&self, death: &str) {
        let path = format!("/deaths/{death}/annulments");
        let body = json!({ "reason": "mistaken-identity" });
        let proposed = self.maker.post(DEATHS, &path, body).await.is(201);
        let path = format!("{path}/{}/decision", text(&proposed, "annulment"));
        let agree = json!({ "agree": true, "reasons": ["seen alive"] });
        self.checker.post(DEATHS, &path, agree).await.is(200);
        self.settled().await;
    }

    pub(crate) async fn run(&self, month: &str) {
        let body = json!({ "month": month });
        self.checker.post(ASSISTANCE, "/runs", body).await.is(201);
        self.settled().await;
    }

    /// Builds a batch as the township's officer.
    pub(crate) async fn build(&self, month: &str) -> String {
        let body = json!({ "month": month, "division": TOWNSHIP, "programme": "tekun" });
        text(&self.maker.post(SERVICE, "/batches", body).await.is(201), "batch")
    }

    pub(crate) async fn propose(&self, batch: &str) {
        let path = format!("/batches/{batch}/proposal");
        self.maker.post(SERVICE, &path, json!({})).await.is(200);
    }

    /// Builds, proposes and seals.
    pub(crate) async fn sealed(&self, month: &str) -> String {
        let batch = self.build(month).await;
        self.propose(&batch).await;
        let agree = json!({ "agree": true, "reasons": ["checked"] });
        let path = format!("/batches/{batch}/decision");
        self.checker.post(SERVICE, &path, agree).await.is(200);
        batch
    }

    pub(crate) async fn batch(&self, batch: &str) -> Value {
        self.checker
            .get(SERVICE, &format!("/batches/{batch}"))
            .await
            .is(200)
    }

    /// The payments of a batch, in their order.
    pub(crate) async fn payments(&self, batch: &str) -> Vec<String> {
        let path = format!("/batches/{batch}/payments?limit=500");
        let payments = self.checker.get(SERVICE, &path).await.is(200);
        let payments = payments["items"].as_array().expect("items").iter();
        payments.map(|payment| text(payment, "payment")).collect()
    }

    /// How many events the books have told.
    pub(crate) async fn told(&self) -> u64 {
        self.settled().await;
        self.books.health().await.expect("it runs").sealed
    }

    /// The bank's answer for a batch of one payment.
    pub(crate) async fn answer(&self, batch: &str, result: &str, reason: &str) -> String {
        let shown = self.batch(batch).await;
        let payment = self.payments(batch).await.remove(0);
        let amount = shown["amount"].as_i64().expect("fen");
        let file = results(
            &text(&shown, "number"),
            amount,
            &[(&payment, amount, &format!("{result},{reason}"))],
        );
        let path = format!("/batches/{batch}/results");
        self.checker
            .post(SERVICE, &path, json!({ "file": file }))
            .await
            .is(200);
        payment
    }
}

/// A result file that says `total` fen of rows of a payment, its fen, and what became of it with the reason.
pub(crate) fn results(number: &str, total: i64, rows: &[(&str, i64, &str)]) -> String {
    let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
    let mut file = format!(
        "批次号,{number},笔数,{},总金额,{}\n序号,支付编号,金额,结果,原因\n",
        rows.len(),
        yuan(total)
    );
    for (n, (payment, fen, said)) in (1..).zip(rows) {
        writeln!(file, "{n},{payment},{},{said}", yuan(*fen)).expect("a String takes all");
    }
    file
}

pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
