//! Entries that were wrong.

use super::*;

mz_testkit::stories![
    an_annulled_death_gives_the_person_back,
    an_annulment_is_decided_once_and_by_another_officer,
    the_last_entry_that_holds_counts,
];

fn agree() -> Value {
    json!({ "agree": true, "reasons": ["the person came to the office"] })
}

impl Bureau {
    /// Has an entry annulled by two officers.
    async fn annul(&self, death: &str) {
        let annulment = self.propose(death).await;
        let path = decision(death, &annulment);
        let answer = self.checker.post(SERVICE, &path, agree()).await.is(200);
        assert_eq!(answer, json!({ "annulment": annulment, "agreed": true }));
    }

    async fn propose(&self, death: &str) -> String {
        let body = json!({ "reason": "wrong-person" });
        let answer = self
            .maker
            .post(SERVICE, &format!("/deaths/{death}/annulments"), body)
            .await
            .is(201);
        text(&answer, "annulment")
    }
}

fn decision(death: &str, annulment: &str) -> String {
    format!("/deaths/{death}/annulments/{annulment}/decision")
}

async fn an_annulled_death_gives_the_person_back(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    let death = bureau.death(&person, "2020-01-01").await;
    assert_eq!(bureau.deceased_on(&stage, &person).await, "2020-01-01");
    stage.today_is("2020-01-15");
    bureau.annul(&death).await;
    assert_eq!(bureau.deceased_on(&stage, &person).await, Value::Null);
    let shown = bureau
        .maker
        .get(SERVICE, &format!("/deaths/{death}"))
        .await
        .is(200);
    assert_eq!(
        (&shown["status"], &shown["annulled_on"]),
        (&json!("annulled"), &json!("2020-01-15"))
    );
    let path = format!("/deaths/{death}/annulments");
    let again = bureau
        .maker
        .post(SERVICE, &path, json!({ "reason": "wrong-person" }))
        .await;
    again.refused(422, "death.already-annulled");
    stage.finish(&bureau.parts()).await;
}

async fn an_annulment_is_decided_once_and_by_another_officer(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    let death = bureau.death(&person, "2020-01-01").await;
    let path = format!("/deaths/{death}/annulments");
    let words = json!({ "reason": "Somebody else died." });
    let problem = bureau
        .maker
        .post(SERVICE, &path, words)
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "reason");
    let reason = json!({ "reason": "wrong-person" });
    let annulment = bureau.checker.post(SERVICE, &path, reason.clone()).await.is(201);
    let annulment = text(&annulment, "annulment");
    let pending = bureau
        .maker
        .post(SERVICE, &path, reason)
        .await
        .refused(422, "death.annulment-pending");
    assert!(text(&pending, "detail").contains(&annulment), "{pending}");

    let path = decision(&death, &annulment);
    bureau
        .checker
        .post(SERVICE, &path, agree())
        .await
        .refused(422, "case.same-officer");
    bureau
        .maker
        .post(SERVICE, &path, agree())
        .await
        .refused(403, "caller.role");
    let other = stage.officer(Role::BureauOfficer, Stage::COUNTY);
    let no = json!({ "agree": false, "reasons": ["the certificate is right"] });
    assert_eq!(
        other.post(SERVICE, &path, no.clone()).await.is(200)["agreed"],
        false
    );
    other
        .post(SERVICE, &path, no)
        .await
        .refused(422, "case.already-decided");
    assert_eq!(
        bureau.deceased_on(&stage, &person).await,
        "2020-01-01",
        "the entry holds"
    );
    let nothing = decision(&death, "annul_01e5cg0000000000000000a001");
    other
        .post(SERVICE, &nothing, agree())
        .await
        .refused(404, "record.not-found");
    stage.finish(&bureau.parts()).await;
}

async fn the_last_entry_that_holds_counts(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    let first = bureau.death(&person, "2019-12-31").await;
    bureau.annul(&first).await;
    let second = bureau.death(&person, "2020-01-01").await;
    assert_eq!(bureau.deceased_on(&stage, &person).await, "2020-01-01");
    let listed = bureau
        .maker
        .get(SERVICE, &format!("/deaths?person={person}"))
        .await
        .is(200);
    let entries: Vec<_> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| &item["death"])
        .collect();
    assert_eq!(entries, [&json!(first), &json!(second)]);
    stage.finish(&bureau.parts()).await;
}
