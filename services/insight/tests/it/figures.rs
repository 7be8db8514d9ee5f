//! Figures and the rows behind them.

use super::*;

mz_testkit::stories![
    figures_are_sums_of_rows_and_open_to_them,
    money_counts_as_paid_when_it_reached_the_person,
    what_is_heard_again_from_the_streams_gives_the_same_figures,
    officers_read_figures_of_their_divisions_only,
    a_case_is_open_until_it_is_decided_or_withdrawn,
];

const STRETCH: &str = "from=2020-01&to=2020-04";

/// The value of an indicator for the checker's county, or of one below it.
async fn value(bureau: &Bureau, indicator: &str, more: &str) -> Value {
    bureau.settled().await;
    let path = format!("/figures?indicator={indicator}&{STRETCH}{more}");
    let figures = bureau.checker.get(SERVICE, &path).await.is(200);
    let [figure] = figures["items"].as_array().expect("items").as_slice() else {
        panic!("one figure was asked for: {figures:#}")
    };
    assert_eq!(figure["indicator"], indicator);
    figure["value"].clone()
}

async fn rows(bureau: &Bureau, indicator: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/figures/rows?indicator={indicator}&{STRETCH}&limit=2{after}");
        let page = bureau.checker.get(SERVICE, &path).await.is(200);
        rows.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next"].as_str() else {
            return rows;
        };
        after = format!("&after={next}");
    }
}

async fn figures_are_sums_of_rows_and_open_to_them(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    // Nothing happened: that is nothing, and no fault.
    for indicator in ["tekun_urban_person_times", "tekun_urban_paid", "tekun_deaths"] {
        assert_eq!(value(&bureau, indicator, "").await, 0, "{indicator}");
    }
    let (late, alive) = (bureau.person().await, bureau.person().await);
    bureau.grant(&late).await;
    bureau.grant(&alive).await;
    bureau.stage.today_is("2020-03-31");
    bureau.run("2020-03").await;
    bureau.dies(&late, "2020-02-03").await;
    bureau.run("2020-03").await;
    bureau.settled().await;

    for (indicator, expected) in [
        ("tekun_urban_person_times", 5),
        ("tekun_rural_person_times", 0),
        ("tekun_person_times", 5),
        ("tekun_urban_persons", 2),
        ("tekun_lined", 351_000),
        ("tekun_urban_paid", 0),
        ("tekun_unpaid", 351_000),
        ("tekun_new_persons", 2),
        ("tekun_deaths", 1),
        ("tekun_ended", 1),
        ("tekun_entitled", 1),
        ("tekun_urban_standard_monthly", 70_200),
        ("cases_decided", 2),
        ("open_cases", 0),
    ] {
        assert_eq!(value(&bureau, indicator, "").await, expected, "{indicator}");
    }
    let nothing = value(&bureau, "tekun_rural_standard_monthly", "").await;
    assert_eq!(nothing, Value::Null, "no such standard was adopted");
    // The death counts in its own month, not in that of its registration.
    let path = "/figures?indicator=tekun_deaths&from=2020-03&to=2020-04";
    assert_eq!(
        bureau.checker.get(SERVICE, path).await.is(200)["items"][0]["value"],
        0
    );

    let path = format!("/figures?indicator=tekun_urban_person_times&by=month&{STRETCH}");
    let by_month = bureau.checker.get(SERVICE, &path).await.is(200);
    let part = |of: &str, value: i64| json!({ "of": of, "value": value });
    let parts = json!([part("2020-01", 2), part("2020-02", 2), part("2020-03", 1)]);
    assert_eq!(
        by_month["items"][0]["breakdowns"],
        json!([{ "by": "month", "parts": parts }])
    );

    let mut months: Vec<_> = rows(&bureau, "tekun_urban_person_times")
        .await
        .iter()
        .map(|row| (text(row, "person"), text(row, "month")))
        .collect();
    months.sort();
    let mut expected = vec![(late.clone(), "2020-01"), (late, "2020-02")];
    expected.extend(["2020-01", "2020-02", "2020-03"].map(|month| (alive.clone(), month)));
    expected.sort();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(person, month)| (person, month.to_owned()))
        .collect();
    assert_eq!(months, expected);
    let standards = rows(&bureau, "tekun_urban_standard_monthly").await;
    let expected = json!([{ "id": "2020-01.513335", "division": "513335", "month": "2020-01", "amount": 70_200, "word": "试2号" }]);
    assert_eq!(Value::from(standards), expected);
    bureau.finish().await;
}

