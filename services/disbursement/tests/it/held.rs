//! Who is not paid, and why.

use super::*;
use bureau::TOWNSHIP;
use mz_http::Role;
use serde_json::Value;

mz_testkit::stories![who_is_not_paid_is_told_with_the_reason];

async fn held(bureau: &Bureau, query: &str) -> Value {
    bureau.maker.get(SERVICE, &format!("/held?{query}")).await.is(200)
}

/// Person, reason, months and fen of each.
fn told(held: &Value) -> Vec<(String, String, Value, i64)> {
    let items = held["items"].as_array().expect("items").iter();
    let mut told: Vec<_> = items
        .map(|item| {
            assert_eq!(item["division"], TOWNSHIP);
            let amount = item["amount"].as_i64().expect("fen");
            (
                text(item, "person"),
                text(item, "reason"),
                item["months"].clone(),
                amount,
            )
        })
        .collect();
    told.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    told
}

async fn who_is_not_paid_is_told_with_the_reason(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    bureau.stage.today_is("2020-01-03");
    let mut persons = [bureau.entitled().await, bureau.entitled().await];
    persons.sort();
    let [one, other] = &persons;
    bureau.stage.today_is("2020-02-10");
    bureau.run("2020-01").await;
    bureau.run("2020-02").await;
    let months = json!(["2020-01", "2020-02"]);
    let without = |person: &String| (person.clone(), "no-account".to_owned(), months.clone(), 140_400);
    let all = held(&bureau, "").await;
    assert_eq!(told(&all), [without(one), without(other)]);
    let item = &all["items"][0];
    assert_eq!(
        (&item["since"], &item["cause"]),
        (&json!("2020-01"), &Value::Null),
        "{item:#}"
    );
    // A page of one each, and what was written by the first run alone.
    let first = held(&bureau, "limit=1").await;
    let last = held(&bureau, &format!("limit=1&after={}", text(&first, "next"))).await;
    assert_eq!(
        (&first["items"][0], &last["items"][0]),
        (&all["items"][0], &all["items"][1])
    );
    assert!(last["next"].is_null());
    let january = held(&bureau, "month=2020-01&programme=tekun").await;
    assert_eq!(january["items"][1]["months"], json!(["2020-01"]));
    assert_eq!(told(&held(&bureau, "programme=other").await), []);
    let stranger = bureau.stage.officer(Role::TownshipOfficer, "513335101");
    let elsewhere = stranger.get(SERVICE, "/held").await.is(200);
    assert_eq!(told(&elsewhere), []);
    let refused = stranger.get(SERVICE, &format!("/held?division={TOWNSHIP}")).await;
    refused.refused(403, "caller.division");

    let body = json!({ "month": "2020-02", "division": TOWNSHIP, "programme": "tekun" });
    let nothing = bureau.maker.post(SERVICE, "/batches", body).await;
    let detail = text(&nothing.refused(422, "batch.nothing-to-pay"), "detail");
    assert!(
        detail.contains("2 persons with 2808.00 yuan are held: GET /held"),
        "{detail}"
    );

    // Of one it is known where to pay; the other died in January, so only that month is still owed.
    bureau.account(one, "6228480000000921").await;
    bureau.dies(other, "2020-01-20").await;
    let left = held(&bureau, "").await;
    let part = |reason: &str, month: &str| (other.clone(), reason.to_owned(), json!([month]), 70_200);
    assert_eq!(
        told(&left),
        [
            part("entitlement-stopped", "2020-02"),
            part("no-account", "2020-01")
        ]
    );
    let stopped = left["items"].as_array().expect("items").iter();
    let stopped = stopped.filter(|item| item["reason"] == "entitlement-stopped");
    assert_eq!(
        stopped.map(|item| text(&item["cause"], "on")).collect::<Vec<_>>(),
        ["2020-01-20"]
    );
    bureau.sealed("2020-02").await;
    assert_eq!(held(&bureau, "").await, left);
    bureau.finish("2020-02").await;
}
