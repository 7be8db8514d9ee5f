//! Standards: entered, looked at beforehand, agreed, and counted back to the month that they are about.

use crate::bureau::{Bureau, SERVICE, expected, text};
use mz_testkit::Stage;
use serde_json::json;

mz_testkit::stories![
    an_uprating_entered_in_august_is_paid_back_to_july,
    the_policy_is_taken_over_once
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
