//! A payment that comes back from the bank.

use super::*;

mz_testkit::stories![
    it_is_issued_again_once_its_account_is_corrected,
    it_pays_the_recovery_that_claims_it,
];

async fn it_is_issued_again_once_its_account_is_corrected(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.granted().await;
    bureau.run("2020-01").await;
    let first = bureau.sealed("2020-01").await;
    let payment = bureau.answer(&first, "退回", "账户已销户").await;
    let body = json!({ "month": "2020-01", "division": bureau::TOWNSHIP, "programme": "tekun" });
    let too_early = bureau.maker.post(SERVICE, "/batches", body.clone()).await;
    too_early.refused(422, "batch.nothing-to-pay");
    assert_eq!(bureau.account(&person, "6228480000000939").await["version"], 2);
    let second = bureau.sealed("2020-01").await;
    bureau
        .maker
        .post(SERVICE, "/batches", body)
        .await
        .refused(422, "batch.nothing-to-pay");
    assert_eq!(bureau.answer(&second, "成功", "").await, payment);
    let path = format!("/payments?person={person}");
    let issues = bureau.maker.get(SERVICE, &path).await.is(200);
    let states = issues["items"].as_array().expect("items").iter();
    let states: Vec<_> = states
        .map(|item| (text(item, "state"), text(item, "account")))
        .collect();
    let expected = [("returned", "****0921"), ("paid", "****0939")];
    assert_eq!(
        states,
        expected.map(|(state, account)| (state.to_owned(), account.to_owned()))
    );
    // One of both issues a page.
    let page = async |after: &str| {
        let path = format!("/payments?person={person}&limit=1{after}");
        bureau.maker.get(SERVICE, &path).await.is(200)
    };
    let first = page("").await;
    let last = page(&format!("&after={}", text(&first, "next"))).await;
    assert_eq!(
        (&first["items"][0], &last["items"][0]),
        (&issues["items"][0], &issues["items"][1])
    );
    assert!(last["next"].is_null());
    bureau.finish("2020-01").await;
}

async fn it_pays_the_recovery_that_claims_it(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.granted().await;
    bureau.stage.today_is("2020-02-10");
    bureau.run("2020-02").await;
    let batch = bureau.sealed("2020-02").await;
    bureau.dies(&person, "2020-01-20").await;
    bureau.stage.today_is("2020-03-10");
    bureau.run("2020-03").await;
    bureau.answer(&batch, "退回", "账户已销户").await;
    let path = format!("/recoveries?person={person}");
    let recoveries = bureau.checker.get(SERVICE, &path).await.is(200);
    let recovery = &recoveries["items"][0];
    assert_eq!(
        (&recovery["amount"], &recovery["outstanding"]),
        (&json!(70_200), &json!(0))
    );
    let path = format!("/recoveries/{}", text(recovery, "recovery"));
    let shown = bureau.checker.get(SERVICE, &path).await.is(200);
    assert_eq!(shown["ledger"][0]["kind"], "return");
    bureau.finish("2020-03").await;
}
