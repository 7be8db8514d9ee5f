//! Stories of the register of deaths through its public interface, beside the register of persons, each on SQLite
//! and on PostgreSQL.
#![cfg(test)]

mod annulments;
mod deaths;

use mz_contracts::{FuneralReform, Registration};
use mz_http::Role;
use mz_runtime::{Part, Running};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};

const SERVICE: &str = "funeral-reform";
const PERSONS: &str = "registration";
const TOWNSHIP: &str = "513335100";
const NOBODY: &str = "per_01e5cg0000000000000000p001";

/// A death is to be registered within 30 days, from 2019 on.
const PACK: &str = r#"
    division = "513335"
    name = "巴塘县"
    parameter = [
        { key = "death.report-limit", unit = "calendar-days", from = "2019-01", value = 30, document = "试1号" },
    ]
"#;

/// Both registers and their officers.
struct Bureau {
    persons: Running<Registration>,
    deaths: Running<FuneralReform>,
    maker: Officer,
    checker: Officer,
}

impl Bureau {
    /// The law is that of [`PACK`].
    async fn start(stage: Stage) -> (Stage, Bureau) {
        let stage = stage.with_policy(&[PACK]);
        let setting = stage.setting(PERSONS).await;
        let persons = registration::service()
            .start(setting)
            .await
            .expect("registration starts");
        let setting = stage.setting(SERVICE).await;
        let deaths = funeral_reform::service()
            .start(setting)
            .await
            .expect("funeral-reform starts");
        let administrator = stage.officer(Role::Administrator, Stage::COUNTY);
        let rows = json!({ "divisions": [
            { "code": "513335", "name": "巴塘县", "from": "2019-01-01" },
            { "code": TOWNSHIP, "name": "夏邛镇", "from": "2019-01-01" },
        ] });
        administrator.post(PERSONS, "/divisions", rows).await.is(200);
        let maker = stage.officer(Role::TownshipOfficer, TOWNSHIP);
        let checker = stage.officer(Role::BureauOfficer, Stage::COUNTY);
        (
            stage,
            Bureau {
                persons,
                deaths,
                maker,
                checker,
            },
        )
    }

    fn parts(&self) -> [&dyn Part; 2] {
        [&self.persons, &self.deaths]
    }

    /// Registers a woman born on 1 December 1936, and gives her id.
    async fn person(&self) -> String {
        let body =
            json!({ "name": "试乙", "sex": "female", "birth_date": "1936-12-01", "division": TOWNSHIP });
        text(
            &self.maker.post(PERSONS, "/persons", body).await.is(201),
            "person",
        )
    }

    /// Registers a death in time, and gives the entry.
    async fn death(&self, person: &str, died_on: &str) -> String {
        let body = json!({ "person": person, "died_on": died_on });
        text(&self.maker.post(SERVICE, "/deaths", body).await.is(201), "death")
    }

    /// The day of death that the register of persons shows once all is settled.
    async fn deceased_on(&self, stage: &Stage, person: &str) -> Value {
        stage.settled(&self.parts()).await;
        self.maker
            .get(PERSONS, &format!("/persons/{person}"))
            .await
            .is(200)["deceased_on"]
            .clone()
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
