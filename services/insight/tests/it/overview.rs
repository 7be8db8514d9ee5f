//! The console's first page, and the proof over two services.

use super::*;

mz_testkit::stories![
    the_overview_tells_of_the_month_and_of_what_is_open,
    the_proof_holds_over_both_services_and_in_each_township,
];

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

async fn the_proof_holds_over_both_services_and_in_each_township(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let proof = async |through: &str| {
        bureau.settled().await;
        let path = format!("/proof?through={through}&by=township");
        bureau.checker.get(SERVICE, &path).await.is(200)
    };
    let nothing = proof("2020-01").await;
    assert_eq!(
        (&nothing["owed_fen"], &nothing["holds"], &nothing["rows"]),
        (&json!(0), &json!(true), &json!([]))
    );
    let (late, other) = (bureau.person().await, bureau.person().await);
    bureau.account(&late).await;
    bureau.grant(&late).await;
    bureau.grant_in(&other, OTHER_TOWNSHIP).await;
    for month in ["2020-01", "2020-02"] {
        bureau.stage.today_is(&format!("{month}-20"));
        bureau.pay(month).await;
    }
    // One was paid for two months; the other has no account.
    let seen = proof("2020-02").await;
    let expected = json!({
        "through": "2020-02", "owed_fen": 280_800, "lined_fen": 280_800, "lined_by_runs_fen": 280_800,
        "batched_fen": 140_400, "held_fen": 140_400, "paid_fen": 140_400, "returned_fen": 0, "pending_fen": 0,
        "recovery_raised_fen": 0, "offset_fen": 0, "repaid_fen": 0, "waived_fen": 0, "outstanding_fen": 0,
        "holds": true,
    });
    let rows = seen["rows"].as_array().expect("rows");
    let mut whole = seen.clone();
    whole.as_object_mut().expect("an object").remove("rows");
    assert_eq!(whole, expected);
    let paid: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "of"), row["paid_fen"].clone()))
        .collect();
    let expected = [(TOWNSHIP, 140_400), (OTHER_TOWNSHIP, 0)];
    assert_eq!(paid, expected.map(|(of, paid)| (of.to_owned(), json!(paid))));

    bureau.stage.today_is("2020-03-20");
    bureau.dies(&late, "2020-01-15").await;
    bureau.run("2020-03").await;
    let seen = proof("2020-03").await;
    assert_eq!(
        (&seen["owed_fen"], &seen["holds"]),
        (&json!(280_800), &json!(true)),
        "{seen:#}"
    );
    assert_eq!(
        (&seen["recovery_raised_fen"], &seen["outstanding_fen"]),
        (&json!(70_200), &json!(70_200))
    );
    // Seen from February, what March took back is lined for February and not by a run up to February.
    let seen = proof("2020-02").await;
    assert_eq!(
        (&seen["lined_fen"], &seen["lined_by_runs_fen"]),
        (&json!(210_600), &json!(280_800))
    );
    assert_eq!(seen["holds"], true, "{seen:#}");
    bureau.finish().await;
}
