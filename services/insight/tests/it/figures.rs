//! Figures and the rows behind them.

use super::*;

mz_testkit::stories![
    figures_are_those_of_social_assistance_and_open_to_their_rows,
    officers_read_figures_of_their_divisions_only,
];

const STRETCH: &str = "from=2020-01&to=2020-04";

async fn figures_are_those_of_social_assistance_and_open_to_their_rows(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (late, alive) = (bureau.person().await, bureau.person().await);
    bureau.grant(&late).await;
    bureau.grant(&alive).await;
    bureau.stage.today_is("2020-03-31");
    bureau.run("2020-03").await;
    bureau.dies(&late, "2020-02-03").await;
    bureau.run("2020-03").await;
    bureau.settled().await;

    let path = format!("/figures?{STRETCH}");
    let theirs = bureau.checker.get(ASSISTANCE, &path).await.is(200);
    let total = json!({ "class": "urban", "person_times": 5, "persons": 2, "amount": 351_000 });
    assert_eq!(theirs["totals"], json!([total]));
    let expected = json!({ "items": [
        { "indicator": "tekun_urban_person_times", "title": "城市特困人员救助供养人次", "unit": "person-times", "value": 5 },
        { "indicator": "tekun_urban_lined", "title": "城市特困人员核算净额", "unit": "fen", "value": 351_000 },
    ] });
    assert_eq!(bureau.checker.get(SERVICE, &path).await.is(200), expected);

    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/figures/rows?indicator=tekun_urban_person_times&{STRETCH}&limit=2{after}");
        let page = bureau
            .maker
            .get(SERVICE, &format!("{path}&division={TOWNSHIP}"))
            .await
            .is(200);
        rows.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    let mut months: Vec<_> = rows
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
    bureau.finish().await;
}

async fn officers_read_figures_of_their_divisions_only(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let path = format!("/figures?{STRETCH}");
    let all = format!("{path}&division={}", Stage::COUNTY);
    bureau
        .maker
        .get(SERVICE, &all)
        .await
        .refused(403, "caller.division");
    // Who does not say where means their own.
    assert_eq!(
        bureau.maker.get(SERVICE, &path).await.is(200),
        json!({ "items": [] })
    );
    let backwards = "/figures?from=2020-04&to=2020-01";
    let problem = bureau
        .checker
        .get(SERVICE, backwards)
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "to");
    let unknown = format!("/figures/rows?indicator=nothing&{STRETCH}");
    let problem = bureau
        .checker
        .get(SERVICE, &unknown)
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "indicator");
    bureau.finish().await;
}
