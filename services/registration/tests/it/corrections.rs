//! A number that was typed wrongly, and its correction.

use super::*;

mz_testkit::stories![
    a_number_typed_wrongly_hands_nobody_anothers_id,
    a_number_that_is_held_cannot_be_taken_by_a_correction,
    a_correction_is_decided_once_and_by_another_officer,
    a_person_may_turn_out_to_have_no_number,
];

fn right(number: &str) -> Value {
    json!({ "document": document(number), "reason": "typing-error" })
}

impl Register {
    async fn propose(&self, person: &str, body: Value) -> String {
        let path = format!("/persons/{person}/number-corrections");
        let answer = self.maker.post(SERVICE, &path, body).await.is(201);
        answer["correction"].as_str().expect("an id").to_owned()
    }
}

fn decision(person: &str, correction: &str) -> String {
    format!("/persons/{person}/number-corrections/{correction}/decision")
}

fn agree() -> Value {
    json!({ "agree": true, "reasons": ["the card was seen"] })
}

async fn a_number_typed_wrongly_hands_nobody_anothers_id(stage: Stage) {
    let register = Register::start(&stage).await;
    // Jia is registered with Yi's number.
    let jia = register.person("试甲", YI).await;

    // Yi comes: the number is held, and nothing is told of the holder.
    let refused = register.maker.post(SERVICE, "/persons", person("试乙", YI)).await;
    let refused = refused.refused(422, "identity.number-held");
    assert_eq!(refused["field"], "document.number");
    for secret in [jia.as_str(), "试", "990101", TOWNSHIP] {
        assert!(!refused.to_string().contains(secret), "{refused}");
    }

    let correction = register.propose(&jia, right(JIA)).await;
    assert_eq!(
        register.holder(YI).await.as_ref(),
        Some(&jia),
        "a proposal changes nothing"
    );
    let decided = register
        .checker
        .post(SERVICE, &decision(&jia, &correction), agree())
        .await
        .is(200);
    assert_eq!(decided, json!({ "correction": correction, "agreed": true }));

    // Yi gets an id of their own; Jia keeps theirs, and is who their card says.
    let yi = register.person("试乙", YI).await;
    assert_ne!(jia, yi);
    assert_eq!(register.holder(YI).await.as_ref(), Some(&yi));
    assert_eq!(register.holder(JIA).await.as_ref(), Some(&jia));
    let shown = register
        .maker
        .get(SERVICE, &format!("/persons/{jia}"))
        .await
        .is(200);
    assert_eq!(
        (&shown["number"], &shown["sex"], &shown["birth_date"]),
        (&json!("990***********0010"), &json!("male"), &json!("1946-11-22"))
    );
    stage.finish(&[&register.running]).await;
}

async fn a_number_that_is_held_cannot_be_taken_by_a_correction(stage: Stage) {
    let register = Register::start(&stage).await;
    let jia = register.person("试甲", JIA).await;
    register.person("试乙", YI).await;
    let path = format!("/persons/{jia}/number-corrections");
    let refused = register.maker.post(SERVICE, &path, right(YI)).await;
    assert_eq!(
        refused.refused(422, "identity.number-held")["field"],
        "document.number"
    );

    // It is free when it is proposed, and held when it is decided.
    let correction = register.propose(&jia, right(BING)).await;
    let bing = register.person("试丙", BING).await;
    let refused = register
        .checker
        .post(SERVICE, &decision(&jia, &correction), agree())
        .await;
    refused.refused(422, "identity.number-held");
    assert_eq!(register.holder(BING).await, Some(bing));
    assert_eq!(
        register.holder(JIA).await.as_ref(),
        Some(&jia),
        "nothing was done"
    );

    // It still waits, and can be turned down.
    let pending = register.maker.post(SERVICE, &path, right(BING)).await;
    let pending = pending.refused(422, "identity.correction-pending");
    assert!(
        pending["detail"]
            .as_str()
            .expect("a detail")
            .contains(&correction),
        "{pending}"
    );
    let no = json!({ "agree": false, "reasons": ["the number is another's"] });
    let decided = register
        .checker
        .post(SERVICE, &decision(&jia, &correction), no)
        .await
        .is(200);
    assert_eq!(decided["agreed"], false);
    assert_eq!(register.holder(JIA).await, Some(jia));
    stage.finish(&[&register.running]).await;
}

async fn a_correction_is_decided_once_and_by_another_officer(stage: Stage) {
    let register = Register::start(&stage).await;
    let jia = register.person("试甲", YI).await;
    let path = format!("/persons/{jia}/number-corrections");
    let same = register
        .maker
        .post(SERVICE, &path, right(YI))
        .await
        .refused(422, "request.invalid");
    assert_eq!(same["field"], "document");
    let unsaid = register
        .maker
        .post(SERVICE, &path, json!({ "reason": "typing-error" }))
        .await;
    assert_eq!(unsaid.refused(422, "request.invalid")["field"], "document");

    // A bureau officer may propose, but then does not decide.
    let correction = register.checker.post(SERVICE, &path, right(JIA)).await.is(201);
    let correction = correction["correction"].as_str().expect("an id").to_owned();
    let path = decision(&jia, &correction);
    register
        .checker
        .post(SERVICE, &path, agree())
        .await
        .refused(422, "case.same-officer");
    register
        .maker
        .post(SERVICE, &path, agree())
        .await
        .refused(403, "caller.role");
    let other = stage.officer(Role::BureauOfficer, Stage::COUNTY);
    let silent = json!({ "agree": true, "reasons": [" "] });
    let problem = other
        .post(SERVICE, &path, silent)
        .await
        .refused(422, "case.reason-missing");
    assert_eq!(problem["field"], "reasons");
    other.post(SERVICE, &path, agree()).await.is(200);
    other
        .post(SERVICE, &path, agree())
        .await
        .refused(422, "case.already-decided");
    let nothing = decision(&jia, "corr_01e5cg0000000000000000c001");
    other
        .post(SERVICE, &nothing, agree())
        .await
        .refused(404, "record.not-found");
    stage.finish(&[&register.running]).await;
}

async fn a_person_may_turn_out_to_have_no_number(stage: Stage) {
    let register = Register::start(&stage).await;
    let jia = register.person("试甲", YI).await;
    let none =
        json!({ "document": null, "sex": "male", "birth_date": "1950-01-01", "reason": "number-of-another" });
    let correction = register.propose(&jia, none).await;
    register
        .checker
        .post(SERVICE, &decision(&jia, &correction), agree())
        .await
        .is(200);
    let shown = register
        .maker
        .get(SERVICE, &format!("/persons/{jia}"))
        .await
        .is(200);
    assert_eq!(
        (&shown["number"], &shown["sex"], &shown["birth_date"]),
        (&Value::Null, &json!("male"), &json!("1950-01-01"))
    );
    assert_eq!(register.holder(YI).await, None);
    stage.finish(&[&register.running]).await;
}
