//! Standards: entered, looked at beforehand, agreed, and counted back to the month that they are about.

use crate::bureau::{Bureau, SERVICE, TOWNSHIP, expected, text};
use mz_testkit::Stage;
use serde_json::{Value, json};

mz_testkit::stories![
    an_uprating_entered_in_august_is_paid_back_to_july,
    the_policy_is_taken_over_once,
    what_is_no_standard_is_refused,
    without_a_standard_nobody_is_granted,
];

async fn an_uprating_entered_in_august_is_paid_back_to_july(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.stage.today_is("2020-07-01");
    bureau.grant(&person, "urban").await;
    bureau.stage.today_is("2020-07-31");
    bureau.run("2020-07").await;
    bureau.stage.today_is("2020-08-10");
    let raise = json!({
        "key": "tekun.standard.urban", "division": Stage::COUNTY, "from": "2020-07", "amount": 76_700, "document": "试3号",
    });
    bureau
        .maker
        .post(SERVICE, "/standards", raise.clone())
        .await
        .refused(403, "caller.division");
    let second = bureau.stage.officer(mz_http::Role::BureauOfficer, Stage::COUNTY);
    let entered = second.post(SERVICE, "/standards", raise).await.is(201);
    let path = format!("/standards/{}", text(&entered, "standard"));
    let preview = second.get(SERVICE, &format!("{path}/preview")).await.is(200);
    let wanted =
        json!({ "entitlements": 1, "months": 2, "back_pay": 6_500, "take_back": 0, "this_month": 6_500 });
    assert_eq!(preview, wanted);
    let agree = json!({ "agree": true, "reasons": ["as printed"] });
    second
        .post(SERVICE, &format!("{path}/decision"), agree.clone())
        .await
        .refused(422, "case.same-officer");
    bureau
        .checker
        .post(SERVICE, &format!("{path}/decision"), agree)
        .await
        .is(200);
    bureau.stage.today_is("2020-08-31");
    bureau.run("2020-08").await;
    let wanted = expected(&[
        ("2020-07", 702, "current"),
        ("2020-07", 65, "back-pay"),
        ("2020-08", 767, "current"),
    ]);
    assert_eq!(bureau.lines(&person).await, wanted);
    assert_eq!(bureau.run("2020-08").await["lines"], 0);
    bureau.finish().await;
}

async fn the_policy_is_taken_over_once(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let adopted = bureau.checker.get(SERVICE, "/standards").await.is(200);
    // The row of July is not known in January.
    let months: Vec<_> = adopted["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(row, "from"))
        .collect();
    assert_eq!(months, ["2020-01", "2020-01"]);
    bureau.assistance.stop().await;
    let setting = bureau.stage.setting(SERVICE).await;
    let again = social_assistance::service()
        .start(setting)
        .await
        .expect("it starts again");
    assert_eq!(bureau.checker.get(SERVICE, "/standards").await.is(200), adopted);
    let Bureau {
        stage,
        persons,
        deaths,
        ..
    } = bureau;
    stage.finish(&[&persons, &deaths, &again]).await;
}

async fn what_is_no_standard_is_refused(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let wrong = async |field: &str, value: Value| {
        let mut body = json!({
            "key": "tekun.standard.urban", "division": Stage::COUNTY, "from": "2020-07", "amount": 76_700, "document": "试3号",
        });
        body[field] = value;
        let reply = bureau.checker.post(SERVICE, "/standards", body).await;
        assert_eq!(reply.refused(422, "request.invalid")["field"], field);
    };
    wrong("key", json!("tekun.standard.suburban")).await;
    wrong("amount", json!(0)).await;
    wrong("amount", json!(767.5)).await;
    wrong("document", json!(" ")).await;
    bureau.finish().await;
}

async fn without_a_standard_nobody_is_granted(stage: Stage) {
    // A neighbouring county's pack says everything but the standards.
    let pack = crate::bureau::PACK
        .lines()
        .filter(|line| !line.contains("standard"));
    let bureau = Bureau::start_under(stage, &pack.collect::<Vec<_>>().join("\n")).await;
    let case = bureau.case(&bureau.person().await, "urban").await;
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    let path = format!("/cases/{case}");
    bureau
        .maker
        .post(SERVICE, &format!("{path}/proposal"), grant.clone())
        .await
        .is(200);
    let decide = async || {
        bureau
            .checker
            .post(SERVICE, &format!("{path}/decision"), grant.clone())
            .await
    };
    let problem = decide().await.refused(422, "standard.missing");
    for word in ["tekun.standard.urban", TOWNSHIP, "2020-01"] {
        assert!(text(&problem, "detail").contains(word), "{problem}");
    }
    let standard = json!({
        "key": "tekun.standard.urban", "division": Stage::COUNTY, "from": "2020-01", "amount": 70_200, "document": "试2号",
    });
    let proposed = bureau.checker.post(SERVICE, "/standards", standard).await.is(201);
    let other = bureau.stage.officer(mz_http::Role::BureauOfficer, Stage::COUNTY);
    let path = format!("/standards/{}/decision", text(&proposed, "standard"));
    other
        .post(
            SERVICE,
            &path,
            json!({ "agree": true, "reasons": ["as printed"] }),
        )
        .await
        .is(200);
    decide().await.is(200);
    bureau.finish().await;
}
