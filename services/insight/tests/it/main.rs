//! Stories of insight through its public interface, beside the services that it listens to, each on SQLite and on
//! PostgreSQL.
#![cfg(test)]

mod figures;
mod timelines;

use futures::future::BoxFuture;
use mz_contracts::{FuneralReform, Insight, Registration, SocialAssistance};
use mz_http::Role;
use mz_runtime::{Part, Running};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};
use std::time::Duration;

const SERVICE: &str = "insight";
const PERSONS: &str = "registration";
const DEATHS: &str = "funeral-reform";
const ASSISTANCE: &str = "social-assistance";
const TOWNSHIP: &str = "513335100";
const OTHER_TOWNSHIP: &str = "513335101";

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

struct Bureau {
    stage: Stage,
    persons: Running<Registration>,
    deaths: Running<FuneralReform>,
    assistance: Running<SocialAssistance>,
    insight: Running<Insight>,
    maker: Officer,
    checker: Officer,
}

impl Bureau {
    /// The law is that of [`PACK`].
    async fn start(stage: Stage) -> Bureau {
        let stage = stage.with_policy(&[PACK]);
        let started = "it starts";
        let persons = registration::service().start(stage.setting(PERSONS).await);
        let persons = persons.await.expect(started);
        let deaths = funeral_reform::service().start(stage.setting(DEATHS).await);
        let deaths = deaths.await.expect(started);
        let assistance = social_assistance::service().start(stage.setting(ASSISTANCE).await);
        let assistance = assistance.await.expect(started);
        let insight = insight::service().start(stage.setting(SERVICE).await);
        let insight = insight.await.expect(started);
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
            insight,
            maker,
            checker,
        }
    }

    fn parts(&self) -> [&dyn Part; 4] {
        [&self.persons, &self.deaths, &self.assistance, &self.insight]
    }

    async fn settled(&self) {
        self.stage.settled(&self.parts()).await;
    }

    /// What comes next is recorded later.
    fn time_passes(&self) {
        self.stage.system().advance(Duration::from_mins(5));
    }

    /// Ends the story; see [`Stage::finish`].
    fn finish(self) -> BoxFuture<'static, ()> {
        let Bureau {
            stage,
            persons,
            deaths,
            assistance,
            insight,
            ..
        } = self;
        Box::pin(async move { stage.finish(&[&persons, &deaths, &assistance, &insight]).await })
    }

    async fn person(&self) -> String {
        let body = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": TOWNSHIP });
        let person = text(
            &self.maker.post(PERSONS, "/persons", body).await.is(201),
            "person",
        );
        self.time_passes();
        person
    }

    /// Applies, proposes and decides.
    async fn grant(&self, person: &str) {
        let body = json!({ "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": TOWNSHIP });
        let case = text(&self.maker.post(ASSISTANCE, "/cases", body).await.is(201), "case");
        let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
        let path = format!("/cases/{case}/proposal");
        self.maker.post(ASSISTANCE, &path, grant.clone()).await.is(200);
        let path = format!("/cases/{case}/decision");
        self.checker.post(ASSISTANCE, &path, grant).await.is(200);
        self.time_passes();
    }

    async fn run(&self, month: &str) {
        self.settled().await;
        self.checker
            .post(ASSISTANCE, "/runs", json!({ "month": month }))
            .await
            .is(201);
        self.time_passes();
    }

    async fn dies(&self, person: &str, on: &str) -> String {
        let body = json!({ "person": person, "died_on": on });
        let death = text(&self.maker.post(DEATHS, "/deaths", body).await.is(201), "death");
        self.time_passes();
        death
    }

    /// The steps of a person that somebody sees once all is at rest.
    async fn timeline(&self, officer: &Officer, person: &str) -> Vec<Value> {
        self.settled().await;
        let path = format!("/persons/{person}/timeline");
        let page = officer.get(SERVICE, &path).await.is(200);
        assert_eq!(page.get("next"), None);
        page["items"].as_array().expect("items").clone()
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
