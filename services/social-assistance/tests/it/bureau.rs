//! The three services, their officers, and what these do most often.

use futures::StreamExt as _;
use futures::future::BoxFuture;
use mz_contracts::{FuneralReform, Registration, SocialAssistance};
use mz_http::Role;
use mz_runtime::{Part, Running};
use mz_store::{Faults, NoFaults};
use mz_testkit::{Officer, Stage};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const SERVICE: &str = "social-assistance";
const PERSONS: &str = "registration";
const DEATHS: &str = "funeral-reform";
pub(crate) const TOWNSHIP: &str = "513335100";

/// Urban 702 yuan from January and 767 from July, which the bureau learns on 10 August; rural 500.
pub(crate) const PACK: &str = r#"
    division = "513335"
    name = "巴塘县"
    parameter = [
        { key = "death.report-limit", unit = "calendar-days", from = "2019-01", value = 30, document = "试1号" },
        { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-01", value = 70200, document = "试2号" },
        { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-07", value = 76700, document = "试3号", entered = "2020-08-10" },
        { key = "tekun.standard.rural", unit = "fen-per-person-month", from = "2020-01", value = 50000, document = "试2号" },
        { key = "tekun.first-month", unit = "choice", from = "2020-01", value = "decision-month", document = "试4号" },
        { key = "tekun.last-month", unit = "choice", from = "2020-01", value = "death-month", document = "试4号" },
        { key = "tekun.decision-limit", unit = "working-days", from = "2020-01", value = 20, document = "试4号" },
        { key = "tekun.recheck-months", unit = "months", from = "2020-01", value = 24, document = "试4号" },
    ]
"#;

pub(crate) struct Bureau {
    pub(crate) stage: Stage,
    pub(crate) persons: Running<Registration>,
    pub(crate) deaths: Running<FuneralReform>,
    pub(crate) assistance: Running<SocialAssistance>,
    pub(crate) maker: Officer,
    pub(crate) checker: Officer,
}

impl Bureau {
    pub(crate) async fn start(stage: Stage) -> Bureau {
        Bureau::open(stage, PACK, Arc::new(NoFaults)).await
    }

    /// Starts under another law.
    pub(crate) async fn start_under(stage: Stage, pack: &str) -> Bureau {
        Bureau::open(stage, pack, Arc::new(NoFaults)).await
    }

    /// Starts with faults in the database of social assistance.
    pub(crate) async fn start_with(stage: Stage, faults: Arc<dyn Faults>) -> Bureau {
        Bureau::open(stage, PACK, faults).await
    }

    async fn open(stage: Stage, pack: &str, faults: Arc<dyn Faults>) -> Bureau {
        let stage = stage.with_policy(&[pack]);
        let persons = registration::service()
            .start(stage.setting(PERSONS).await)
            .await
            .expect("it starts");
        let deaths = funeral_reform::service()
            .start(stage.setting(DEATHS).await)
            .await
            .expect("it starts");
        let mut setting = stage.setting(SERVICE).await;
        setting.surroundings.faults = faults;
        let assistance = social_assistance::service()
            .start(setting)
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
            maker,
            checker,
        }
    }

    pub(crate) fn parts(&self) -> [&dyn Part; 3] {
        [&self.persons, &self.deaths, &self.assistance]
    }

    pub(crate) async fn settled(&self) {
        self.stage.settled(&self.parts()).await;
    }

    /// Ends the story; see [`Stage::finish`].
    pub(crate) fn finish(self) -> BoxFuture<'static, ()> {
        let Bureau {
            stage,
            persons,
            deaths,
            assistance,
            ..
        } = self;
        Box::pin(async move { stage.finish(&[&persons, &deaths, &assistance]).await })
    }

    pub(crate) async fn person(&self) -> String {
        let body = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": TOWNSHIP });
        text(
            &self.maker.post(PERSONS, "/persons", body).await.is(201),
            "person",
        )
    }

    pub(crate) fn application(person: &str, class: &str) -> Value {
        json!({ "programme": "tekun", "person": person, "class": class, "mode": "dispersed", "division": TOWNSHIP })
    }

    pub(crate) async fn case(&self, person: &str, class: &str) -> String {
        let body = Bureau::application(person, class);
        text(&self.maker.post(SERVICE, "/cases", body).await.is(201), "case")
    }

    /// Applies, proposes and decides; the entitlement.
    pub(crate) async fn grant(&self, person: &str, class: &str) -> String {
        let case = self.case(person, class).await;
        let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
        self.maker
            .post(SERVICE, &format!("/cases/{case}/proposal"), grant.clone())
            .await
            .is(200);
        let decided = self
            .checker
            .post(SERVICE, &format!("/cases/{case}/decision"), grant)
            .await
            .is(200);
        text(&decided, "entitlement")
    }

    /// Registers so many persons and grants each of them, the last one after all others.
    pub(crate) async fn grant_many(&self, persons: usize, class: &str) -> Vec<String> {
        let grant = async |_| {
            let person = self.person().await;
            self.grant(&person, class).await;
            person
        };
        let at_once = futures::stream::iter(1..persons).map(grant).buffered(8);
        let mut granted: Vec<_> = at_once.collect().await;
        granted.push(grant(0).await);
        granted
    }

    /// Has a stop agreed.
    pub(crate) async fn stop(&self, entitlement: &str, from: &str) {
        let path = format!("/entitlements/{entitlement}/stops");
        let body = json!({ "from": from, "reason": "supporter-able" });
        let proposed = self.maker.post(SERVICE, &path, body).await.is(201);
        let path = format!("{path}/{}/decision", text(&proposed, "stop"));
        let agree = json!({ "agree": true, "reasons": ["seen"] });
        self.checker.post(SERVICE, &path, agree).await.is(200);
    }

    /// What the service has told others of a kind, such as `entitlement.stopped`, in its order.
    pub(crate) async fn told(&self, what: &str) -> Vec<Value> {
        self.settled().await;
        let journal = self.assistance.app().db.sealed_after(0, 10_000).await;
        let rows = journal.expect("the journal can be read").into_iter();
        let rows = rows.filter(|sealed| sealed.row.ty.contains(what));
        rows.map(|sealed| serde_json::from_str(&sealed.row.data).expect("JSON"))
            .collect()
    }

    pub(crate) async fn dies(&self, person: &str, on: &str) -> String {
        let body = json!({ "person": person, "died_on": on });
        text(&self.maker.post(DEATHS, "/deaths", body).await.is(201), "death")
    }

    pub(crate) async fn annul(&self, death: &str) {
        let path = format!("/deaths/{death}/annulments");
        let proposed = self
            .maker
            .post(DEATHS, &path, json!({ "reason": "mistaken-identity" }))
            .await
            .is(201);
        let path = format!("{path}/{}/decision", text(&proposed, "annulment"));
        self.checker
            .post(DEATHS, &path, json!({ "agree": true, "reasons": ["seen alive"] }))
            .await
            .is(200);
    }

    pub(crate) async fn run(&self, month: &str) -> Value {
        self.checker
            .post(SERVICE, "/runs", json!({ "month": month }))
            .await
            .is(201)
    }

    /// What was lined for all months up to one, in fen; it must be what is owed.
    pub(crate) async fn lined(&self, through: &str) -> i64 {
        let path = format!("/proof?through={through}");
        let proof = self.checker.get(SERVICE, &path).await.is(200);
        assert_eq!(proof["holds"], true, "{proof}");
        proof["lined_fen"].as_i64().expect("fen")
    }

    /// The lines of a person: month, yuan and kind, in the order in which they were written.
    pub(crate) async fn lines(&self, person: &str) -> Vec<(String, i64, String)> {
        let page = self
            .checker
            .get(SERVICE, &format!("/lines?person={person}"))
            .await
            .is(200);
        let items = page["items"].as_array().expect("items").clone();
        let line = |item: &Value| {
            (
                text(item, "month"),
                item["amount"].as_i64().expect("fen") / 100,
                text(item, "kind"),
            )
        };
        items.iter().map(line).collect()
    }
}

pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}

pub(crate) fn expected(lines: &[(&str, i64, &str)]) -> Vec<(String, i64, String)> {
    lines
        .iter()
        .map(|(month, yuan, kind)| ((*month).to_owned(), *yuan, (*kind).to_owned()))
        .collect()
}
