//! Registering persons and reading them.

use super::*;
use futures::future::join_all;

mz_testkit::stories![
    a_person_is_registered_once_and_found_by_number,
    a_person_without_a_number_is_a_person_all_the_same,
    what_contradicts_the_number_is_refused,
    officers_work_and_read_in_their_divisions_only,
    a_repeated_command_is_done_once,
    officers_who_register_one_number_at_once_get_one_person,
    a_register_that_was_stopped_goes_on_where_it_was,
];

async fn a_person_is_registered_once_and_found_by_number(stage: Stage) {
    let register = Register::start(&stage).await;
    let id = register.person("试甲", JIA).await;
    let again = register
        .maker
        .post(SERVICE, "/persons", person("试 甲", JIA))
        .await
        .is(200);
    assert_eq!(again, json!({ "person": id, "matched": true }));
    let expected = json!({
        "person": id, "name": "试*", "number": "990***********0010", "sex": "male",
        "birth_date": "1946-11-22", "division": TOWNSHIP,
    });
    assert_eq!(
        register
            .maker
            .get(SERVICE, &format!("/persons/{id}"))
            .await
            .is(200),
        expected
    );
    let document = json!({ "document": document(JIA) });
    assert_eq!(
        register
            .maker
            .post(SERVICE, "/persons/lookup", document)
            .await
            .is(200),
        expected
    );
    assert_eq!(register.holder(YI).await, None);
    stage.finish(&[&register.running]).await;
}

async fn a_person_without_a_number_is_a_person_all_the_same(stage: Stage) {
    let register = Register::start(&stage).await;
    let infant = json!({ "name": "试弃", "sex": "female", "birth_date": "2019-12-31", "division": TOWNSHIP });
    let first = register
        .maker
        .post(SERVICE, "/persons", infant.clone())
        .await
        .is(201);
    // Nothing tells this one from another of the same name.
    let second = register.maker.post(SERVICE, "/persons", infant).await.is(201);
    assert_ne!(first["person"], second["person"]);
    let path = format!("/persons/{}", first["person"].as_str().expect("an id"));
    let shown = register.maker.get(SERVICE, &path).await.is(200);
    assert_eq!(
        (&shown["number"], &shown["sex"]),
        (&Value::Null, &json!("female"))
    );
    stage.finish(&[&register.running]).await;
}

async fn what_contradicts_the_number_is_refused(stage: Stage) {
    let register = Register::start(&stage).await;
    let with = |field: &str, value: Value| {
        let mut body = person("试甲", JIA);
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("sex", json!("female")), "sex"),
        (with("birth_date", json!("1946-11-23")), "birth_date"),
        (with("name", json!(" ")), "name"),
        (
            with("document", document("990101194611220011")),
            "document.number",
        ),
        (
            with("document", json!({ "type": "resident-id" })),
            "document.number",
        ),
        (
            with("document", json!({ "type": "passport", "number": JIA })),
            "document.type",
        ),
        (with("document", Value::Null), "sex"),
        (with("division", json!("513335100999")), "division"),
    ] {
        let problem = register
            .maker
            .post(SERVICE, "/persons", body)
            .await
            .refused(422, "request.invalid");
        assert_eq!(problem["field"], field);
        assert!(!problem.to_string().contains("19461122"), "{problem}");
    }
    assert_eq!(register.holder(JIA).await, None, "nothing was done");
    stage.finish(&[&register.running]).await;
}

async fn officers_work_and_read_in_their_divisions_only(stage: Stage) {
    let register = Register::start(&stage).await;
    let id = register.person("试甲", JIA).await;
    let stranger = stage.officer(Role::TownshipOfficer, OTHER_TOWNSHIP);
    stranger
        .get(SERVICE, &format!("/persons/{id}"))
        .await
        .refused(403, "caller.division");
    stranger
        .post(SERVICE, "/persons", person("试乙", YI))
        .await
        .refused(403, "caller.division");
    let lookup = json!({ "document": document(JIA) });
    stranger
        .post(SERVICE, "/persons/lookup", lookup.clone())
        .await
        .refused(404, "record.not-found");
    let correction = json!({ "document": document(YI), "reason": "typing-error" });
    let path = format!("/persons/{id}/number-corrections");
    stranger
        .post(SERVICE, &path, correction)
        .await
        .refused(403, "caller.division");
    register
        .checker
        .get(SERVICE, &format!("/persons/{id}"))
        .await
        .is(200);
    register
        .administrator
        .post(SERVICE, "/persons", person("试乙", YI))
        .await
        .refused(403, "caller.role");
    register
        .administrator
        .post(SERVICE, "/persons/lookup", lookup)
        .await
        .refused(403, "caller.role");
    let path = format!("/persons/{id}");
    register
        .administrator
        .get(SERVICE, &path)
        .await
        .refused(403, "caller.role");
    let unknown = "/persons/per_01e5cg0000000000000000p001";
    register
        .maker
        .get(SERVICE, unknown)
        .await
        .refused(404, "record.not-found");
    stage.finish(&[&register.running]).await;
}

async fn a_repeated_command_is_done_once(stage: Stage) {
    let register = Register::start(&stage).await;
    let infant = json!({ "name": "试弃", "sex": "female", "birth_date": "2019-12-31", "division": TOWNSHIP });
    let send = async |body: Value| {
        register
            .maker
            .post_keyed("visit-17", SERVICE, "/persons", body)
            .await
    };
    let (first, again) = (send(infant.clone()).await, send(infant.clone()).await);
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.is(201), again.is(201));
    let mut other = infant;
    other["sex"] = json!("male");
    send(other).await.refused(409, "idempotency.reused");
    stage.finish(&[&register.running]).await;
}

async fn officers_who_register_one_number_at_once_get_one_person(stage: Stage) {
    let register = Register::start(&stage).await;
    let officers: Vec<_> = (0..8)
        .map(|_| stage.officer(Role::TownshipOfficer, TOWNSHIP))
        .collect();
    let replies = join_all(
        officers
            .iter()
            .map(|one| one.post(SERVICE, "/persons", person("试甲", JIA))),
    )
    .await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
    let holder = json!(register.holder(JIA).await);
    assert!(
        replies.iter().all(|reply| reply.body["person"] == holder),
        "{replies:?}"
    );
    stage.finish(&[&register.running]).await;
}

async fn a_register_that_was_stopped_goes_on_where_it_was(stage: Stage) {
    let register = Register::start(&stage).await;
    let id = register.person("试甲", JIA).await;
    register.running.stop().await;
    let register = Register::start(&stage).await;
    assert_eq!(register.holder(JIA).await, Some(id));
    stage.finish(&[&register.running]).await;
}
