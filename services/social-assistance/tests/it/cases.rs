//! From the application to the decision.

use crate::bureau::{Bureau, SERVICE, TOWNSHIP, text};
use mz_http::Role;
use mz_testkit::Stage;
use serde_json::json;

mz_testkit::stories![
    a_case_is_accepted_proposed_and_decided,
    who_proposes_does_not_decide,
    two_officers_who_decide_at_once_decide_once,
    a_pause_gives_its_days_back,
    a_person_has_one_case_at_a_time,
    nobody_reads_beyond_their_divisions,
    a_withdrawn_or_refused_case_gives_nothing,
    a_proposal_may_name_the_first_month_within_bounds,
];

async fn a_case_is_accepted_proposed_and_decided(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let body = Bureau::application(&person, "urban");
    let accepted = bureau.maker.post(SERVICE, "/cases", body).await.is(201);
    // Twenty working days after 2 January 2020, over the Spring Festival, which that year lasted until 2 February.
    assert_eq!(accepted["due"], "2020-02-06");
    let case = text(&accepted, "case");
    let shown = bureau.maker.get(SERVICE, &format!("/cases/{case}")).await.is(200);
    assert_eq!(
        (&shown["stage"], &shown["clock"]["left"]),
        (&json!("accepted"), &json!(20))
    );
    let grant = json!({ "outcome": "grant", "reasons": ["no-labour-capacity", "no-income", "no-supporter"] });
    bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/decision"), grant.clone())
        .await
        .refused(422, "case.not-proposed");
    bureau
        .maker
        .post(SERVICE, &format!("/cases/{case}/proposal"), grant.clone())
        .await
        .is(200);
    let decided = bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/decision"), grant.clone())
        .await
        .is(200);
    assert_eq!(
        (&decided["stage"], &decided["from"]),
        (&json!("granted"), &json!("2020-01"))
    );
    bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/decision"), grant)
        .await
        .refused(422, "case.already-decided");
    let listed = bureau.checker.get(SERVICE, "/cases?stage=granted").await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    bureau.finish().await;
}

async fn who_proposes_does_not_decide(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let case = bureau.case(&bureau.person().await, "rural").await;
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    // A bureau officer may propose, too, and then not decide on the same case.
    bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/proposal"), grant.clone())
        .await
        .is(200);
    bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/decision"), grant.clone())
        .await
        .refused(422, "case.same-officer");
    bureau
        .maker
        .post(SERVICE, &format!("/cases/{case}/decision"), grant.clone())
        .await
        .refused(403, "caller.role");
    let other = bureau.stage.officer(Role::BureauOfficer, Stage::COUNTY);
    let reasons = json!({ "outcome": "grant", "reasons": [] });
    other
        .post(SERVICE, &format!("/cases/{case}/decision"), reasons)
        .await
        .refused(422, "case.reason-missing");
    other
        .post(SERVICE, &format!("/cases/{case}/decision"), grant)
        .await
        .is(200);
    bureau.finish().await;
}

