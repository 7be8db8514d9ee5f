//! What goes to the bank and what comes back, byte for byte.

use super::*;
use mz_testkit::Reply;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

mz_testkit::stories![
    the_bank_gets_the_payments_of_the_batch,
    a_bad_file_is_refused_whole_and_changes_nothing,
    of_many_faults_a_thousand_are_listed,
];

const AMOUNT: i64 = 70_200;
const PAID: &str = "成功,";

/// A sealed batch with a payment for each of so many persons: its id, number and payments.
async fn sealed(bureau: &Bureau, persons: usize) -> (String, String, Vec<String>) {
    for _ in 0..persons {
        bureau.granted().await;
    }
    bureau.run("2020-01").await;
    let batch = bureau.sealed("2020-01").await;
    let number = text(&bureau.batch(&batch).await, "number");
    let payments = bureau.payments(&batch).await;
    (batch, number, payments)
}

async fn the_bank_gets_the_payments_of_the_batch(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (batch, number, payments) = sealed(&bureau, 2).await;
    let path = format!("/batches/{batch}/bank-file");
    let township = bureau.maker.get(SERVICE, &path).await;
    assert_eq!(township.status, 403);
    let file = bureau.checker.get(SERVICE, &path).await.bytes;
    let expected = format!(
        "批次号,{number},笔数,2,总金额,1404.00\n\
         序号,支付编号,户名,开户银行,账号,金额,摘要\n\
         1,{},试甲,中国农业银行,6228480000000921,702.00,特困人员救助供养 2020-01\n\
         2,{},试甲,中国农业银行,6228480000000921,702.00,特困人员救助供养 2020-01\n",
        payments[0], payments[1]
    );
    assert_eq!(str::from_utf8(&file), Ok(expected.as_str()));
    let mut hash = String::new();
    for byte in Sha256::digest(&file) {
        write!(hash, "{byte:02x}").expect("a String takes all");
    }
    assert_eq!(bureau.batch(&batch).await["hash"], hash);
    bureau.finish("2020-01").await;
}

/// Row, column and reason of each fault.
fn faults(problem: &Value) -> Vec<(u64, &str, &str)> {
    let errors = problem["errors"].as_array().expect("a list of faults").iter();
    let fault = |error: &'_ Value| error["detail"].as_str().is_some_and(|detail| !detail.is_empty());
    assert!(errors.clone().all(fault), "{problem:#}");
    errors
        .map(|error| {
            (
                error["row"].as_u64().expect("a row"),
                error["column"].as_str().unwrap_or_default(),
                error["reason"].as_str().expect("a reason"),
            )
        })
        .collect()
}

/// All that a result could change.
async fn books(bureau: &Bureau, batch: &str) -> (u64, Vec<Value>) {
    let mut books = vec![bureau.batch(batch).await];
    for path in [
        format!("/batches/{batch}/payments"),
        "/proof?through=2020-01&by=township".to_owned(),
        "/proof?through=2020-01&by=person".to_owned(),
    ] {
        books.push(bureau.checker.get(SERVICE, &path).await.is(200));
    }
    (bureau.told().await, books)
}

type Expected = Vec<(u64, &'static str, &'static str)>;

