//! How entitlements end, what others are told of it, and what comes after.

use crate::bureau::{Bureau, PACK, SERVICE, expected, text};
use mz_http::Role;
use mz_runtime::Part;
use mz_testkit::Stage;
use serde_json::{Value, json};

mz_testkit::stories![
    a_death_ends_and_its_annulment_resumes,
    an_annulled_death_leaves_a_stop_standing,
    a_stop_after_a_death_is_told_to_nobody,
    a_stop_needs_two_officers_and_a_month_of_its_own,
    who_was_stopped_may_come_again_but_no_month_is_paid_twice,
    a_death_before_the_first_month_takes_all,
    what_an_officer_typed_travels_nowhere,
    a_death_of_which_the_law_says_nothing_waits_for_the_law,
];

/// The events about ends: what, from which month, because of which fact.
async fn ends(bureau: &Bureau) -> Vec<(String, String)> {
    let told = bureau.told("entitlement.").await;
    let told = told.iter().filter(|event| !event["cause"].is_null());
    told.map(|event| (text(event, "from"), text(&event["cause"], "fact")))
        .collect()
}

fn end(from: &str, fact: &str) -> (String, String) {
    (from.to_owned(), fact.to_owned())
}

async fn a_death_ends_and_its_annulment_resumes(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let entitlement = bureau.grant(&person, "urban").await;
    bureau.stage.today_is("2020-01-21");
    let death = bureau.dies(&person, "2020-01-20").await;
    let stopped = bureau.told("entitlement.stopped").await;
    let wanted = json!({
        "entitlement": entitlement, "person": person, "programme": "tekun", "division": "513335100",
        "from": "2020-02", "reason": "death", "cause": { "fact": "death", "id": death, "on": "2020-01-20" },
    });
    assert_eq!(stopped, [wanted]);
    bureau.stage.today_is("2020-02-10");
    bureau.annul(&death).await;
    let resumed = bureau.told("entitlement.resumed").await;
    let wanted = json!({
        "entitlement": entitlement, "person": person, "programme": "tekun", "division": "513335100",
        "from": "2020-02", "cause": { "fact": "death-annulled", "id": death, "on": "2020-02-10" },
    });
    assert_eq!(resumed, [wanted]);
    let path = format!("/entitlements/{entitlement}");
    let shown = bureau.maker.get(SERVICE, &path).await.is(200);
    assert_eq!(shown["until"], Value::Null);
    bureau.finish().await;
}

async fn an_annulled_death_leaves_a_stop_standing(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let entitlement = bureau.grant(&person, "urban").await;
    bureau.stop(&entitlement, "2020-04").await;
    bureau.stage.today_is("2020-01-21");
    let death = bureau.dies(&person, "2020-01-20").await;
    bureau.settled().await;
    bureau.annul(&death).await;
    let wanted = [
        end("2020-04", "stop"),
        end("2020-02", "death"),
        end("2020-02", "death-annulled"),
        end("2020-04", "stop"),
    ];
    assert_eq!(ends(&bureau).await, wanted);
    bureau.stage.today_is("2020-05-29");
    bureau.run("2020-05").await;
    let wanted = expected(&[
        ("2020-01", 702, "back-pay"),
        ("2020-02", 702, "back-pay"),
        ("2020-03", 702, "back-pay"),
    ]);
    assert_eq!(bureau.lines(&person).await, wanted);
    bureau.finish().await;
}

async fn a_stop_after_a_death_is_told_to_nobody(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let entitlement = bureau.grant(&person, "urban").await;
    bureau.stage.today_is("2020-01-21");
    bureau.dies(&person, "2020-01-20").await;
    bureau.settled().await;
    // A later end changes nothing, an earlier one does.
    bureau.stop(&entitlement, "2020-04").await;
    assert_eq!(ends(&bureau).await, [end("2020-02", "death")]);
    bureau.stop(&entitlement, "2020-01").await;
    assert_eq!(
        ends(&bureau).await,
        [end("2020-02", "death"), end("2020-01", "stop")]
    );
    bureau.finish().await;
}

async fn a_stop_needs_two_officers_and_a_month_of_its_own(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let entitlement = bureau.grant(&bureau.person().await, "rural").await;
    let path = format!("/entitlements/{entitlement}/stops");
    let stop = |from: &str| json!({ "from": from, "reason": "voluntary" });
    let early = bureau.maker.post(SERVICE, &path, stop("2019-12")).await;
    assert_eq!(early.refused(422, "request.invalid")["field"], "from");
    let words = json!({ "from": "2020-03", "reason": "his son pays" });
    let problem = bureau
        .maker
        .post(SERVICE, &path, words)
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "reason");
    let proposed = bureau.checker.post(SERVICE, &path, stop("2020-03")).await.is(201);
    let decision = format!("{path}/{}/decision", text(&proposed, "stop"));
    let agree = |agree| json!({ "agree": agree, "reasons": ["seen"] });
    bureau
        .checker
        .post(SERVICE, &decision, agree(true))
        .await
        .refused(422, "case.same-officer");
    let other = bureau.stage.officer(Role::BureauOfficer, Stage::COUNTY);
    assert_eq!(
        other.post(SERVICE, &decision, agree(false)).await.is(200)["agreed"],
        false
    );
    assert_eq!(ends(&bureau).await, []);
    bureau.stop(&entitlement, "2020-03").await;
    bureau
        .maker
        .post(SERVICE, &path, stop("2020-05"))
        .await
        .refused(422, "entitlement.already-stopped");
    let shown = bureau
        .maker
        .get(SERVICE, &format!("/entitlements/{entitlement}"))
        .await
        .is(200);
    assert_eq!(shown["until"], "2020-03");
    let states: Vec<_> = shown["stops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stop| text(stop, "state"))
        .collect();
    assert_eq!(states, ["refused", "agreed"]);
    bureau.finish().await;
}

