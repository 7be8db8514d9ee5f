//! What happened to a person and why.

use super::*;

mz_testkit::stories![
    a_late_death_explains_what_is_taken_back,
    back_pay_names_the_standard_that_it_follows,
    a_timeline_is_read_a_page_at_a_time,
    officers_see_the_steps_of_their_divisions_only,
    what_happened_while_it_was_away_is_read_later,
];

async fn a_late_death_explains_what_is_taken_back(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    for (day, month) in [("2020-02-28", "2020-02"), ("2020-03-31", "2020-03")] {
        bureau.stage.today_is(day);
        bureau.run(month).await;
    }
    bureau.stage.today_is("2020-04-08");
    let death = bureau.dies(&person, "2020-01-20").await;
    bureau.run("2020-04").await;

    let steps = bureau.timeline(&bureau.maker, &person).await;
    let told: Vec<_> = steps
        .iter()
        .map(|step| (text(step, "type"), text(step, "title")))
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(kind, title)| (kind.as_str(), title.as_str()))
        .collect();
    let [first, middle @ .., stopped, taken] = &told[..] else {
        panic!("too few steps: {told:?}")
    };
    assert_eq!(*first, ("person.registered", "登记人员信息"));
    for step in [
        ("case.accepted", "受理特困人员救助供养申请"),
        ("case.decided", "予以确认特困人员救助供养"),
        ("entitlement.granted", "待遇自2020年1月起享受"),
        ("lines.computed", "2020年2月核算：应发 1404.00 元"),
        ("lines.computed", "2020年3月核算：应发 702.00 元"),
        ("death.registered", "补登死亡"),
    ] {
        assert!(middle.contains(&step), "{step:?} is not in {told:?}");
    }
    assert_eq!(*stopped, ("entitlement.stopped", "待遇自2020年2月起停止"));
    assert_eq!(*taken, ("lines.computed", "2020年4月核算：应扣回 1404.00 元"));

    let [.., died, stopped, taken] = &steps[..] else {
        unreachable!()
    };
    assert_eq!((&died["on"], died.get("cause")), (&json!("2020-01-20"), None));
    assert_eq!(
        (&stopped["on"], &stopped["service"]),
        (&json!("2020-04-08"), &json!(ASSISTANCE))
    );
    let because = json!({
        "event": died["event"], "title": "补登死亡", "fact": "death", "id": death, "on": "2020-01-20",
    });
    assert_eq!(stopped["cause"], because);
    let because = json!({ "event": stopped["event"], "title": "待遇自2020年2月起停止", "on": "2020-04-08" });
    assert_eq!(taken["cause"], because);
    let mut details = taken["details"].as_array().unwrap().clone();
    details.sort_by_key(|detail| text(detail, "label"));
    let back = |label: &str, value: &str| json!({ "label": label, "value": value });
    assert_eq!(
        details,
        [
            back("扣回2020年2月", "-702.00 元，更正2020年2月的核算（702.00 元）"),
            back("扣回2020年3月", "-702.00 元，更正2020年3月的核算（702.00 元）"),
        ]
    );
    bureau.finish().await;
}

async fn back_pay_names_the_standard_that_it_follows(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    bureau.run("2020-01").await;
    bureau.stage.today_is("2020-02-20");
    let body = json!({
        "key": "tekun.standard.urban", "division": Stage::COUNTY, "from": "2020-01", "amount": 76_700, "document": "试9号",
    });
    let maker = bureau.stage.officer(Role::BureauOfficer, Stage::COUNTY);
    let standard = text(
        &maker.post(ASSISTANCE, "/standards", body).await.is(201),
        "standard",
    );
    let agree = json!({ "agree": true, "reasons": ["checked"] });
    let path = format!("/standards/{standard}/decision");
    bureau.checker.post(ASSISTANCE, &path, agree).await.is(200);
    bureau.time_passes();
    bureau.run("2020-02").await;
    let steps = bureau.timeline(&bureau.maker, &person).await;
    let paid = steps.last().expect("steps");
    assert_eq!(text(paid, "title"), "2020年2月核算：应发 832.00 元");
    let because = text(&paid["cause"], "title");
    assert_eq!(
        because,
        "城市特困人员救助供养标准自2020年1月起为 767.00 元（试9号）"
    );
    bureau.finish().await;
}

async fn a_timeline_is_read_a_page_at_a_time(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    let all = bureau.timeline(&bureau.maker, &person).await;
    let (mut read, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/persons/{person}/timeline?limit=3{after}");
        let page = bureau.maker.get(SERVICE, &path).await.is(200);
        read.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert!(all.len() > 3, "{all:?}");
    assert_eq!(read, all);
    let path = format!("/persons/{person}/timeline?after=evt_01e5cg0000000000000000e001");
    let problem = bureau
        .maker
        .get(SERVICE, &path)
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "after");
    bureau.finish().await;
}

async fn officers_see_the_steps_of_their_divisions_only(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    bureau.stage.today_is("2020-01-31");
    bureau.run("2020-01").await;
    let all = bureau.timeline(&bureau.checker, &person).await;
    // The run is the county's: of its lines the township sees those of its own persons.
    assert!(all.iter().any(|step| step["type"] == "lines.computed"), "{all:?}");
    assert_eq!(bureau.timeline(&bureau.maker, &person).await, all);
    let stranger = bureau.stage.officer(Role::TownshipOfficer, OTHER_TOWNSHIP);
    assert_eq!(bureau.timeline(&stranger, &person).await, Vec::<Value>::new());
    let administrator = bureau.stage.officer(Role::Administrator, Stage::COUNTY);
    let path = format!("/persons/{person}/timeline");
    administrator
        .get(SERVICE, &path)
        .await
        .refused(403, "caller.role");
    bureau.finish().await;
}

async fn what_happened_while_it_was_away_is_read_later(stage: Stage) {
    let mut bureau = Bureau::start(stage).await;
    bureau.settled().await;
    bureau.insight.stop().await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    bureau.start_insight().await;
    let steps = bureau.timeline(&bureau.maker, &person).await;
    let mut kinds: Vec<_> = steps.iter().map(|step| text(step, "type")).collect();
    kinds[1..].sort();
    let expected = [
        "person.registered",
        "case.accepted",
        "case.decided",
        "entitlement.granted",
    ];
    assert_eq!(kinds, expected);
    bureau.finish().await;
}