async fn two_officers_who_decide_at_once_decide_once(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let case = bureau.case(&person, "rural").await;
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    bureau
        .maker
        .post(SERVICE, &format!("/cases/{case}/proposal"), grant.clone())
        .await
        .is(200);
    let others: Vec<_> = (0..8)
        .map(|_| bureau.stage.officer(Role::BureauOfficer, Stage::COUNTY))
        .collect();
    let path = format!("/cases/{case}/decision");
    let decisions = others
        .iter()
        .map(|officer| officer.post(SERVICE, &path, grant.clone()));
    let replies = futures::future::join_all(decisions).await;
    let mut granted = 0;
    for reply in replies {
        if reply.status == 200 {
            granted += 1;
        } else {
            reply.refused(422, "case.already-decided");
        }
    }
    assert_eq!(granted, 1);
    let found = bureau
        .checker
        .get(SERVICE, &format!("/entitlements?person={person}"))
        .await
        .is(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    bureau.finish().await;
}

async fn a_pause_gives_its_days_back(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let case = bureau.case(&bureau.person().await, "rural").await;
    let pauses = format!("/cases/{case}/pauses");
    let pause = json!({ "reason": "awaiting-evidence", "evidence": " " });
    bureau
        .maker
        .post(SERVICE, &pauses, pause)
        .await
        .refused(422, "clock.evidence-missing");
    let pause = json!({ "reason": "awaiting-evidence", "evidence": "notice of 2 January" });
    let paused = bureau.maker.post(SERVICE, &pauses, pause.clone()).await.is(200);
    assert_eq!(paused["due"], json!(null));
    bureau
        .maker
        .post(SERVICE, &pauses, pause)
        .await
        .refused(422, "clock.already-paused");
    bureau.stage.today_is("2020-01-10");
    let resumed = bureau
        .maker
        .post(SERVICE, &format!("/cases/{case}/resumption"), json!({}))
        .await
        .is(200);
    // Six working days, 3 to 10 January, do not count.
    assert_eq!(resumed["due"], "2020-02-14");
    bureau.finish().await;
}

async fn a_person_has_one_case_at_a_time(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let nobody = Bureau::application("per_01e5cg0000000000000000p001", "urban");
    bureau
        .maker
        .post(SERVICE, "/cases", nobody)
        .await
        .refused(422, "case.person-unknown");
    let first = bureau
        .maker
        .post_keyed("once", SERVICE, "/cases", Bureau::application(&person, "urban"))
        .await
        .is(201);
    let again = bureau
        .maker
        .post_keyed("once", SERVICE, "/cases", Bureau::application(&person, "urban"))
        .await
        .is(201);
    assert_eq!(first, again, "the same request has the same answer");
    bureau
        .maker
        .post(SERVICE, "/cases", Bureau::application(&person, "urban"))
        .await
        .refused(422, "case.already-open");
    let other = bureau.person().await;
    bureau.grant(&other, "urban").await;
    bureau
        .maker
        .post(SERVICE, "/cases", Bureau::application(&other, "rural"))
        .await
        .refused(422, "case.already-open");
    bureau.finish().await;
}

async fn nobody_reads_beyond_their_divisions(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let case = bureau.case(&person, "urban").await;
    let elsewhere = bureau.stage.officer(Role::TownshipOfficer, "513335101");
    elsewhere
        .get(SERVICE, &format!("/cases/{case}"))
        .await
        .refused(403, "caller.division");
    elsewhere
        .get(SERVICE, &format!("/lines?division={TOWNSHIP}"))
        .await
        .refused(403, "caller.division");
    elsewhere
        .post(SERVICE, "/cases", Bureau::application(&person, "urban"))
        .await
        .refused(403, "caller.division");
    let none = elsewhere.get(SERVICE, "/cases").await.is(200);
    assert_eq!(none["items"], json!([]));
    bureau.finish().await;
}

async fn a_withdrawn_or_refused_case_gives_nothing(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let case = bureau.case(&person, "urban").await;
    let path = format!("/cases/{case}/withdrawal");
    bureau
        .maker
        .post(SERVICE, &path, json!({ "reasons": ["moved away"] }))
        .await
        .is(200);
    bureau.settled().await;
    let told = bureau.told("case.withdrawn").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["case"], &told[0]["person"], told[0].get("reasons")),
        (&json!(case), &json!(person), None),
        "what an officer typed stays in the case"
    );
    let case = bureau.case(&person, "urban").await;
    let refuse = json!({ "outcome": "refuse", "reasons": ["has-income"] });
    bureau
        .maker
        .post(SERVICE, &format!("/cases/{case}/proposal"), refuse.clone())
        .await
        .is(200);
    let decided = bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/decision"), refuse)
        .await
        .is(200);
    assert_eq!(decided["stage"], "refused");
    assert_eq!(bureau.run("2020-01").await["lines"], 0);
    bureau.finish().await;
}

async fn a_proposal_may_name_the_first_month_within_bounds(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let case = bureau.case(&bureau.person().await, "urban").await;
    bureau.stage.today_is("2020-03-02");
    let path = format!("/cases/{case}");
    let propose = async |from: &str| {
        let body = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"], "from": from });
        bureau
            .maker
            .post(SERVICE, &format!("{path}/proposal"), body)
            .await
    };
    // Not before the application, and not in some far year.
    for month in ["2019-12", "2020-05"] {
        assert_eq!(
            propose(month).await.refused(422, "request.invalid")["field"],
            "from"
        );
    }
    propose("2020-01").await.is(200);
    let shown = bureau.maker.get(SERVICE, &path).await.is(200);
    assert_eq!(
        (&shown["from"], &shown["clock"]["state"]),
        (&json!("2020-01"), &json!("overdue"))
    );
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    let decided = bureau
        .checker
        .post(SERVICE, &format!("{path}/decision"), grant)
        .await
        .is(200);
    assert_eq!(decided["from"], "2020-01");
    bureau
        .maker
        .get(SERVICE, "/cases?stage=lost")
        .await
        .refused(422, "request.invalid");
    bureau.finish().await;
}
