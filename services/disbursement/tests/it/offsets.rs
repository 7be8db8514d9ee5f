//! A recovery that is kept back from later payments, and given up for the rest.

use super::*;

mz_testkit::stories![what_is_agreed_is_kept_back_and_given_back_when_its_payment_leaves];

async fn what_is_agreed_is_kept_back_and_given_back_when_its_payment_leaves(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.granted().await;
    bureau.stage.today_is("2020-02-10");
    bureau.run("2020-02").await;
    let batch = bureau.sealed("2020-02").await;
    bureau.answer(&batch, "成功", "").await;
    let death = bureau.dies(&person, "2020-01-20").await;
    bureau.stage.today_is("2020-03-10");
    bureau.run("2020-03").await;
    bureau.annul(&death).await;
    bureau.stage.today_is("2020-04-10");
    bureau.run("2020-04").await;
    let path = format!("/recoveries?person={person}");
    let recoveries = bureau.checker.get(SERVICE, &path).await.is(200);
    let path = format!("/recoveries/{}", text(&recoveries["items"][0], "recovery"));
    let agree = json!({ "agree": true, "reasons": ["checked"] });
    let offsets = format!("{path}/offsets");
    let body = json!({ "amount_per_month": 30_000, "consent": "书面同意" });
    let proposed = bureau.maker.post(SERVICE, &offsets, body.clone()).await.is(201);
    let twice = bureau.maker.post(SERVICE, &offsets, body).await;
    twice.refused(422, "recovery.agreement-pending");
    let decision = format!("{offsets}/{}/decision", text(&proposed, "agreement"));
    bureau
        .checker
        .post(SERVICE, &decision, agree.clone())
        .await
        .is(200);
    // February, March and April are owed again.
    let open = bureau.build("2020-04").await;
    assert_eq!(bureau.batch(&open).await["amount"], 3 * 70_200 - 30_000);
    let outstanding = async || bureau.checker.get(SERVICE, &path).await.is(200)["outstanding"].clone();
    assert_eq!(outstanding().await, 40_200);
    let death = bureau.dies(&person, "2020-01-25").await;
    assert_eq!(bureau.batch(&open).await["amount"], 0);
    assert_eq!(outstanding().await, 70_200);
    bureau.annul(&death).await;
    let sealed = bureau.sealed("2020-04").await;
    let shown = bureau.batch(&sealed).await;
    assert_eq!(
        (&shown["amount"], &shown["three_way"]["agree"]),
        (&json!(180_600), &json!(true))
    );
    let waivers = format!("{path}/waivers");
    let body = json!({ "amount": 40_200, "reasons": ["特困"] });
    let proposed = bureau.maker.post(SERVICE, &waivers, body).await.is(201);
    let decision = format!("{waivers}/{}/decision", text(&proposed, "agreement"));
    bureau.checker.post(SERVICE, &decision, agree).await.is(200);
    assert_eq!(outstanding().await, 0);
    let shown = bureau.checker.get(SERVICE, &path).await.is(200);
    let pending = shown["agreements"].as_array().expect("both").iter();
    let pending: Vec<_> = pending
        .map(|row| (text(row, "kind"), row["pending"] == true))
        .collect();
    assert_eq!(
        pending,
        [("offset".to_owned(), false), ("waiver".to_owned(), false)]
    );
    bureau.finish("2020-04").await;
}
