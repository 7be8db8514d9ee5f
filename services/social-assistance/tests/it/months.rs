//! Months: what is owed minus what was lined.

use crate::bureau::{Bureau, SERVICE, expected, text};
use mz_testkit::Stage;
use serde_json::json;

mz_testkit::stories![
    a_death_registered_late_takes_the_right_months_back,
    a_death_that_was_a_mistake_is_paid_back,
    a_death_known_before_the_decision_gives_no_grant,
    a_stop_and_a_death_end_in_the_same_lines_in_either_order,
    runs_at_once_write_each_line_once,
    a_month_that_has_not_begun_is_refused,
    lines_are_read_by_month_run_and_person,
    what_was_lined_is_proven_to_be_what_was_owed,
];

async fn a_death_registered_late_takes_the_right_months_back(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let entitlement = bureau.grant(&person, "urban").await;
    for (day, month) in [
        ("2020-01-23", "2020-01"),
        ("2020-02-28", "2020-02"),
        ("2020-03-31", "2020-03"),
    ] {
        bureau.stage.today_is(day);
        assert_eq!(bureau.run(month).await["lines"], 1);
    }
    bureau.stage.today_is("2020-04-08");
    let death = bureau.dies(&person, "2020-01-20").await;
    bureau.settled().await;
    let run = bureau.run("2020-04").await;
    assert_eq!((&run["lines"], &run["take_back"]), (&json!(2), &json!(-140_400)));
    let mut found = bureau.lines(&person).await;
    found.sort();
    let mut wanted = expected(&[
        ("2020-01", 702, "current"),
        ("2020-02", 702, "current"),
        ("2020-03", 702, "current"),
        ("2020-02", -702, "take-back"),
        ("2020-03", -702, "take-back"),
    ]);
    wanted.sort();
    assert_eq!(found, wanted);
    let page = bureau
        .checker
        .get(SERVICE, &format!("/lines?person={person}"))
        .await
        .is(200);
    let items = page["items"].as_array().unwrap();
    for back in items.iter().filter(|line| line["kind"] == "take-back") {
        let first = items
            .iter()
            .find(|line| line["month"] == back["month"] && line["kind"] == "current")
            .unwrap();
        assert_eq!(back["corrects"], json!([first["line"]]));
        assert_eq!(back["causes"], json!([{ "kind": "death", "id": death }]));
    }
    for month in ["2020-01", "2020-02", "2020-03", "2020-04"] {
        assert_eq!(bureau.run(month).await["lines"], 0);
    }
    let shown = bureau
        .maker
        .get(SERVICE, &format!("/entitlements/{entitlement}"))
        .await
        .is(200);
    assert_eq!(shown["until"], "2020-02");
    bureau.finish().await;
}

async fn a_death_that_was_a_mistake_is_paid_back(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.grant(&person, "rural").await;
    bureau.stage.today_is("2020-02-28");
    bureau.run("2020-02").await;
    let death = bureau.dies(&person, "2020-01-20").await;
    bureau.settled().await;
    bureau.run("2020-02").await;
    bureau.annul(&death).await;
    bureau.settled().await;
    bureau.run("2020-02").await;
    let wanted = expected(&[
        ("2020-01", 500, "back-pay"),
        ("2020-02", 500, "current"),
        ("2020-02", -500, "take-back"),
        ("2020-02", 500, "current"),
    ]);
    assert_eq!(bureau.lines(&person).await, wanted);
    bureau.finish().await;
}

async fn a_death_known_before_the_decision_gives_no_grant(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let case = bureau.case(&person, "urban").await;
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    bureau
        .maker
        .post(SERVICE, &format!("/cases/{case}/proposal"), grant.clone())
        .await
        .is(200);
    bureau.stage.today_is("2020-01-21");
    bureau.dies(&person, "2020-01-20").await;
    bureau.settled().await;
    bureau
        .checker
        .post(SERVICE, &format!("/cases/{case}/decision"), grant)
        .await
        .refused(422, "case.person-deceased");
    let other = Bureau::application(&person, "urban");
    bureau
        .maker
        .post(SERVICE, "/cases", other)
        .await
        .refused(422, "case.person-deceased");
    bureau.finish().await;
}

async fn a_stop_and_a_death_end_in_the_same_lines_in_either_order(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (one, other) = (bureau.person().await, bureau.person().await);
    let entitlements = [
        bureau.grant(&one, "urban").await,
        bureau.grant(&other, "urban").await,
    ];
    bureau.stage.today_is("2020-04-28");
    bureau.run("2020-04").await;
    let stop = async |entitlement: &str| {
        let path = format!("/entitlements/{entitlement}/stops");
        let body = json!({ "from": "2020-03", "reason": "supporter-able" });
        let stop = text(
            &bureau.maker.post(SERVICE, &path, body.clone()).await.is(201),
            "stop",
        );
        bureau
            .maker
            .post(SERVICE, &path, body)
            .await
            .refused(422, "entitlement.stop-pending");
        let path = format!("{path}/{stop}/decision");
        bureau
            .checker
            .post(SERVICE, &path, json!({ "agree": true, "reasons": ["seen"] }))
            .await
            .is(200);
    };
    stop(&entitlements[0]).await;
    bureau.dies(&one, "2020-01-20").await;
    bureau.dies(&other, "2020-01-20").await;
    bureau.settled().await;
    stop(&entitlements[1]).await;
    bureau.run("2020-04").await;
    let (first, second) = (bureau.lines(&one).await, bureau.lines(&other).await);
    assert_eq!(first, second);
    let taken: i64 = first
        .iter()
        .filter(|line| line.2 == "take-back")
        .map(|line| line.1)
        .sum();
    assert_eq!(taken, -3 * 702, "February to April");
    bureau.finish().await;
}

