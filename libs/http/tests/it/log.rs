//! What stands in the log, and what must not.

use super::*;
use std::io;
use std::sync::{LazyLock, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The log of the whole process. One subscriber for all threads: with one for each test, a line that a test without
/// any logs first could count as wanted by nobody, for everybody.
static LOG: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(lines.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    lines
});

/// Starts the log.
pub(super) fn start() {
    LazyLock::force(&LOG);
}

/// The log lines of one request, as JSON; known by its correlation.
async fn log_of(request: Request<Body>) -> Vec<Value> {
    let lines = &*LOG;
    let correlation = request.headers()["correlation-id"].to_str().unwrap().to_owned();
    Suite::new().send(request).await;
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["span"]["correlation"] == correlation.as_str())
        .collect()
}

#[tokio::test]
async fn a_request_is_one_line_without_what_was_asked() {
    let request = Request::post(format!("/cases/{CASE}/decision?number=990101194611220010"))
        .header("idempotency-key", "secret-key")
        .header("authorization", "Bearer secret-token")
        .header("correlation-id", "logged-17")
        .body(Body::from(r#"{"name":"secret-name"}"#))
        .unwrap();
    let log = log_of(request).await;
    let [line] = log.as_slice() else {
        panic!("{log:#?}")
    };
    assert_eq!(line["fields"]["message"], "request answered");
    assert_eq!(line["fields"]["status"], 401);
    assert!(line["fields"]["millis"].is_u64());
    assert_eq!(line["span"]["method"], "POST");
    assert_eq!(line["span"]["route"], "/cases/{case}/decision");
    assert_eq!(line["span"]["correlation"], "logged-17");
    assert_eq!(
        line["span"]["trace_id"].as_str().map(str::len),
        Some(32),
        "{line}"
    );
    let text = line.to_string();
    assert!(
        !text.contains("secret") && !text.contains("990101") && !text.contains(CASE),
        "{text}"
    );
}

#[tokio::test]
async fn the_cause_of_a_defect_stands_in_the_log_once_under_its_trace() {
    let request = Request::get("/broken")
        .header("correlation-id", "logged-18")
        .body(Body::empty())
        .unwrap();
    let log = log_of(request).await;
    let [cause, answered] = log.as_slice() else {
        panic!("{log:#?}")
    };
    assert_eq!(
        (&cause["level"], &cause["fields"]["code"]),
        (&json!("ERROR"), &json!("service.internal"))
    );
    let chain = "the outer cause: an error occurred when formatting an argument";
    assert_eq!(cause["fields"]["cause"], chain);
    assert_eq!(cause["span"]["correlation"], "logged-18");
    assert_eq!(answered["fields"]["status"], 500);
}

#[tokio::test]
async fn a_correlation_that_is_none_is_replaced() {
    let suite = Suite::new();
    for given in ["", "a b", &"k".repeat(129)] {
        let request = Request::get("/nowhere")
            .header("correlation-id", given)
            .body(Body::empty())
            .unwrap();
        let answer = suite.send(request).await;
        assert!(
            answer.header("correlation-id").unwrap().starts_with("req_"),
            "{given}"
        );
    }
}
