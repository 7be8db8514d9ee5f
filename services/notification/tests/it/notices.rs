//! Who is told what.

use super::*;

mz_testkit::stories![
    a_death_tells_the_family_and_the_office,
    what_happened_before_it_listened_ends_the_same,
    an_annulled_death_leaves_told_what_was_told,
    officers_read_the_notices_of_their_divisions_only,
];

/// What is told of a grant and of a death after it: what the person was told stays theirs.
const AFTER_DEATH: [(&str, &str); 6] = [
    ("burial-relief", "family"),
    ("case-accepted", "person"),
    ("case-decided", "person"),
    ("death-check", "office"),
    ("entitlement-granted", "person"),
    ("entitlement-stopped", "family"),
];

async fn a_death_tells_the_family_and_the_office(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let notification = bureau.notification().await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    bureau.settled(&notification).await;
    let granted = bureau.notices(&person).await;
    let to_person = [
        ("case-accepted", "person"),
        ("case-decided", "person"),
        ("entitlement-granted", "person"),
    ];
    assert_eq!(told(&granted), to_person);
    assert_eq!(granted[2]["title"], "待遇享受告知书");
    let body = text(&granted[2], "body");
    assert!(
        body.starts_with("您自2020年1月起享受特困人员救助供养待遇。"),
        "{body}"
    );

    bureau.stage.today_is("2020-04-08");
    let death = bureau.dies(&person, "2020-01-20").await;
    bureau.settled(&notification).await;
    let notices = bureau.notices(&person).await;
    assert_eq!(told(&notices), AFTER_DEATH);
    let body = text(&notices[0], "body");
    assert!(
        body.starts_with("您的家属已于2020年1月20日去世，死亡信息于2020年4月8日登记。"),
        "{body}"
    );
    assert!(body.contains("丧葬补贴标准：1200.00元"), "{body}");
    assert!(
        !body.contains("依据"),
        "no text of 2020 was compared with the print: {body}"
    );
    let stopped = &notices[5];
    assert_eq!(
        stopped["cause"],
        json!({ "fact": "death", "id": death, "on": "2020-01-20" })
    );
    assert_eq!(stopped["issued_on"], "2020-04-08");
    let body = text(stopped, "body");
    assert!(
        body.starts_with("自2020年2月起停发特困人员救助供养待遇，原因：死亡。"),
        "{body}"
    );

    let inbox = format!("/notices?division={TOWNSHIP}&unread=true");
    let unread = bureau.maker.get(SERVICE, &inbox).await.is(200);
    assert_eq!(unread, json!({ "items": [notices[3]] }));
    let counts = format!("/counts?division={TOWNSHIP}");
    assert_eq!(
        bureau.maker.get(SERVICE, &counts).await.is(200),
        json!({ "unread": 1 })
    );
    let check = text(&notices[3], "notice");
    let path = format!("/notices/{check}/read");
    let read = bureau.maker.post(SERVICE, &path, json!({})).await.is(200);
    assert_eq!(read, json!({ "notice": check, "read_on": "2020-04-08" }));
    bureau.stage.today_is("2020-04-09");
    let again = bureau.maker.post(SERVICE, &path, json!({})).await.is(200);
    assert_eq!(again["read_on"], "2020-04-08", "the first reading counts");
    assert_eq!(
        bureau.maker.get(SERVICE, &inbox).await.is(200),
        json!({ "items": [] })
    );
    assert_eq!(
        bureau.maker.get(SERVICE, &counts).await.is(200),
        json!({ "unread": 0 })
    );
    Box::pin(bureau.finish(notification)).await;
}

/// It hears the streams of all services at once then, each as fast as it comes.
async fn what_happened_before_it_listened_ends_the_same(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    bureau.dies(&person, "2020-01-02").await;
    let told_others: [&dyn Part; 3] = [&bureau.persons, &bureau.deaths, &bureau.assistance];
    bureau.stage.settled(&told_others).await;
    let notification = bureau.notification().await;
    bureau.settled(&notification).await;
    assert_eq!(told(&bureau.notices(&person).await), AFTER_DEATH);
    Box::pin(bureau.finish(notification)).await;
}

async fn an_annulled_death_leaves_told_what_was_told(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let notification = bureau.notification().await;
    let person = bureau.person().await;
    bureau.grant(&person).await;
    let death = bureau.dies(&person, "2020-01-02").await;
    bureau.settled(&notification).await;
    let path = format!("/deaths/{death}/annulments");
    let reason = json!({ "reason": "wrong-person" });
    let answer = bureau.maker.post(DEATHS, &path, reason).await.is(201);
    let path = format!("{path}/{}/decision", text(&answer, "annulment"));
    let agree = json!({ "agree": true, "reasons": ["the person lives"] });
    bureau.checker.post(DEATHS, &path, agree).await.is(200);
    bureau.settled(&notification).await;
    let notices = bureau.notices(&person).await;
    let told = told(&notices);
    for expected in [
        ("burial-relief", "family"),
        ("death-annulled", "office"),
        ("entitlement-granted", "person"),
        ("entitlement-resumed", "person"),
        ("entitlement-stopped", "family"),
    ] {
        assert!(told.contains(&expected), "{told:?}");
    }
    Box::pin(bureau.finish(notification)).await;
}

async fn officers_read_the_notices_of_their_divisions_only(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let notification = bureau.notification().await;
    let person = bureau.person().await;
    bureau.dies(&person, "2020-01-02").await;
    bureau.settled(&notification).await;
    let notices = bureau.notices(&person).await;
    let path = format!("/notices/{}", text(&notices[0], "notice"));
    assert_eq!(bureau.checker.get(SERVICE, &path).await.is(200), notices[0]);
    let stranger = bureau.stage.officer(Role::TownshipOfficer, OTHER_TOWNSHIP);
    stranger.get(SERVICE, &path).await.refused(403, "caller.division");
    let read = format!("{path}/read");
    stranger
        .post(SERVICE, &read, json!({}))
        .await
        .refused(403, "caller.division");
    for list in ["notices", "counts"] {
        let path = format!("/{list}?division={TOWNSHIP}");
        stranger.get(SERVICE, &path).await.refused(403, "caller.division");
    }
    let of_person = format!("/notices?person={person}");
    assert_eq!(
        stranger.get(SERVICE, &of_person).await.is(200),
        json!({ "items": [] })
    );
    let problem = bureau.maker.get(SERVICE, "/notices").await;
    assert_eq!(problem.refused(422, "request.invalid")["field"], "person");
    let first = bureau
        .maker
        .get(SERVICE, &format!("{of_person}&limit=1"))
        .await
        .is(200);
    let next = format!("{of_person}&limit=1&after={}", text(&first, "next"));
    let second = bureau.maker.get(SERVICE, &next).await.is(200);
    assert_eq!(second.get("next"), None);
    assert_ne!(first["items"], second["items"]);
    Box::pin(bureau.finish(notification)).await;
}
