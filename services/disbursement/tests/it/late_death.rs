//! A death in January that is registered in March.

use super::*;

mz_testkit::stories![
    what_was_not_paid_leaves_its_batch_and_what_was_becomes_one_recovery,
    the_maker_does_not_seal,
];

async fn what_was_not_paid_leaves_its_batch_and_what_was_becomes_one_recovery(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    bureau.stage.today_is("2020-01-03");
    let person = bureau.granted().await;
    for month in ["2020-01", "2020-02"] {
        bureau.stage.today_is(&format!("{month}-10"));
        bureau.run(month).await;
        let batch = bureau.sealed(month).await;
        bureau.answer(&batch, "成功", "").await;
        let shown = bureau.batch(&batch).await;
        assert_eq!(
            (&shown["state"], &shown["paid"]),
            (&json!("settled"), &json!(70_200))
        );
        assert_eq!(shown["three_way"]["agree"], true, "{shown:#}");
        let names = (text(&shown, "maker_name"), text(&shown, "checker_name"));
        assert!(names.0.starts_with("officer ") && names.0 != names.1, "{names:?}");
        assert_eq!(shown["amount_words"], "柒佰零贰元整");
    }
    bureau.stage.today_is("2020-03-10");
    bureau.run("2020-03").await;
    let open = bureau.build("2020-03").await;
    bureau.propose(&open).await;
    bureau.dies(&person, "2020-01-20").await;
    let shown = bureau.batch(&open).await;
    assert_eq!(
        (&shown["state"], &shown["amount"]),
        (&json!("draft"), &json!(0)),
        "{shown:#}"
    );
    assert!(shown["reason"].is_string());
    assert_eq!(shown["withdrawn"][0]["amount"], 70_200);
    assert_eq!(shown["withdrawn"][0]["cause"]["on"], "2020-01-20");
    // The next run takes February and March back: March was never paid, February was.
    bureau.stage.today_is("2020-04-10");
    bureau.run("2020-04").await;
    let path = format!("/recoveries?person={person}&state=open");
    let recoveries = bureau.checker.get(SERVICE, &path).await.is(200);
    let items = recoveries["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{recoveries:#}");
    assert_eq!(
        (&items[0]["amount"], &items[0]["months"]),
        (&json!(70_200), &json!(["2020-02"]))
    );
    assert_eq!(
        (&items[0]["reason"], &items[0]["cause"]["on"]),
        (&json!("death"), &json!("2020-01-20"))
    );
    assert_eq!(items[0]["lines"].as_array().map(Vec::len), Some(1));
    let path = format!("/recoveries/{}/repayments", text(&items[0], "recovery"));
    repaid_in_two_parts(&bureau, &path).await;
    bureau.finish("2020-04").await;
}

/// 702.00 yuan, raised on 10 April: each receipt counts once, on a day on which there was something to pay back.
async fn repaid_in_two_parts(bureau: &Bureau, path: &str) {
    bureau.stage.today_is("2020-04-15");
    let pay = async |amount: i64, received_on: &str, receipt: &str| {
        let body = json!({ "amount": amount, "received_on": received_on, "receipt": receipt });
        bureau.checker.post(SERVICE, path, body).await
    };
    let told = bureau.told().await;
    let refused = pay(70_201, "2020-04-10", "收2020-1").await;
    refused.refused(422, "recovery.too-much");
    for day in ["2020-04-09", "2020-04-16"] {
        let refused = pay(70_200, day, "收2020-1").await.refused(422, "request.invalid");
        assert_eq!(refused["field"], "received_on", "{refused:#}");
    }
    assert_eq!(bureau.told().await, told);
    let repaid = pay(40_200, "2020-04-10", "收2020-1").await.is(201);
    assert_eq!(repaid["outstanding"], 30_000);
    // Under a key of its own, with another amount and a space.
    let twice = pay(30_000, "2020-04-15", " 收2020-1")
        .await
        .refused(422, "request.invalid");
    assert_eq!(twice["field"], "receipt", "{twice:#}");
    assert!(
        text(&twice, "detail").starts_with("Entry 1 of the ledger, of 2020-04-10,"),
        "{twice:#}"
    );
    assert_eq!(bureau.told().await, told + 1);
    let repaid = pay(30_000, "2020-04-15", "收2020-2").await.is(201);
    assert_eq!(repaid["outstanding"], 0);
}

async fn the_maker_does_not_seal(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    bureau.granted().await;
    bureau.run("2020-01").await;
    let body = json!({ "month": "2020-01", "division": Stage::COUNTY, "programme": "tekun" });
    let batch = text(
        &bureau
            .checker
            .post(SERVICE, "/batches", body.clone())
            .await
            .is(201),
        "batch",
    );
    let again = bureau.checker.post(SERVICE, "/batches", body).await;
    again.refused(422, "batch.nothing-to-pay");
    let file = bureau
        .checker
        .get(SERVICE, &format!("/batches/{batch}/bank-file"))
        .await;
    file.refused(422, "batch.not-sealed");
    let path = format!("/batches/{batch}/proposal");
    bureau.checker.post(SERVICE, &path, json!({})).await.is(200);
    let path = format!("/batches/{batch}/decision");
    let agree = json!({ "agree": true, "reasons": ["checked"] });
    let own = bureau.checker.post(SERVICE, &path, agree).await;
    own.refused(422, "case.same-officer");
    bureau.finish("2020-01").await;
}
