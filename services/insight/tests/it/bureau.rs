//! The five services, their officers, and what these do most often.

use futures::future::BoxFuture;
use mz_contracts::{Disbursement, FuneralReform, Insight, Registration, SocialAssistance};
use mz_http::Role;
use mz_runtime::{Part, Running};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const SERVICE: &str = "insight";
const PERSONS: &str = "registration";
const DEATHS: &str = "funeral-reform";
pub(crate) const ASSISTANCE: &str = "social-assistance";
pub(crate) const BOOKS: &str = "disbursement";
pub(crate) const TOWNSHIP: &str = "513335100";
pub(crate) const OTHER_TOWNSHIP: &str = "513335101";

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
    pub(crate) insight: Running<Insight>,
    pub(crate) maker: Officer,
    pub(crate) checker: Officer,
}

impl Bureau {
    /// The law is that of [`PACK`].
    pub(crate) async fn start(stage: Stage) -> Bureau {
        let stage = stage.with_policy(&[PACK]);
        let started = "it starts";
        let persons = registration::service().start(stage.setting(PERSONS).await);
        let persons = persons.await.expect(started);
        let deaths = funeral_reform::service().start(stage.setting(DEATHS).await);
        let deaths = deaths.await.expect(started);
        let assistance = social_assistance::service().start(stage.setting(ASSISTANCE).await);
        let assistance = assistance.await.expect(started);
        let books = disbursement::service().start(stage.setting(BOOKS).await);
        let books = books.await.expect(started);
        let insight = insight::service().start(stage.setting(SERVICE).await);
        let insight = insight.await.expect(started);
        let administrator = stage.officer(Role::Administrator, Stage::COUNTY);
        let rows = json!({ "divisions": [
            { "code": "513335", "name": "巴塘县", "from": "2019-01-01" },
            { "code": TOWNSHIP, "name": "夏邛镇", "from": "2019-01-01" },
            { "code": OTHER_TOWNSHIP, "name": "中咱镇", "from": "2019-01-01" },
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
            insight,
            maker,
            checker,
        }
    }

    /// Starts insight again after it was stopped.
    pub(crate) async fn start_insight(&mut self) {
        let setting = self.stage.setting(SERVICE).await;
        self.insight = insight::service().start(setting).await.expect("it starts again");
    }

    /// Starts insight again with a database that holds nothing.
    pub(crate) async fn start_insight_empty(&mut self) {
        let mut setting = self.stage.setting(SERVICE).await;
        // No story here has the service whose database this would be.
        setting.database = self.stage.setting("notification").await.database;
        self.insight = insight::service().start(setting).await.expect("it starts again");
    }

    fn parts(&self) -> [&dyn Part; 5] {
        [
            &self.persons,
            &self.deaths,
            &self.assistance,
            &self.books,
            &self.insight,
        ]
    }

    pub(crate) async fn settled(&self) {
        self.stage.settled(&self.parts()).await;
    }

    /// What comes next is recorded later.
    pub(crate) fn time_passes(&self) {
        self.stage.system().advance(Duration::from_mins(5));
    }

    /// Ends the story; see [`Stage::finish`].
    pub(crate) fn finish(self) -> BoxFuture<'static, ()> {
        let Bureau {
            stage,
            persons,
            deaths,
            assistance,
            books,
            insight,
            ..
        } = self;
        Box::pin(async move {
            stage
                .finish(&[&persons, &deaths, &assistance, &books, &insight])
                .await;
        })
    }

    pub(crate) async fn person(&self) -> String {
        let body = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": TOWNSHIP });
        let person = text(
            &self.maker.post(PERSONS, "/persons", body).await.is(201),
            "person",
        );
        self.time_passes();
        person
    }

    /// Applies.
    pub(crate) async fn case(&self, person: &str, division: &str) -> String {
        let body = json!({
            "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": division,
        });
        text(
            &self.checker.post(ASSISTANCE, "/cases", body).await.is(201),
            "case",
        )
    }

    /// Applies, proposes and decides.
    pub(crate) async fn grant(&self, person: &str) -> String {
        self.grant_in(person, TOWNSHIP).await
    }

    pub(crate) async fn grant_in(&self, person: &str, division: &str) -> String {
        let case = self.case(person, division).await;
        let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
        let path = format!("/cases/{case}/proposal");
        let maker = self.stage.officer(Role::TownshipOfficer, division);
        maker.post(ASSISTANCE, &path, grant.clone()).await.is(200);
        let path = format!("/cases/{case}/decision");
        let decided = self.checker.post(ASSISTANCE, &path, grant).await.is(200);
        self.time_passes();
        text(&decided, "entitlement")
    }

    /// Sets where somebody is paid.
    pub(crate) async fn account(&self, person: &str) {
        let body = json!({
            "person": person, "division": TOWNSHIP, "holder": "试甲", "bank": "中国农业银行",
            "account": "6228480000000921",
        });
        self.maker.post(BOOKS, "/payees", body).await.is(201);
        self.time_passes();
    }

    /// A sealed batch of the county's.
    pub(crate) async fn sealed(&self, month: &str) -> String {
        self.settled().await;
        let body = json!({ "month": month, "division": Stage::COUNTY, "programme": "tekun" });
        let second = self.stage.officer(Role::BureauOfficer, Stage::COUNTY);
        let batch = text(&second.post(BOOKS, "/batches", body).await.is(201), "batch");
        let path = format!("/batches/{batch}/proposal");
        second.post(BOOKS, &path, json!({})).await.is(200);
        let path = format!("/batches/{batch}/decision");
        let agree = json!({ "agree": true, "reasons": ["checked"] });
        self.checker.post(BOOKS, &path, agree).await.is(200);
        self.time_passes();
        batch
    }

    /// The bank's answer for every payment of a batch: paid, but for those of `returned`.
    pub(crate) async fn answer(&self, batch: &str, returned: &[&str]) {
        let path = format!("/batches/{batch}");
        let shown = self.checker.get(BOOKS, &path).await.is(200);
        let payments = self.checker.get(BOOKS, &format!("{path}/payments")).await.is(200);
        let payments = payments["items"].as_array().expect("items");
        let yuan = |value: &Value| format!("{}.00", value["amount"].as_i64().expect("fen") / 100);
        let (number, total) = (text(&shown, "number"), yuan(&shown));
        let rows = payments.iter().zip(1..).map(|(payment, row)| {
            let comes_back = returned.contains(&payment["person"].as_str().expect("a person"));
            let result = if comes_back {
                "退回,账户已销户"
            } else {
                "成功,"
            };
            format!("{row},{},{},{result}\n", text(payment, "payment"), yuan(payment))
        });
        let file = format!(
            "批次号,{number},笔数,{},总金额,{total}\n序号,支付编号,金额,结果,原因\n{}",
            payments.len(),
            rows.collect::<String>()
        );
        let path = format!("{path}/results");
        let body = json!({ "file": file });
        self.checker.post(BOOKS, &path, body).await.is(200);
        self.time_passes();
        self.settled().await;
    }

    /// Runs a month, and the bank pays all of it.
    pub(crate) async fn pay(&self, month: &str) {
        self.run(month).await;
        let batch = self.sealed(month).await;
        self.answer(&batch, &[]).await;
    }

    pub(crate) async fn run(&self, month: &str) {
        self.settled().await;
        self.checker
            .post(ASSISTANCE, "/runs", json!({ "month": month }))
            .await
            .is(201);
        self.time_passes();
    }

    pub(crate) async fn dies(&self, person: &str, on: &str) -> String {
        let body = json!({ "person": person, "died_on": on });
        let death = text(&self.maker.post(DEATHS, "/deaths", body).await.is(201), "death");
        self.time_passes();
        death
    }

    /// The steps of a person that somebody sees once all is at rest.
    pub(crate) async fn timeline(&self, officer: &Officer, person: &str) -> Vec<Value> {
        self.settled().await;
        let path = format!("/persons/{person}/timeline");
        let page = officer.get(SERVICE, &path).await.is(200);
        assert_eq!(page.get("next"), None);
        page["items"].as_array().expect("items").clone()
    }
}

pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