async fn who_was_stopped_may_come_again_but_no_month_is_paid_twice(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let first = bureau.grant(&person, "rural").await;
    bureau.stop(&first, "2020-03").await;
    // Decided in January again, while January and February are still paid under the first one.
    let second = bureau.grant(&person, "urban").await;
    let shown = bureau
        .maker
        .get(SERVICE, &format!("/entitlements/{second}"))
        .await
        .is(200);
    assert_eq!(shown["from"], "2020-03");
    bureau.stage.today_is("2020-04-30");
    bureau.run("2020-04").await;
    let mut lines = bureau.lines(&person).await;
    lines.sort();
    let wanted = expected(&[
        ("2020-01", 500, "back-pay"),
        ("2020-02", 500, "back-pay"),
        ("2020-03", 702, "back-pay"),
        ("2020-04", 702, "current"),
    ]);
    assert_eq!(lines, wanted);
    bureau.finish().await;
}

async fn a_death_before_the_first_month_takes_all(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.stage.today_is("2020-02-10");
    bureau.grant(&person, "rural").await;
    bureau.run("2020-02").await;
    // It had happened before the decision, and nobody knew.
    bureau.dies(&person, "2020-01-05").await;
    bureau.settled().await;
    assert_eq!(ends(&bureau).await, [end("2020-02", "death")]);
    assert_eq!(bureau.run("2020-02").await["take_back"], -50_000);
    assert_eq!(bureau.lined("2020-12").await, 0);
    bureau.finish().await;
}

/// What an officer writes may name somebody: it stays in the case.
async fn what_an_officer_typed_travels_nowhere(stage: Stage) {
    const NUMBER: &str = "990101194611220010";
    let bureau = Bureau::start(stage).await;
    let case = bureau.case(&bureau.person().await, "urban").await;
    let words = json!({ "outcome": "grant", "reasons": [NUMBER, "no-income", "seen with zhangsan"] });
    let path = format!("/cases/{case}");
    bureau
        .maker
        .post(SERVICE, &format!("{path}/proposal"), words.clone())
        .await
        .is(200);
    bureau
        .checker
        .post(SERVICE, &format!("{path}/decision"), words)
        .await
        .is(200);
    let decided = bureau.told("case.decided").await;
    assert_eq!(decided[0]["reasons"], json!(["no-income"]));
    let everything = bureau.told("").await;
    let everything = Value::from(everything).to_string();
    assert!(
        !everything.contains(NUMBER) && !everything.contains("zhangsan"),
        "{everything}"
    );
    let shown = bureau.maker.get(SERVICE, &path).await.is(200);
    assert_eq!(shown["detail"]["reasons"][2], "seen with zhangsan");
    bureau.finish().await;
}

async fn a_death_of_which_the_law_says_nothing_waits_for_the_law(stage: Stage) {
    // Which month is the last one is laid down from February on.
    let rule = "key = \"tekun.last-month\", unit = \"choice\", from = \"2020-0";
    let later = PACK.replace(&format!("{rule}1"), &format!("{rule}2"));
    let bureau = Bureau::start_under(stage, &later).await;
    let person = bureau.person().await;
    bureau.grant(&person, "urban").await;
    bureau.stage.today_is("2020-01-21");
    bureau.dies(&person, "2020-01-20").await;
    bureau.settled().await;
    let parked = Part::parked(&bureau.assistance).await.unwrap();
    assert_eq!(parked.len(), 1);
    for word in ["tekun.last-month", "513335", "2020-01"] {
        assert!(parked[0].detail.contains(word), "{parked:?}");
    }
    // The law is mended, and the event tried again.
    bureau.assistance.stop().await;
    let Bureau {
        stage,
        persons,
        deaths,
        maker,
        checker,
        ..
    } = bureau;
    let stage = stage.with_policy(&[PACK]);
    let assistance = social_assistance::service()
        .start(stage.setting(SERVICE).await)
        .await;
    let assistance = assistance.expect("it starts again");
    let bureau = Bureau {
        stage,
        persons,
        deaths,
        assistance,
        maker,
        checker,
    };
    let administrator = bureau.stage.officer(Role::Administrator, Stage::COUNTY);
    let order = json!({ "source": parked[0].source, "aggregate": parked[0].aggregate });
    let refused = bureau.checker.post(SERVICE, "/parked/retry", order.clone()).await;
    refused.refused(403, "caller.role");
    let retried = administrator.post(SERVICE, "/parked/retry", order).await.is(200);
    assert_eq!(retried["applied"], 1);
    assert_eq!(ends(&bureau).await, [end("2020-02", "death")]);
    bureau.finish().await;
}
