//! Stories of notification through its public interface, beside the services that it listens to, each on SQLite
//! and on PostgreSQL.
#![cfg(test)]

mod money;
mod notices;

use mz_contracts::{FuneralReform, Notification, Registration, SocialAssistance};
use mz_http::Role;
use mz_runtime::{Part, Running};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};
use std::time::Duration;

const SERVICE: &str = "notification";
const PERSONS: &str = "registration";
const DEATHS: &str = "funeral-reform";
const ASSISTANCE: &str = "social-assistance";
const TOWNSHIP: &str = "513335100";
const OTHER_TOWNSHIP: &str = "513335101";

const PACK: &str = r#"
    division = "513335"
    name = "巴塘县"
    parameter = [
        { key = "death.burial-relief", unit = "fen", from = "2019-01", value = 120000, document = "试3号" },
        { key = "death.report-limit", unit = "calendar-days", from = "2019-01", value = 30, document = "试1号" },
        { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-01", value = 70200, document = "试2号" },
        { key = "tekun.first-month", unit = "choice", from = "2020-01", value = "decision-month", document = "试4号" },
        { key = "tekun.last-month", unit = "choice", from = "2020-01", value = "death-month", document = "试4号" },
        { key = "tekun.decision-limit", unit = "working-days", from = "2020-01", value = 20, document = "试4号" },
        { key = "tekun.recheck-months", unit = "months", from = "2020-01", value = 24, document = "试4号" },
    ]
"#;

/// The services that tell, and their officers. Notification is started by the story.
struct Bureau {
    stage: Stage,
    persons: Running<Registration>,
    deaths: Running<FuneralReform>,
    assistance: Running<SocialAssistance>,
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
            maker,
            checker,
        }
    }

    async fn notification(&self) -> Running<Notification> {
        let setting = self.stage.setting(SERVICE).await;
        notification::service().start(setting).await.expect("it starts")
    }

    fn parts<'p>(&'p self, notification: &'p Running<Notification>) -> [&'p dyn Part; 4] {
        [&self.persons, &self.deaths, &self.assistance, notification]
    }

    async fn settled(&self, notification: &Running<Notification>) {
        self.stage.settled(&self.parts(notification)).await;
    }

    /// Ends the story; see [`Stage::finish`].
    async fn finish(self, notification: Running<Notification>) {
        let Bureau {
            stage,
            persons,
            deaths,
            assistance,
            ..
        } = self;
        Box::pin(stage.finish(&[&persons, &deaths, &assistance, &notification])).await;
    }

    async fn person(&self) -> String {
        let body = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": TOWNSHIP });
        let answer = self.maker.post(PERSONS, "/persons", body).await.is(201);
        self.stage.system().advance(Duration::from_mins(5));
        text(&answer, "person")
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
        self.stage.system().advance(Duration::from_mins(5));
    }

    async fn dies(&self, person: &str, on: &str) -> String {
        let body = json!({ "person": person, "died_on": on });
        let answer = self.maker.post(DEATHS, "/deaths", body).await.is(201);
        text(&answer, "death")
    }

    /// The notices to or about a person, by template: the order in which streams are heard is open.
    async fn notices(&self, person: &str) -> Vec<Value> {
        let path = format!("/notices?person={person}");
        let page = self.maker.get(SERVICE, &path).await.is(200);
        let mut items = page["items"].as_array().expect("items").clone();
        items.sort_by_key(|item| text(item, "template"));
        items
    }
}

fn told(notices: &[Value]) -> Vec<(&str, &str)> {
    notices
        .iter()
        .filter_map(|notice| Some((notice["template"].as_str()?, notice["recipient"].as_str()?)))
        .collect()
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
