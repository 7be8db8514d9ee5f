//! Each service as a process of its own, with its own user of the broker, its own role and database, and keys that no
//! other has: started with what `deploy/` and `minzheng secrets` give to it, and nothing else in its environment.

mod house;

use crate::program::START_MAX;
use async_nats::Event;
use house::{House, secret};
use mz_bus::server::Login;
use mz_contracts::OWNERS;
use mz_testkit::{Durability, NO_POSTGRES, eventually, postgres_or_skip, postgres_with, skip};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_death_over_processes_on_sqlite() {
    Box::pin(late_death(House::open(None).await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_death_over_processes_on_postgres() {
    if let Some(postgres) = postgres_or_skip("a_late_death_over_processes_on_postgres").await {
        Box::pin(late_death(House::open(Some(postgres)).await)).await;
    }
}

/// Two instances share a service's requests and its duties: the month is done once, and when the one that leads dies, the
/// other goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_of_each_payer_on_postgres() {
    // Roles are a cluster's: not that of the other story.
    let Some(postgres) = postgres_with(Durability::On).await else {
        return skip("two_instances_of_each_payer_on_postgres", NO_POSTGRES);
    };
    let mut house = House::open(Some(postgres)).await;
    house.at("2026-01-05").await;
    house.start_another("social-assistance", "assistance-2");
    house.start_another("disbursement", "disbursement-2");
    let (maker, checker) = (
        &house.officer("maker", "township-officer"),
        &house.officer("checker", "bureau-officer"),
    );
    let persons = [
        entitled_person(&house, maker, checker).await,
        entitled_person(&house, maker, checker).await,
    ];
    let runs = (0..6).map(|_| house.post(checker, "social-assistance/runs", json!({ "month": "2026-01" })));
    let runs = futures::future::join_all(runs).await;
    let written: Vec<_> = runs.iter().map(|run| run["lines"].as_u64().unwrap()).collect();
    assert!(written.iter().all(|lines| [0, 2].contains(lines)), "{written:?}");
    house.settled().await;
    let lines = house.get(checker, "social-assistance/lines?month=2026-01").await;
    assert_eq!(lines["items"].as_array().map(Vec::len), Some(2), "{lines}");
    let first = batch_of(&house, maker, "2026-01").await;

    // The first of each leads: it came first.
    house.kill("social-assistance");
    house.kill("disbursement");
    let death = json!({ "person": persons[0], "died_on": "2025-12-20" });
    house.post(maker, "funeral-reform/deaths", death).await;
    let path = format!("disbursement/batches/{first}");
    eventually(
        "the dead person's line leaves the batch",
        Duration::from_mins(1),
        async || {
            let batch = house.get(checker, &path).await;
            (batch["payments"] == 1)
                .then_some(())
                .ok_or_else(|| batch.to_string())
        },
    )
    .await;
    // The service that runs the month may hear of it later.
    house.settled().await;
    house
        .post(checker, "social-assistance/runs", json!({ "month": "2026-01" }))
        .await;
    house.settled().await;
    let proof = house
        .get(checker, "insight/proof?through=2026-01&by=township")
        .await;
    let found = ["lined_fen", "batched_fen", "holds"].map(|sum| proof[sum].clone());
    assert_eq!(found, [json!(76_700), json!(76_700), json!(true)], "{proof}");
    house.stop();
}

#[test]
fn what_is_not_set_is_named_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut program = house::program("registration");
    program
        .env_clear()
        .env("MINZHENG_COUNTY", "batang")
        .env("MINZHENG_DATA", &data);
    let ended = program.output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(
        !ended.status.success() && said.contains("MINZHENG_NATS_PASSWORD is not set; set it to"),
        "{said}"
    );
    assert!(!data.exists());
}

/// Two months are paid and the third stands in an open batch when the death of January is registered in March, and the
/// payer is dead at that moment.
async fn late_death(mut house: House) {
    house.at("2026-01-05").await;
    let (maker, checker) = (
        &house.officer("maker", "township-officer"),
        &house.officer("checker", "bureau-officer"),
    );
    let person = entitled_person(&house, maker, checker).await;
    for (day, month) in [("2026-01-30", "2026-01"), ("2026-02-27", "2026-02")] {
        house.at(day).await;
        let batch = batch(&house, maker, checker, month).await;
        pay(&house, maker, checker, &batch).await;
    }
    house.at("2026-03-10").await;
    let open = batch(&house, maker, checker, "2026-03").await;

    house.at("2026-03-17").await;
    house.kill("disbursement");
    let death = json!({ "person": person, "died_on": "2026-01-20" });
    house.post(maker, "funeral-reform/deaths", death).await;
    let entitlements = format!("social-assistance/entitlements?person={person}");
    eventually("the benefit ends", Duration::from_mins(1), async || {
        let shown = house.get(checker, &entitlements).await;
        let until = &shown["items"][0]["until"];
        if until == "2026-02" {
            Ok(())
        } else {
            Err(shown.to_string())
        }
    })
    .await;
    house
        .post(checker, "social-assistance/runs", json!({ "month": "2026-03" }))
        .await;
    assert_eq!(house.health().await["away"], json!(["disbursement"]));
    assert!(!house.answers("disbursement"), "nobody answers for the dead");
    let metrics = house.metrics().await;
    for up in ["{service=\"disbursement\"} 0", "{service=\"insight\"} 1"] {
        assert!(metrics.contains(&format!("minzheng_up{up}")), "{up} in {metrics}");
    }

    house.start("disbursement");
    house.settled().await;
    assert!(house.answers("disbursement"));
    let batch = house.get(checker, &format!("disbursement/batches/{open}")).await;
    assert_eq!(
        (&batch["payments"], &batch["amount"]),
        (&json!(0), &json!(0)),
        "{batch}"
    );
    let recoveries = house
        .get(checker, &format!("disbursement/recoveries?person={person}"))
        .await;
    let recovery = &recoveries["items"][0];
    assert_eq!(
        (&recovery["outstanding"], &recovery["months"]),
        (&json!(76_700), &json!(["2026-02"])),
        "{recoveries}"
    );
    let notices = house
        .get(checker, &format!("notification/notices?person={person}"))
        .await;
    assert!(notices.to_string().contains("丧葬事宜和待遇告知书"), "{notices}");
    let chain = [
        "recovery.raised",
        "lines.computed",
        "entitlement.stopped",
        "death.registered",
    ];
    assert_eq!(causes(&house, checker, &person, chain[0]).await, chain);
    let proof = house
        .get(checker, "disbursement/proof?through=2026-03&division=513335")
        .await;
    let found = ["paid_fen", "outstanding_fen", "holds"].map(|sum| proof[sum].clone());
    assert_eq!(found, [json!(153_400), json!(76_700), json!(true)], "{proof}");
    house.administrator_signs_in().await;
    house.the_gateway_alone_signs().await;
    assert!(house.minzheng(&["parked"]).contains("Nothing is parked."));
    nobody_speaks_for_another(&house).await;
    house.nobody_opens_the_database_of_another();
    house.stop();
}

async fn entitled_person(house: &House, maker: &str, checker: &str) -> String {
    let person = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": "513335" });
    let person = id(&house.post(maker, "registration/persons", person).await, "person");
    let account = json!({
        "person": person, "division": "513335", "holder": "试甲", "bank": "农商银行", "account": "6200000000000921",
    });
    house.post(maker, "disbursement/payees", account).await;
    let case = json!({
        "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": "513335",
    });
    let case = id(&house.post(maker, "social-assistance/cases", case).await, "case");
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    let case = format!("social-assistance/cases/{case}");
    house
        .post(maker, &format!("{case}/proposal"), grant.clone())
        .await;
    house.post(checker, &format!("{case}/decision"), grant).await;
    person
}

/// Runs a month, and builds the batch of what it wrote.
async fn batch(house: &House, maker: &str, checker: &str, month: &str) -> String {
    house
        .post(checker, "social-assistance/runs", json!({ "month": month }))
        .await;
    house.settled().await;
    batch_of(house, maker, month).await
}

async fn batch_of(house: &House, maker: &str, month: &str) -> String {
    let batch = json!({ "month": month, "division": "513335", "programme": "tekun" });
    id(&house.post(maker, "disbursement/batches", batch).await, "batch")
}

/// Seals a batch, and enters that the bank has paid its only payment.
async fn pay(house: &House, maker: &str, checker: &str, batch: &str) {
    let batch = format!("disbursement/batches/{batch}");
    house.post(maker, &format!("{batch}/proposal"), json!({})).await;
    let agreed = json!({ "agree": true, "reasons": ["checked"] });
    house.post(checker, &format!("{batch}/decision"), agreed).await;
    let number = id(&house.get(checker, &batch).await, "number");
    let payments = house.get(checker, &format!("{batch}/payments")).await;
    let payment = id(&payments["items"][0], "payment");
    let file = format!(
        "批次号,{number},笔数,1,总金额,767.00\n序号,支付编号,金额,结果,原因\n1,{payment},767.00,成功,\n"
    );
    house
        .post(checker, &format!("{batch}/results"), json!({ "file": file }))
        .await;
    house.settled().await;
}

/// What a step of the person's timeline rests on, down to the fact: each service told a part of it.
async fn causes(house: &House, checker: &str, person: &str, kind: &str) -> Vec<String> {
    let timeline = house
        .get(checker, &format!("insight/persons/{person}/timeline?limit=100"))
        .await;
    let steps = timeline["items"].as_array().expect("steps");
    let mut next = steps.iter().find(|step| step["type"] == kind);
    let mut chain = Vec::new();
    while let Some(step) = next {
        chain.push(id(step, "type"));
        next = steps
            .iter()
            .find(|other| other["event"] == step["cause"]["event"]);
    }
    chain
}

/// The broker of this house takes from a service's user what is the service's own to tell, and nothing else.
async fn nobody_speaks_for_another(house: &House) {
    for (service, _) in OWNERS {
        let other = if *service == "funeral-reform" {
            "registration"
        } else {
            "funeral-reform"
        };
        let subject = format!("civil.513335.evt.{other}.death.registered.v1");
        let (tell, mut refused) = tokio::sync::mpsc::unbounded_channel();
        let login = Login::new(*service, secret(&house.folder(service).join("secrets/nats")));
        let options = login.connect_options().event_callback(move |event| {
            if let Event::ServerError(error) = event {
                let _ = tell.send(error.to_string());
            }
            std::future::ready(())
        });
        let client = options
            .connect(house.nats())
            .await
            .expect("its own user may connect");
        client
            .publish(subject.clone(), "{}".into())
            .await
            .expect("the client sends it");
        let said = tokio::time::timeout(START_MAX, refused.recv())
            .await
            .expect("the server answers");
        let said = said.expect("a refusal").to_lowercase();
        assert!(
            said.contains("permissions violation") && said.contains(&subject),
            "{service}: {said}"
        );
    }
}

fn id(value: &Value, field: &str) -> String {
    let text = value[field].as_str();
    text.unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}
