//! Reports: frozen, checked, and open to their rows.

use super::*;

mz_testkit::stories![
    a_report_adds_up_and_stays_what_it_was,
    a_report_prints_what_does_not_hold,
    only_the_bureau_releases_reports_and_who_sees_the_division_reads_them,
];

async fn release(bureau: &Bureau, to: &str) -> Value {
    bureau.settled().await;
    let body = json!({ "from": "2020-01", "to": to, "division": Stage::COUNTY });
    bureau.checker.post(SERVICE, "/reports", body).await.is(201)
}

fn figure<'r>(report: &'r Value, indicator: &str) -> &'r Value {
    let figures = report["figures"].as_array().expect("figures");
    let found = figures.iter().find(|figure| figure["indicator"] == indicator);
    found.unwrap_or_else(|| panic!("no {indicator} in {report:#}"))
}

/// The checks that did not hold: which, of what, and by how much.
fn flags(report: &Value) -> Vec<(String, String, i64)> {
    let flags = report["flags"].as_array().expect("flags").iter();
    let told = flags.map(|flag| {
        let difference = flag["difference"].as_i64().expect("a number");
        (text(flag, "check"), text(flag, "indicator"), difference)
    });
    told.collect()
}

async fn a_report_adds_up_and_stays_what_it_was(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (one, other) = (bureau.person().await, bureau.person().await);
    for person in [&one, &other] {
        bureau.account(person).await;
    }
    bureau.grant(&one).await;
    bureau.grant_in(&other, OTHER_TOWNSHIP).await;
    bureau.pay("2020-01").await;
    bureau.stage.today_is("2020-02-20");
    bureau.pay("2020-02").await;
    let report = release(&bureau, "2020-02").await;
    assert_eq!(report["flags"], json!([]), "{report:#}");
    let paid = figure(&report, "tekun_urban_paid");
    assert_eq!((&paid["value"], &paid["kind"]), (&json!(280_800), &json!("flow")));
    assert_eq!(paid["counted"]["rows"]["of"], "paid-months");
    let part = |of: &str| json!({ "of": of, "value": 140_400 });
    let townships = json!({ "by": "township", "parts": [part(TOWNSHIP), part(OTHER_TOWNSHIP)] });
    assert_eq!(paid["breakdowns"][0], townships);
    let standard = figure(&report, "tekun_urban_standard_monthly");
    assert_eq!(
        (&standard["value"], &standard["kind"]),
        (&json!(70_200), &json!("parameter"))
    );

    // What happens later changes the figure and not the report.
    bureau.dies(&one, "2020-01-15").await;
    bureau.run("2020-02").await;
    bureau.settled().await;
    let path = "/figures?indicator=tekun_urban_paid&from=2020-01&to=2020-02";
    let now = bureau.checker.get(SERVICE, path).await.is(200);
    assert_eq!(now["items"][0]["value"], 210_600);
    let id = text(&report, "report");
    let path = format!("/reports/{id}");
    assert_eq!(bureau.checker.get(SERVICE, &path).await.is(200), report);
    let path = format!("/reports/{id}/figures/tekun_urban_paid/rows");
    let rows = bureau.checker.get(SERVICE, &path).await.is(200);
    let mut rows: Vec<_> = rows["items"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (text(row, "person"), text(row, "month"), row["amount"].clone()))
        .collect();
    rows.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    let mut persons = [one, other];
    persons.sort();
    let row = |person: &String, month: &str| (person.clone(), month.to_owned(), json!(70_200));
    let expected = persons
        .each_ref()
        .map(|person| ["2020-01", "2020-02"].map(|month| row(person, month)));
    assert_eq!(rows, expected.concat());
    let path = format!("/reports/{id}/figures/tekun_urban_standard_monthly/rows");
    let rows = bureau.checker.get(SERVICE, &path).await.is(200);
    assert_eq!(rows["items"][0]["word"], "试2号");
    let path = format!("/reports/{id}/figures/nothing/rows");
    let missing = bureau.checker.get(SERVICE, &path).await;
    missing.refused(404, "record.not-found");

    let list = bureau.checker.get(SERVICE, "/reports").await.is(200);
    assert_eq!(
        (&list["items"][0]["report"], &list["items"][0]["flags"]),
        (&json!(id), &json!(0))
    );
    bureau.finish().await;
}

