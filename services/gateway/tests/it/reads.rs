//! Who reads about a person is noted, and why.

use crate::house::{House, PASSWORD};
use mz_testkit::Stage;
use serde_json::Value;

mz_testkit::stories![
    a_page_about_a_person_opens_for_a_purpose_and_is_noted,
    a_program_that_reads_about_a_person_is_noted,
    an_officer_of_one_township_sees_nobody_of_another,
];

/// Readings as (officer's name, purpose, what), the latest first.
async fn noted(house: &House, person: &str) -> Vec<(Value, Value, Value)> {
    let path = format!("/audit?person={person}");
    let page = house.administrator.get("gateway", &path).await.is(200);
    let reads = page["items"].as_array().cloned().expect("a list");
    let three = |read: Value| {
        (
            read["officer_name"].clone(),
            read["purpose"].clone(),
            read["what"].clone(),
        )
    };
    reads.into_iter().map(three).collect()
}

async fn a_page_about_a_person_opens_for_a_purpose_and_is_noted(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let both = ["administrator", "bureau-officer"];
    house.account_of("guan", &both, Stage::COUNTY).await;
    house.account("dawa", "administrator", Stage::COUNTY).await;
    let person = house.person(Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let nobody = house
        .page(&cookie, "/persons/per_01e5cg0000000000000000p001")
        .await;
    assert_eq!(nobody.status, 404);
    assert!(nobody.text.contains("没有这个人员"), "{}", nobody.text);
    let page = format!("/persons/{person}");
    let asked = house.page(&cookie, &page).await.text;
    assert!(
        asked.contains("为何查阅该人员") && !asked.contains("试*"),
        "{asked}"
    );
    assert_eq!(noted(&house, &person).await, []);
    let why = [("purpose", "enquiry"), ("back", &*page)];
    let opened = house.form(&cookie, &page, &format!("{page}/purpose"), &why).await;
    assert_eq!((opened.status, opened.leads_to()), (303, &*page));
    let shown = house.page(&cookie, &page).await.text;
    assert!(shown.contains("试*") && !shown.contains("谁看过"), "{shown}");
    house.page(&cookie, &page).await;
    let read = ("zhaxi".into(), "enquiry".into(), "console".into());
    assert_eq!(noted(&house, &person).await, [read.clone(), read]);

    // The purpose was that session's: the next one is asked again. An administrator sees who has read.
    let guan = house.sign_in("guan", PASSWORD).await;
    let why = [("purpose", "audit"), ("back", &*page)];
    house.form(&guan, &page, &format!("{page}/purpose"), &why).await;
    let shown = house.page(&guan, &page).await.text;
    assert!(
        shown.contains("谁看过") && shown.contains("群众咨询") && shown.contains("zhaxi"),
        "{shown}"
    );
    let audit = house.page(&guan, &format!("/audit?person={person}")).await.text;
    assert!(audit.contains("审计监督") && !audit.contains("试"), "{audit}");

    // Who is no officer besides sees the readings, and not the person.
    let dawa = house.sign_in("dawa", PASSWORD).await;
    let closed = house.page(&dawa, &page).await;
    assert_eq!(closed.status, 403);
    let audit = format!("/audit?person={person}");
    assert!(
        closed.text.contains(&audit) && !closed.text.contains("谁看过"),
        "{}",
        closed.text
    );
    house.close().await;
}

async fn a_program_that_reads_about_a_person_is_noted(stage: Stage) {
    let house = House::open(stage).await;
    let person = house.person(Stage::COUNTY).await;
    let officer = house.stage.officer(mz_http::Role::BureauOfficer, Stage::COUNTY);
    let path = format!("/api/registration/persons/{person}");
    assert_eq!(house.get(officer.token(), &path).await.status, 200);
    // Neither what failed nor what is about nobody.
    house
        .get(
            officer.token(),
            "/api/registration/persons/per_01e5cg0000000000000000p001",
        )
        .await;
    house.get(officer.token(), "/api/registration/divisions").await;
    assert_eq!(
        noted(&house, &person).await,
        [(Value::Null, Value::Null, "registration".into())]
    );
    let nobody = noted(&house, "per_01e5cg0000000000000000p001").await;
    assert_eq!(nobody, []);
    let later = format!("/audit?person={person}&from=2020-01-03");
    let none = house.administrator.get("gateway", &later).await.is(200);
    assert_eq!(none["items"], serde_json::json!([]));
    let officer = officer.get("gateway", "/audit").await;
    officer.refused(403, "caller.role");
    house.close().await;
}

async fn an_officer_of_one_township_sees_nobody_of_another(stage: Stage) {
    let house = House::open(stage).await;
    house.account("here", "township-officer", "513335100").await;
    let person = house.person("513335101").await;
    let cookie = house.sign_in("here", PASSWORD).await;
    let api = house
        .page(&cookie, &format!("/api/registration/persons/{person}"))
        .await;
    assert_eq!(api.problem(), (403, "caller.division".to_owned()));
    let page = format!("/persons/{person}");
    let why = [("purpose", "handling"), ("back", &*page)];
    house
        .form(&cookie, "/persons", &format!("{page}/purpose"), &why)
        .await;
    for path in [page.clone(), format!("{page}/account"), format!("{page}/death")] {
        let shown = house.page(&cookie, &path).await;
        assert_eq!(shown.status, 403, "{path}");
        let shown = shown.text;
        assert!(shown.contains("不在您的管辖区划内"), "{shown}");
        // Neither a figure that would be nought for want of an answer, nor anything to do.
        for other in ["试*", "0.00", "没有", "登记账户", "登记死亡", "查阅事由"] {
            assert!(!shown.contains(other), "{other} on {path}: {shown}");
        }
    }
    assert_eq!(noted(&house, &person).await, [], "nothing was read");
    house.close().await;
}