/// A good file for two payments of three, of which `done` has its result, and bad ones with the faults of each.
fn files(number: &str, [done, one, two]: [&str; 3]) -> (String, Vec<(String, Expected)>) {
    let both = |rows: &[(&str, i64, &str)]| results(number, 2 * AMOUNT, rows);
    let good = both(&[(one, AMOUNT, PAID), (two, AMOUNT, "退回,户名不符")]);
    let returned = |reason: &str| both(&[(one, AMOUNT, PAID), (two, AMOUNT, reason)]);
    let unknown = "pay_01e5cg0000000000000000y001";
    let cases = vec![
        (
            good.replace("1404.00", "1404.01"),
            vec![(1, "总金额", "wrong-total")],
        ),
        (good.replace("笔数,2", "笔数,3"), vec![(1, "笔数", "wrong-count")]),
        (
            good.replace(number, "PB-202001-TK-99"),
            vec![(1, "", "wrong-control")],
        ),
        (results(number, 0, &[]), vec![(1, "笔数", "no-rows")]),
        (
            good.replace("结果,原因", "原因,结果"),
            vec![(2, "", "wrong-header")],
        ),
        (good.replace("\n2,", "\n3,"), vec![(4, "序号", "wrong-sequence")]),
        (
            good.replace(two, unknown),
            vec![(4, "支付编号", "payment-unknown")],
        ),
        (good.replace(two, one), vec![(4, "支付编号", "payment-twice")]),
        (good.replace(two, done), vec![(4, "支付编号", "payment-settled")]),
        (
            both(&[(one, AMOUNT + 1, PAID), (two, AMOUNT - 1, PAID)]),
            vec![(3, "金额", "wrong-amount"), (4, "金额", "wrong-amount")],
        ),
        (returned("在途,"), vec![(4, "结果", "unknown-result")]),
        (returned("退回,不知道"), vec![(4, "原因", "unknown-reason")]),
        (returned("退回,"), vec![(4, "原因", "unknown-reason")]),
        (returned("成功,其他"), vec![(4, "原因", "unknown-reason")]),
        (returned("成功"), vec![(4, "", "wrong-fields")]),
        (
            results(number, 1, &[("x", 7, "y,z"), (one, 7, PAID)]).replace("笔数,2", "笔数,1"),
            vec![
                (1, "笔数", "wrong-count"),
                (1, "总金额", "wrong-total"),
                (3, "支付编号", "payment-unknown"),
                (3, "结果", "unknown-result"),
                (4, "金额", "wrong-amount"),
            ],
        ),
    ];
    (good, cases)
}

async fn a_bad_file_is_refused_whole_and_changes_nothing(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (batch, number, payments) = sealed(&bureau, 3).await;
    let [done, one, two] = [0, 1, 2].map(|n| payments[n].as_str());
    let path = format!("/batches/{batch}/results");
    let csv = async |file: &[u8], media_type: &str| -> Reply {
        bureau.checker.post_file(SERVICE, &path, media_type, file).await
    };
    let first = results(&number, AMOUNT, &[(done, AMOUNT, PAID)]);
    csv(first.as_bytes(), "text/csv").await.is(200);
    let before = books(&bureau, &batch).await;
    assert_eq!(
        (&before.1[0]["state"], &before.1[0]["paid"]),
        (&json!("sealed"), &json!(AMOUNT))
    );

    let (good, cases) = files(&number, [done, one, two]);
    for (file, expected) in cases {
        let text = bureau.checker.post(SERVICE, &path, json!({ "file": file })).await;
        let text = text.refused(422, "results.refused");
        assert_eq!(faults(&text), expected, "{file}");
        let bytes = csv(file.as_bytes(), "text/csv; charset=utf-8").await;
        let bytes = bytes.refused(422, "results.refused");
        assert_eq!(bytes["errors"], text["errors"]);
    }
    // 成功 in GB 18030.
    let (head, tail) = good.split_once("成功").expect("one was paid");
    let bytes = [head.as_bytes(), b"\xb3\xc9\xb9\xa6", tail.as_bytes()].concat();
    for media_type in ["text/csv", "text/csv; charset=gb18030"] {
        let refused = csv(&bytes, media_type).await.refused(422, "results.refused");
        assert_eq!(faults(&refused), [(3, "", "not-utf8")]);
    }
    assert_eq!(books(&bureau, &batch).await, before);

    let entered = csv(format!("\u{feff}{good}").as_bytes(), "text/csv")
        .await
        .is(200);
    assert_eq!(
        (&entered["state"], &entered["paid"], &entered["returned"]),
        (&json!("settled"), &json!(1), &json!(1))
    );
    assert_ne!(books(&bureau, &batch).await, before);
    bureau.finish("2020-01").await;
}

async fn of_many_faults_a_thousand_are_listed(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let (batch, number, payments) = sealed(&bureau, 1).await;
    let rows = vec![(payments[0].as_str(), AMOUNT, "退回,不知道"); 1_200];
    let file = results(&number, 1_200 * AMOUNT, &rows);
    let path = format!("/batches/{batch}/results");
    let refused = bureau.checker.post(SERVICE, &path, json!({ "file": file })).await;
    let refused = refused.refused(422, "results.refused");
    // Each row has a wrong reason, each but the first has the payment again.
    assert_eq!(faults(&refused).len(), 1_000);
    assert_eq!(refused["more_errors"], 1_200 + 1_199 - 1_000);
    bureau.finish("2020-01").await;
}
