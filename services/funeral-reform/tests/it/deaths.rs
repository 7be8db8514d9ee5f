//! Registering deaths.

use super::*;

mz_testkit::stories![
    a_death_is_registered_and_reaches_the_register_of_persons,
    a_death_is_late_after_its_term,
    a_death_that_cannot_be_is_refused,
    nobody_dies_twice,
    officers_register_and_read_in_their_divisions_only,
    a_place_without_a_term_is_told_so,
    while_the_register_of_persons_is_away_nothing_is_done,
    the_service_serves_its_document,
];

async fn a_death_is_registered_and_reaches_the_register_of_persons(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    stage.today_is("2020-01-21");
    let person = bureau.person().await;
    let body = json!({ "person": person, "died_on": "2020-01-20", "place": "巴塘县人民医院", "source": "medical-certificate" });
    let answer = bureau.maker.post(SERVICE, "/deaths", body).await.is(201);
    let death = text(&answer, "death");
    assert_eq!(answer, json!({ "death": death, "late": false }));
    let expected = json!({
        "death": death, "person": person, "division": TOWNSHIP, "died_on": "2020-01-20",
        "place": "巴塘县人民医院", "source": "medical-certificate", "registered_on": "2020-01-21",
        "late": false, "status": "registered",
    });
    let shown = bureau
        .maker
        .get(SERVICE, &format!("/deaths/{death}"))
        .await
        .is(200);
    assert_eq!(shown, expected);
    let listed = bureau
        .checker
        .get(SERVICE, &format!("/deaths?person={person}"))
        .await
        .is(200);
    assert_eq!(listed, json!({ "items": [expected] }));
    assert_eq!(bureau.deceased_on(&stage, &person).await, "2020-01-20");
    stage.finish(&bureau.parts()).await;
}

async fn a_death_is_late_after_its_term(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let (one, other) = (bureau.person().await, bureau.person().await);
    let died = |person: &str| json!({ "person": person, "died_on": "2020-01-20" });
    stage.today_is("2020-02-19");
    assert_eq!(
        bureau.maker.post(SERVICE, "/deaths", died(&one)).await.is(201)["late"],
        false
    );
    stage.today_is("2020-02-20");
    assert_eq!(
        bureau.maker.post(SERVICE, "/deaths", died(&other)).await.is(201)["late"],
        true
    );
    stage.finish(&bureau.parts()).await;
}

async fn a_death_that_cannot_be_is_refused(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    for day in ["2020-01-03", "1936-11-30"] {
        let body = json!({ "person": person, "died_on": day });
        let problem = bureau
            .maker
            .post(SERVICE, "/deaths", body)
            .await
            .refused(422, "request.invalid");
        assert_eq!(problem["field"], "died_on");
    }
    let body = json!({ "person": NOBODY, "died_on": "2020-01-02" });
    let problem = bureau
        .maker
        .post(SERVICE, "/deaths", body)
        .await
        .refused(422, "death.person-unknown");
    assert_eq!(problem["field"], "person");
    assert_eq!(bureau.deceased_on(&stage, &person).await, Value::Null);
    stage.finish(&bureau.parts()).await;
}

async fn nobody_dies_twice(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    let body = json!({ "person": person, "died_on": "2020-01-01" });
    let send = async || {
        bureau
            .maker
            .post_keyed("report-1", SERVICE, "/deaths", body.clone())
            .await
    };
    let (first, again) = (send().await, send().await);
    assert!(again.replayed, "{again:?}");
    let death = text(&first.is(201), "death");
    assert_eq!(text(&again.is(201), "death"), death);
    let other = json!({ "person": person, "died_on": "2020-01-02" });
    let problem = bureau
        .checker
        .post(SERVICE, "/deaths", other)
        .await
        .refused(422, "death.already-registered");
    assert!(text(&problem, "detail").contains(&death), "{problem}");
    stage.finish(&bureau.parts()).await;
}

async fn officers_register_and_read_in_their_divisions_only(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    let stranger = stage.officer(Role::TownshipOfficer, "513335101");
    let body = json!({ "person": person, "died_on": "2020-01-01" });
    stranger
        .post(SERVICE, "/deaths", body.clone())
        .await
        .refused(403, "caller.division");
    let administrator = stage.officer(Role::Administrator, Stage::COUNTY);
    administrator
        .post(SERVICE, "/deaths", body)
        .await
        .refused(403, "caller.role");
    let death = bureau.death(&person, "2020-01-01").await;
    stranger
        .get(SERVICE, &format!("/deaths/{death}"))
        .await
        .refused(403, "caller.division");
    administrator
        .get(SERVICE, &format!("/deaths/{death}"))
        .await
        .refused(403, "caller.role");
    let listed = stranger
        .get(SERVICE, &format!("/deaths?person={person}"))
        .await
        .is(200);
    assert_eq!(listed, json!({ "items": [] }));
    let nothing = "/deaths/death_01e5cg0000000000000000d001";
    bureau
        .maker
        .get(SERVICE, nothing)
        .await
        .refused(404, "record.not-found");
    stage.finish(&bureau.parts()).await;
}

async fn a_place_without_a_term_is_told_so(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    let body = json!({ "person": person, "died_on": "2018-12-31" });
    let problem = bureau
        .maker
        .post(SERVICE, "/deaths", body)
        .await
        .refused(422, "policy.missing");
    for word in [TOWNSHIP, "death.report-limit", "2018-12"] {
        assert!(text(&problem, "detail").contains(word), "{problem}");
    }
    stage.finish(&bureau.parts()).await;
}

async fn while_the_register_of_persons_is_away_nothing_is_done(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let person = bureau.person().await;
    bureau.persons.stop().await;
    let body = json!({ "person": person, "died_on": "2020-01-01" });
    let send = async || {
        bureau
            .maker
            .post_keyed("report-1", SERVICE, "/deaths", body.clone())
            .await
    };
    send().await.refused(503, "service.unavailable");
    let setting = stage.setting(PERSONS).await;
    let persons = registration::service()
        .start(setting)
        .await
        .expect("registration starts again");
    let bureau = Bureau { persons, ..bureau };
    let answer = bureau
        .maker
        .post_keyed("report-1", SERVICE, "/deaths", body.clone())
        .await;
    assert!(!answer.replayed);
    answer.is(201);
    assert_eq!(bureau.deceased_on(&stage, &person).await, "2020-01-01");
    stage.finish(&bureau.parts()).await;
}

async fn the_service_serves_its_document(stage: Stage) {
    let (stage, bureau) = Bureau::start(stage).await;
    let document = bureau.maker.get(SERVICE, "/openapi.json").await.is(200);
    assert_eq!(document["info"]["title"], SERVICE);
    assert_eq!(
        document["paths"]["/deaths"]["post"]["operationId"],
        "register_death"
    );
    stage.finish(&bureau.parts()).await;
}