async fn a_report_prints_what_does_not_hold(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.account(&person).await;
    let entitlement = bureau.grant(&person).await;
    // The person moves: granted twice in the month, once in each township.
    let path = format!("/entitlements/{entitlement}/stops");
    let body = json!({ "from": "2020-02", "reason": "voluntary" });
    let stop = text(&bureau.maker.post(ASSISTANCE, &path, body).await.is(201), "stop");
    let agree = json!({ "agree": true, "reasons": ["moved"] });
    let path = format!("{path}/{stop}/decision");
    bureau.checker.post(ASSISTANCE, &path, agree).await.is(200);
    bureau.time_passes();
    bureau.grant_in(&person, OTHER_TOWNSHIP).await;
    bureau.run("2020-01").await;
    let report = release(&bureau, "2020-01").await;
    let expected = [
        // Nothing was paid yet.
        ("band", "tekun_urban_paid", -70_200),
        ("cross-footing", "tekun_new_persons", 1),
    ];
    let expected = expected.map(|(check, indicator, by)| (check.to_owned(), indicator.to_owned(), by));
    assert_eq!(flags(&report), expected, "{:#}", report["flags"]);
    let told = text(&report["flags"][1], "text");
    assert_eq!(told, "新增特困人员：各乡镇合计 2 人，总数 1 人，相差 1 人。");
    // Released once more with why it is so.
    let explained = |indicator: &str, why: &str| {
        let explanations = json!({ indicator: why });
        json!({ "from": "2020-01", "to": "2020-01", "division": Stage::COUNTY, "explanations": explanations })
    };
    for body in [explained("tekun_deaths", "…"), explained("tekun_urban_paid", " ")] {
        let refused = bureau.checker.post(SERVICE, "/reports", body).await;
        assert_eq!(refused.refused(422, "request.invalid")["field"], "explanations");
    }
    let body = explained("tekun_urban_paid", "1月资金尚未发放");
    let report = bureau.checker.post(SERVICE, "/reports", body).await.is(201);
    assert_eq!(text(&report["flags"][0], "explanation"), "1月资金尚未发放");
    assert_eq!(report["flags"][1].get("explanation"), None);
    bureau.finish().await;
}

async fn only_the_bureau_releases_reports_and_who_sees_the_division_reads_them(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let body = |to: &str, division: &str| json!({ "from": "2020-01", "to": to, "division": division });
    let refused = bureau
        .maker
        .post(SERVICE, "/reports", body("2020-01", TOWNSHIP))
        .await;
    refused.refused(403, "caller.role");
    let elsewhere = bureau
        .checker
        .post(SERVICE, "/reports", body("2020-01", "513336"))
        .await;
    elsewhere.refused(403, "caller.division");
    for to in ["2019-12", "2020-02"] {
        let wrong = bureau
            .checker
            .post(SERVICE, "/reports", body(to, Stage::COUNTY))
            .await;
        assert_eq!(wrong.refused(422, "request.invalid")["field"], "to");
    }
    let body = body("2020-01", TOWNSHIP);
    let first = bureau
        .checker
        .post_keyed("once", SERVICE, "/reports", body.clone())
        .await;
    let again = bureau.checker.post_keyed("once", SERVICE, "/reports", body).await;
    assert!(again.replayed && !first.replayed);
    let (first, again) = (first.is(201), again.is(201));
    assert_eq!(first, again);
    let county = release(&bureau, "2020-01").await;
    let path = |report: &Value| format!("/reports/{}", text(report, "report"));
    assert_eq!(bureau.maker.get(SERVICE, &path(&first)).await.is(200), first);
    let refused = bureau.maker.get(SERVICE, &path(&county)).await;
    refused.refused(403, "caller.division");
    let (own, all) = (
        bureau.maker.get(SERVICE, "/reports").await.is(200),
        bureau.checker.get(SERVICE, "/reports?limit=1").await.is(200),
    );
    assert_eq!(own["items"].as_array().expect("reports").len(), 1);
    assert_eq!(all["items"][0]["report"], county["report"]);
    let next = format!("/reports?after={}", text(&all, "next"));
    let next = bureau.checker.get(SERVICE, &next).await.is(200);
    assert_eq!(next["items"][0]["report"], first["report"]);
    bureau.finish().await;
}