async fn money_counts_as_paid_when_it_reached_the_person(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (late, other) = (bureau.person().await, bureau.person().await);
    for person in [&late, &other] {
        bureau.account(person).await;
        bureau.grant(person).await;
    }
    let is = async |paid: i64, unpaid: i64| {
        for (indicator, expected) in [
            ("tekun_urban_paid", paid),
            ("tekun_unpaid", unpaid),
            ("tekun_lined", paid + unpaid),
        ] {
            assert_eq!(value(&bureau, indicator, "").await, expected, "{indicator}");
        }
    };
    bureau.run("2020-01").await;
    is(0, 140_400).await;
    let batch = bureau.sealed("2020-01").await;
    is(0, 140_400).await;
    bureau.answer(&batch, &[&other]).await;
    is(70_200, 70_200).await;
    assert_eq!(value(&bureau, "payments_returned", "").await, 1);
    // A corrected account: the same payment is issued once more.
    bureau.account(&other).await;
    bureau.stage.today_is("2020-02-20");
    bureau.pay("2020-02").await;
    is(280_800, 0).await;
    assert_eq!(value(&bureau, "payments_paid", "").await, 280_800);
    assert_eq!(value(&bureau, "tekun_urban_mean", "").await, 70_200);
    let elsewhere = format!("&division={OTHER_TOWNSHIP}");
    assert_eq!(value(&bureau, "payments_paid", &elsewhere).await, 0);

    // A death of January: February was paid and is to be recovered, March was not and is kept.
    bureau.stage.today_is("2020-03-20");
    bureau.run("2020-03").await;
    is(280_800, 140_400).await;
    bureau.dies(&late, "2020-01-15").await;
    bureau.run("2020-03").await;
    is(210_600, 70_200).await;
    assert_eq!(value(&bureau, "recoveries_raised", "").await, 70_200);
    assert_eq!(value(&bureau, "recoveries_outstanding", "").await, 70_200);
    let batch = bureau.sealed("2020-03").await;
    bureau.answer(&batch, &[]).await;
    is(280_800, 0).await;
    assert_eq!(value(&bureau, "payments_paid", "").await, 351_000);
    bureau.finish().await;
}

async fn what_is_heard_again_from_the_streams_gives_the_same_figures(stage: Stage) {
    let mut bureau = Bureau::start(stage).await;
    let (late, other) = (bureau.person().await, bureau.person().await);
    bureau.account(&late).await;
    bureau.grant(&late).await;
    bureau.grant_in(&other, OTHER_TOWNSHIP).await;
    bureau.pay("2020-01").await;
    bureau.stage.today_is("2020-02-20");
    bureau.pay("2020-02").await;
    bureau.dies(&late, "2020-01-15").await;
    bureau.run("2020-02").await;
    bureau.settled().await;
    let read = async |bureau: &Bureau| {
        bureau.settled().await;
        let mut all = Vec::new();
        for by in ["township", "class", "mode", "month"] {
            let path = format!("/figures?by={by}&{STRETCH}");
            all.push(bureau.checker.get(SERVICE, &path).await.is(200));
        }
        all
    };
    let before = read(&bureau).await;
    bureau.insight.stop().await;
    bureau.start_insight_empty().await;
    assert_eq!(read(&bureau).await, before);
    bureau.finish().await;
}

async fn officers_read_figures_of_their_divisions_only(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let path = format!("/figures?{STRETCH}");
    let all = format!("{path}&division={}", Stage::COUNTY);
    let refused = bureau.maker.get(SERVICE, &all).await;
    refused.refused(403, "caller.division");
    // Who does not say where means their own.
    bureau.maker.get(SERVICE, &path).await.is(200);
    let backwards = "/figures?from=2020-04&to=2020-01";
    let problem = bureau.checker.get(SERVICE, backwards).await;
    assert_eq!(problem.refused(422, "request.invalid")["field"], "to");
    for path in ["/figures", "/figures/rows"] {
        let unknown = format!("{path}?indicator=nothing&{STRETCH}");
        let problem = bureau.checker.get(SERVICE, &unknown).await;
        let problem = problem.refused(422, "request.invalid");
        assert_eq!(problem["field"], "indicator");
        let detail = text(&problem, "detail");
        assert!(detail.contains("tekun_urban_paid"), "{detail}");
    }
    bureau.finish().await;
}

async fn a_case_is_open_until_it_is_decided_or_withdrawn(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let body = json!({
        "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": TOWNSHIP,
    });
    let case = text(
        &bureau.maker.post(ASSISTANCE, "/cases", body).await.is(201),
        "case",
    );
    assert_eq!(value(&bureau, "open_cases", "").await, 1);
    let path = format!("/cases/{case}/withdrawal");
    let body = json!({ "reasons": ["moved away"] });
    bureau.maker.post(ASSISTANCE, &path, body).await.is(200);
    assert_eq!(value(&bureau, "open_cases", "").await, 0);
    assert_eq!(
        value(&bureau, "cases_decided", "").await,
        0,
        "nothing was decided"
    );
    assert_eq!(value(&bureau, "cases_accepted", "").await, 1);
    bureau.finish().await;
}
