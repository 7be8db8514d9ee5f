//! Commands, bodies, parameters and pages.

use super::*;
use mz_kernel::Trace;
use std::collections::BTreeSet;

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

impl Suite {
    async fn decide(&self, keys: &[&str], body: impl Into<Body>) -> Answer {
        let mut request = Request::post(format!("/cases/{CASE}/decision"))
            .header("authorization", format!("Bearer {}", self.token(&caller())))
            .header("correlation-id", "visit-17")
            .header("traceparent", TRACE);
        for key in keys {
            request = request.header("idempotency-key", *key);
        }
        self.send(request.body(body.into()).unwrap()).await
    }
}

const DECISION: &str = r#"{"granted":true,"from":"2020-01"}"#;

#[tokio::test]
async fn a_command_arrives_with_its_key_its_fingerprint_its_correlation_and_its_trace() {
    let suite = Suite::new();
    let answer = suite.decide(&["3f1c"], DECISION).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let path = format!("/cases/{CASE}/decision");
    assert_eq!(
        answer.json(),
        json!({
            "case": CASE,
            "key": "3f1c",
            "fingerprint": mz_http::fingerprint("POST", &path, DECISION.as_bytes()),
            "decision": { "granted": true, "from": "2020-01" },
            "correlation": "visit-17",
            "trace": TRACE,
        })
    );
    assert_eq!(answer.header("correlation-id"), Some("visit-17"));
    assert_eq!(answer.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn a_request_without_a_trace_or_with_a_broken_one_begins_another() {
    let suite = Suite::new();
    let mut seen = BTreeSet::from([TRACE.parse::<Trace>().unwrap().trace]);
    for given in [
        "",
        "hello",
        &TRACE.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
    ] {
        let request = Request::post(format!("/cases/{CASE}/decision"))
            .header("authorization", format!("Bearer {}", suite.token(&caller())))
            .header("idempotency-key", "3f1c")
            .header("traceparent", given);
        let answer = suite.send(request.body(DECISION.into()).unwrap()).await.json();
        let here: Trace = answer["trace"].as_str().unwrap().parse().unwrap();
        assert!(!here.sampled, "nobody records it");
        assert!(seen.insert(here.trace), "{given}");
    }
}

#[tokio::test]
async fn an_answer_given_before_says_so() {
    assert_eq!(
        Suite::new()
            .decide(&["again"], DECISION)
            .await
            .header("idempotent-replayed"),
        Some("true")
    );
}

#[tokio::test]
async fn a_command_without_one_good_key_is_refused() {
    let suite = Suite::new();
    suite
        .decide(&[], DECISION)
        .await
        .problem(400, "idempotency.missing");
    let longest = "k".repeat(128);
    assert_eq!(
        suite.decide(&[&longest], DECISION).await.status,
        StatusCode::CREATED
    );
    let too_long = "k".repeat(129);
    for keys in [&[""][..], &["a b"], &["键"], &["a", "a"], &[&too_long]] {
        suite
            .decide(keys, DECISION)
            .await
            .problem(400, "idempotency.invalid");
    }
}

#[tokio::test]
async fn a_body_at_fault_names_its_field() {
    let suite = Suite::new();
    let problem = suite
        .decide(&["k"], r#"{"granted":true,"from":"January"}"#)
        .await
        .problem(422, "request.invalid");
    assert_eq!(problem["field"], "from");
    let problem = suite
        .decide(&["k"], "granted")
        .await
        .problem(400, "request.not-json");
    assert_eq!(problem.get("field"), None);
}

#[tokio::test]
async fn a_body_above_the_limit_is_not_read() {
    let suite = Suite::new();
    let body = format!(
        r#"{{"granted":true,"from":"2020-01{}"}}"#,
        " ".repeat(mz_http::BODY_BYTES_MAX)
    );
    suite.decide(&["k"], body).await.problem(413, "request.too-large");
}

#[tokio::test]
async fn a_path_that_is_no_id_leads_nowhere() {
    let suite = Suite::new();
    suite
        .get("/cases/17", &suite.token(&caller()))
        .await
        .problem(404, "record.not-found");
}

#[tokio::test]
async fn a_query_at_fault_names_its_parameter() {
    let suite = Suite::new();
    assert_eq!(suite.get("/lines?month=2020-03&x=1", "").await.text, "2020-03");
    let problem = suite.get("/lines", "").await.problem(422, "request.invalid");
    assert_eq!(
        (&problem["field"], &problem["detail"]),
        (&json!("month"), &json!("This field is missing."))
    );
    let problem = suite
        .get("/lines?month=March", "")
        .await
        .problem(422, "request.invalid");
    assert_eq!(problem["field"], "month");
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let suite = Suite::new();
    let token = suite.token(&Caller {
        roles: vec![Role::BureauOfficer],
        ..caller()
    });
    let (mut path, mut seen) = ("/cases?limit=3".to_owned(), Vec::new());
    loop {
        let page = suite.get(&path, &token).await.json();
        seen.push(page["items"].clone());
        match page["next"].as_str() {
            Some(next) => path = format!("/cases?limit=3&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [json!([1, 2, 3]), json!([4, 5, 6]), json!([7])]);
    for limit in ["0", "501", "-1", "x", ""] {
        let problem = suite
            .get(&format!("/cases?limit={limit}"), &token)
            .await
            .problem(422, "request.invalid");
        assert_eq!(problem["field"], "limit", "{limit}");
    }
}
