//! The console's first page, and the proof over two services.

use super::*;

mz_testkit::stories![the_overview_tells_of_the_month_and_of_what_is_open,];

async fn the_overview_tells_of_the_month_and_of_what_is_open(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let path = "/overview";
    let empty = bureau.checker.get(SERVICE, path).await.is(200);
    assert_eq!(
        (&empty["accepted"], &empty["paid"], &empty["open"]),
        (&json!(0), &json!(0), &json!([]))
    );
    let (paid, other) = (bureau.person().await, bureau.person().await);
    for person in [&paid, &other] {
        bureau.account(person).await;
    }
    bureau.grant(&paid).await;
    bureau.grant_in(&other, OTHER_TOWNSHIP).await;
    bureau.stage.today_is("2020-02-05");
    let waiting = bureau.person().await;
    let case = bureau.case(&waiting, TOWNSHIP).await;
    let withdrawn = bureau.person().await;
    let taken_back = bureau.case(&withdrawn, TOWNSHIP).await;
    let body = json!({ "reasons": ["voluntary"] });
    let withdrawal = format!("/cases/{taken_back}/withdrawal");
    bureau.maker.post(ASSISTANCE, &withdrawal, body).await.is(200);
    bureau.pay("2020-02").await;

    let seen = bureau.checker.get(SERVICE, path).await.is(200);
    assert_eq!(seen["accepted"], 2);
    // January and February of two persons.
    assert_eq!(
        (&seen["person_times"], &seen["paid"]),
        (&json!(4), &json!(280_800))
    );
    assert_eq!(
        seen["money"],
        json!([{ "programme": "tekun", "amount": 280_800 }])
    );
    assert_eq!(seen["open"], json!([{ "division": TOWNSHIP, "cases": 1 }]));
    let series = seen["series"].as_array().expect("months");
    assert_eq!((series.len(), &series[0]["month"]), (12, &json!("2019-03")));
    assert_eq!(
        series[10],
        json!({ "month": "2020-01", "accepted": 2, "finished": 2 })
    );
    assert_eq!(
        series[11],
        json!({ "month": "2020-02", "accepted": 2, "finished": 0 })
    );
    let near = seen["near_due"].as_array().expect("cases");
    assert_eq!(near.len(), 1, "{near:?}");
    assert_eq!(
        (&near[0]["case"], &near[0]["clock"]["state"]),
        (&json!(case), &json!("running"))
    );

    let township = format!("/overview?division={OTHER_TOWNSHIP}");
    bureau
        .maker
        .get(SERVICE, &township)
        .await
        .refused(403, "caller.division");
    let seen = bureau.checker.get(SERVICE, &township).await.is(200);
    let (accepted, paid) = (&seen["accepted"], &seen["paid"]);
    assert_eq!(
        (accepted, paid, &seen["person_times"]),
        (&json!(0), &json!(140_400), &json!(2))
    );
    assert_eq!(seen["near_due"], json!([]));
    bureau.finish().await;
}
