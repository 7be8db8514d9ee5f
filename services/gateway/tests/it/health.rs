//! The page of the services' health: what is found through NATS, and what is not.

use crate::house::{House, PASSWORD};
use mz_contracts::SocialAssistance;
use mz_http::Role;
use mz_runtime::Running;
use mz_testkit::Stage;
use serde_json::json;

mz_testkit::stories![
    the_page_tells_which_services_are_found_and_which_are_away,
    administrators_have_parked_events_tried_again,
    what_the_law_stopped_goes_on_from_the_page_once_the_law_is_mended,
];

const LAW: &str = r#"
    division = "513335"
    name = "巴塘县"
    parameter = [
        { key = "death.report-limit", unit = "calendar-days", from = "2019-01", value = 30, document = "试1号" },
        { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-01", value = 70200, document = "试2号" },
        { key = "tekun.first-month", unit = "choice", from = "2020-01", value = "decision-month", document = "试4号" },
        { key = "tekun.last-month", unit = "choice", from = "2020-01", value = "death-month", document = "试4号" },
        { key = "tekun.decision-limit", unit = "working-days", from = "2020-01", value = 20, document = "试4号" },
        { key = "tekun.recheck-months", unit = "months", from = "2020-01", value = 24, document = "试4号" },
    ]
"#;

async fn the_page_tells_which_services_are_found_and_which_are_away(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let page = house.page(&cookie, "/health").await;
    assert_eq!(page.status, 200);
    let away = mz_contracts::OWNERS.len() - 2;
    assert!(page.text.contains(&format!("{away} 个未应答")), "{}", page.text);
    assert!(page.text.contains("“资金发放”未应答"), "{}", page.text);
    assert!(!page.text.contains("“人员登记”未应答"), "{}", page.text);
    // The version that was found is the one that runs.
    assert!(page.text.contains(env!("CARGO_PKG_VERSION")), "{}", page.text);
    let nobody = house.page("", "/health").await;
    assert_eq!(nobody.leads_to(), "/sign-in?next=%2Fhealth");
    house.close().await;
}

async fn administrators_have_parked_events_tried_again(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    house.account("guan", "administrator", Stage::COUNTY).await;
    let (zhaxi, guan) = (
        house.sign_in("zhaxi", PASSWORD).await,
        house.sign_in("guan", PASSWORD).await,
    );
    assert_eq!(house.page(&guan, "/").await.leads_to(), "/health");
    let retry = |cookie: &str, service: &'static str| {
        let (house, cookie) = (&house, cookie.to_owned());
        async move {
            let fields = [
                ("service", service),
                ("source", "funeral-reform"),
                ("aggregate", "none"),
            ];
            house.form(&cookie, "/health", "/health/retry", &fields).await
        }
    };
    // Nothing is parked: all of nothing is applied.
    let tried = retry(&guan, "registration").await;
    assert_eq!((tried.status, tried.leads_to()), (303, "/health?done=retried"));
    let shown = house.page(&guan, "/health?done=retried").await;
    assert!(shown.text.contains("已重新处理"), "{}", shown.text);
    let refused = retry(&zhaxi, "registration").await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text.contains("您的岗位不能办理此事项"),
        "{}",
        refused.text
    );
    assert_eq!(retry(&guan, "nobody").await.status, 422);
    house.close().await;
}

/// Somebody with a benefit dies.
async fn grant_and_death(house: &House) {
    let maker = house.stage.officer(Role::TownshipOfficer, Stage::COUNTY);
    let checker = house.stage.officer(Role::BureauOfficer, Stage::COUNTY);
    let person = house.person(Stage::COUNTY).await;
    let case = json!({
        "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": Stage::COUNTY,
    });
    let case = maker.post("social-assistance", "/cases", case).await.is(201);
    let case = format!("/cases/{}", case["case"].as_str().expect("an id"));
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    maker
        .post("social-assistance", &format!("{case}/proposal"), grant.clone())
        .await
        .is(200);
    checker
        .post("social-assistance", &format!("{case}/decision"), grant)
        .await
        .is(200);
    house.stage.today_is("2020-01-21");
    let death = json!({ "person": person, "died_on": "2020-01-20" });
    maker.post("funeral-reform", "/deaths", death).await.is(201);
}

/// Social assistance, under the law of the stage.
async fn start_assistance(house: &House) -> Running<SocialAssistance> {
    let setting = house.stage.setting("social-assistance").await;
    social_assistance::service()
        .start(setting)
        .await
        .expect("it starts")
}

async fn what_the_law_stopped_goes_on_from_the_page_once_the_law_is_mended(stage: Stage) {
    // Which month is the last one is laid down from February on.
    let rule = "key = \"tekun.last-month\", unit = \"choice\", from = \"2020-0";
    let later = LAW.replace(&format!("{rule}1"), &format!("{rule}2"));
    let mut house = House::open(stage.with_policy(&[&later])).await;
    let deaths = funeral_reform::service().start(house.stage.setting("funeral-reform").await);
    let deaths = deaths.await.expect("it starts");
    let assistance = start_assistance(&house).await;
    grant_and_death(&house).await;
    house.settled(&[&deaths, &assistance]).await;
    house.account("guan", "administrator", Stage::COUNTY).await;
    let guan = house.sign_in("guan", PASSWORD).await;

    let page = house.page(&guan, "/health").await.text;
    assert!(
        page.contains("死信 1 条") && page.contains("tekun.last-month"),
        "{page}"
    );
    let aggregate = page
        .split("name=\"aggregate\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let aggregate = aggregate.expect("a form to try it again").to_owned();
    let fields = [
        ("service", "social-assistance"),
        ("source", "funeral-reform"),
        ("aggregate", &*aggregate),
    ];
    let still = house.form(&guan, "/health", "/health/retry", &fields).await;
    assert_eq!(still.status, 422);
    assert!(still.text.contains("仍未能处理"), "{}", still.text);

    assistance.stop().await;
    house.stage = house.stage.with_policy(&[LAW]);
    let assistance = start_assistance(&house).await;
    let tried = house.form(&guan, "/health", "/health/retry", &fields).await;
    assert_eq!((tried.status, tried.leads_to()), (303, "/health?done=retried"));
    let page = house.page(&guan, "/health").await.text;
    assert!(page.contains("没有死信"), "{page}");
    house.close_with(&[&deaths, &assistance]).await;
}
