//! Stories of the register through its public interface, each on SQLite and on PostgreSQL.
#![cfg(test)]

mod corrections;
mod divisions;
mod persons;
mod secrecy;

use mz_contracts::Registration;
use mz_http::Role;
use mz_runtime::Running;
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};

const SERVICE: &str = "registration";
/// The township where the stories play, and another one.
const TOWNSHIP: &str = "513335100";
const OTHER_TOWNSHIP: &str = "513335101";

/// Synthetic numbers: region 990101 belongs to nobody. A man, a woman, and another man.
const JIA: &str = "990101194611220010";
const YI: &str = "990101193612010029";
const BING: &str = "990101195806300314";

/// The register with a county, two townships, and its officers.
struct Register {
    running: Running<Registration>,
    maker: Officer,
    checker: Officer,
    administrator: Officer,
}

impl Register {
    async fn start(stage: &Stage) -> Register {
        let setting = stage.setting(SERVICE).await;
        let running = registration::service().start(setting).await.expect("it starts");
        let register = Register {
            running,
            maker: stage.officer(Role::TownshipOfficer, TOWNSHIP),
            checker: stage.officer(Role::BureauOfficer, Stage::COUNTY),
            administrator: stage.officer(Role::Administrator, Stage::COUNTY),
        };
        let rows = json!({ "divisions": [
            { "code": "513335", "name": "巴塘县", "kind": "县", "from": "2019-01-01" },
            { "code": TOWNSHIP, "name": "夏邛镇", "kind": "镇", "from": "2019-01-01" },
            { "code": OTHER_TOWNSHIP, "name": "中咱镇", "kind": "镇", "from": "2019-01-01" },
        ] });
        register
            .administrator
            .post(SERVICE, "/divisions", rows)
            .await
            .is(200);
        register
    }

    /// Registers somebody with a number and gives the id.
    async fn person(&self, name: &str, number: &str) -> String {
        let answer = self
            .maker
            .post(SERVICE, "/persons", person(name, number))
            .await
            .is(201);
        assert_eq!(answer["matched"], false);
        answer["person"].as_str().expect("an id").to_owned()
    }

    /// Whose number it is, by lookup.
    async fn holder(&self, number: &str) -> Option<String> {
        let reply = self
            .maker
            .post(
                SERVICE,
                "/persons/lookup",
                json!({ "document": document(number) }),
            )
            .await;
        match reply.status {
            404 => None,
            _ => Some(reply.is(200)["person"].as_str().expect("an id").to_owned()),
        }
    }
}

fn document(number: &str) -> Value {
    json!({ "type": "resident-id", "number": number })
}

fn person(name: &str, number: &str) -> Value {
    json!({ "name": name, "document": document(number), "division": TOWNSHIP })
}
