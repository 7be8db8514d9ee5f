//! A batch that is given up before it is sealed.

use super::*;
use serde_json::Value;

mz_testkit::stories![
    what_it_was_to_pay_comes_into_another,
    one_that_a_death_emptied_need_not_stay_a_draft,
];

async fn cancelled(bureau: &Bureau, batch: &str) -> Value {
    let path = format!("/batches/{batch}/cancellation");
    let body = json!({ "reasons": ["名册有误"] });
    let moved = bureau.checker.post(SERVICE, &path, body).await.is(200);
    assert_eq!(moved["state"], "cancelled");
    let shown = bureau.batch(batch).await;
    assert_eq!(
        (&shown["state"], &shown["amount"], &shown["reason"]),
        (&json!("cancelled"), &json!(0), &json!("名册有误"))
    );
    shown
}

async fn what_it_was_to_pay_comes_into_another(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.granted().await;
    bureau.run("2020-01").await;
    let first = bureau.sealed("2020-01").await;
    let payment = bureau.answer(&first, "退回", "账户已销户").await;
    bureau.account(&person, "6228480000000939").await;
    bureau.stage.today_is("2020-02-10");
    bureau.run("2020-02").await;
    // One payment for the second time, and one for the first.
    let batch = bureau.build("2020-02").await;
    let path = format!("/batches/{batch}/cancellation");
    let refused = bureau.maker.post(SERVICE, &path, json!({ "reasons": [] })).await;
    refused.refused(422, "case.reason-missing");
    bureau.propose(&batch).await;
    let paid = bureau.payments(&batch).await;
    assert!(paid.len() == 2 && paid.contains(&payment), "{paid:?}");
    cancelled(&bureau, &batch).await;
    assert_eq!(bureau.payments(&batch).await, Vec::<String>::new());
    for verb in ["proposal", "cancellation", "decision"] {
        let body = match verb {
            "proposal" => json!({}),
            "cancellation" => json!({ "reasons": ["x"] }),
            _ => json!({ "agree": true, "reasons": ["x"] }),
        };
        let path = format!("/batches/{batch}/{verb}");
        let refused = bureau.checker.post(SERVICE, &path, body).await;
        refused.refused(422, "batch.not-open");
    }
    let again = bureau.sealed("2020-02").await;
    let shown = bureau.batch(&again).await;
    assert_eq!(
        (&shown["number"], &shown["amount"], &shown["three_way"]["agree"]),
        (&json!("PB-202002-TK-02"), &json!(2 * 70_200), &json!(true))
    );
    assert!(bureau.payments(&again).await.contains(&payment));
    let sealed = format!("/batches/{again}/cancellation");
    let refused = bureau
        .checker
        .post(SERVICE, &sealed, json!({ "reasons": ["x"] }))
        .await;
    refused.refused(422, "batch.not-open");
    bureau.finish("2020-02").await;
}

async fn one_that_a_death_emptied_need_not_stay_a_draft(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    bureau.stage.today_is("2020-01-03");
    let person = bureau.granted().await;
    bureau.run("2020-01").await;
    let january = bureau.sealed("2020-01").await;
    bureau.answer(&january, "成功", "").await;
    bureau.stage.today_is("2020-02-10");
    bureau.run("2020-02").await;
    let batch = bureau.build("2020-02").await;
    bureau.dies(&person, "2020-01-20").await;
    assert_eq!(bureau.batch(&batch).await["state"], "draft");
    let shown = cancelled(&bureau, &batch).await;
    assert_eq!(shown["withdrawn"][0]["person"], json!(person));
    let drafts = bureau.maker.get(SERVICE, "/batches?state=draft").await.is(200);
    assert_eq!(drafts["items"], json!([]));
    let given_up = bureau
        .maker
        .get(SERVICE, "/batches?state=cancelled")
        .await
        .is(200);
    assert_eq!(given_up["items"][0]["batch"], json!(batch));
    bureau.finish("2020-02").await;
}