async fn runs_at_once_write_each_line_once(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let mut persons = Vec::new();
    for _ in 0..20 {
        let person = bureau.person().await;
        bureau.grant(&person, "rural").await;
        persons.push(person);
    }
    bureau.stage.today_is("2020-01-23");
    let runs = (0..6).map(|_| {
        bureau
            .checker
            .post(SERVICE, "/runs", json!({ "month": "2020-01" }))
    });
    for reply in futures::future::join_all(runs).await {
        reply.is(201);
    }
    for person in &persons {
        assert_eq!(
            bureau.lines(person).await,
            expected(&[("2020-01", 500, "current")])
        );
    }
    bureau.finish().await;
}

async fn a_month_that_has_not_begun_is_refused(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let reply = bureau
        .checker
        .post(SERVICE, "/runs", json!({ "month": "2020-02" }))
        .await;
    let problem = reply.refused(422, "request.invalid");
    assert_eq!(problem["field"], "month");
    bureau
        .maker
        .post(SERVICE, "/runs", json!({ "month": "2020-01" }))
        .await
        .refused(403, "caller.role");
    bureau.finish().await;
}

async fn lines_are_read_by_month_run_and_person(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (one, other) = (bureau.person().await, bureau.person().await);
    bureau.grant(&one, "urban").await;
    bureau.grant(&other, "rural").await;
    let january = text(&bureau.run("2020-01").await, "run");
    bureau.stage.today_is("2020-02-28");
    let february = text(&bureau.run("2020-02").await, "run");
    let count = async |query: String| {
        let page = bureau
            .checker
            .get(SERVICE, &format!("/lines?{query}"))
            .await
            .is(200);
        page["items"].as_array().unwrap().len()
    };
    for (query, lines) in [
        (String::new(), 4),
        ("month=2020-01".to_owned(), 2),
        (format!("run={february}"), 2),
        (format!("person={one}"), 2),
        (format!("person={one}&month=2020-02"), 1),
        (format!("run={january}&month=2020-02"), 0),
        (format!("person={other}&run={january}"), 1),
        ("division=513335100".to_owned(), 4),
        ("division=513335101".to_owned(), 0),
    ] {
        assert_eq!(count(query.clone()).await, lines, "{query}");
    }
    let page = bureau
        .checker
        .get(SERVICE, "/lines?month=2020-01&limit=1")
        .await
        .is(200);
    let next = text(&page, "next");
    let rest = bureau
        .checker
        .get(SERVICE, &format!("/lines?month=2020-01&limit=1&after={next}"))
        .await
        .is(200);
    assert_ne!(rest["items"][0]["person"], page["items"][0]["person"]);
    assert_eq!(rest["next"], json!(null));
    bureau.finish().await;
}

async fn what_was_lined_is_proven_to_be_what_was_owed(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let proof = async |through: &str| {
        let path = format!("/proof?through={through}&division=513335");
        bureau.checker.get(SERVICE, &path).await.is(200)
    };
    let (urban, rural) = (bureau.person().await, bureau.person().await);
    bureau.grant(&urban, "urban").await;
    bureau.grant(&rural, "rural").await;
    assert_eq!(proof("2020-03").await["owed_fen"], 0, "no month was run");
    for (day, month) in [("2020-01-23", "2020-01"), ("2020-02-28", "2020-02")] {
        bureau.stage.today_is(day);
        bureau.run(month).await;
    }
    // A fact that no run knows of yet changes nothing that is owed by what was known.
    bureau.dies(&urban, "2020-01-20").await;
    bureau.settled().await;
    let before = json!({
        "through": "2020-02", "owed_fen": 240_400, "lined_fen": 240_400, "lines": 4, "holds": true,
    });
    assert_eq!(proof("2020-02").await, before);
    bureau.stage.today_is("2020-03-31");
    bureau.run("2020-03").await;
    // 702 for January, 3 months of 500; February was taken back by a fifth line.
    let after = json!({
        "through": "2020-03", "owed_fen": 220_200, "lined_fen": 220_200, "lines": 6, "holds": true,
    });
    assert_eq!(proof("2020-03").await, after);
    assert_eq!(proof("2020-01").await["owed_fen"], 120_200);
    bureau.finish().await;
}
