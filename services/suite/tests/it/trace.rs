//! One request followed from the door to the last consumer: by the spans that a collector is sent, and, where there is
//! none, by what the journals keep.

mod collector;

use crate::program::Program;
use crate::walk::{self, FIRST_DAY, Officers};
use collector::{attribute, collector};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use std::path::Path;

const DEATH: &str = "civil.513335.evt.funeral-reform.death.registered.v1";
const STOPPED: &str = "civil.513335.evt.social-assistance.entitlement.stopped.v1";

/// The spans of one trace.
struct Trace(Vec<Span>);

impl Trace {
    fn named(&self, name: &str) -> Vec<&Span> {
        self.0.iter().filter(|span| span.name == name).collect()
    }

    fn one(&self, name: &str) -> &Span {
        let found = self.named(name);
        assert_eq!(found.len(), 1, "{name} in {:?}", self.tree());
        found[0]
    }

    /// The reaction of a consumer to a subject.
    fn process(&self, subject: &str, consumer: &str) -> &Span {
        let name = format!("process {subject}");
        let found = self.named(&name).into_iter();
        let mut found = found.filter(|span| attribute(span, "messaging.consumer.group.name") == consumer);
        let one = found.next();
        one.unwrap_or_else(|| panic!("no {consumer}: {name} in {:?}", self.tree()))
    }

    /// Each span with its parent, for a person who looks why a test failed.
    fn tree(&self) -> Vec<(String, String)> {
        let name = |id: &[u8]| {
            let found = self.0.iter().find(|span| span.span_id == id);
            found.map_or_else(String::new, |span| span.name.clone())
        };
        let spans = self.0.iter();
        spans
            .map(|span| (span.name.clone(), name(&span.parent_span_id)))
            .collect()
    }
}

fn is(span: &Span, kind: SpanKind, parent: &Span) {
    assert_eq!(span.kind, kind as i32, "{}", span.name);
    assert_eq!(
        span.parent_span_id, parent.span_id,
        "{} under {}",
        span.name, parent.name
    );
}

/// A reaction is under what wrote the event, and linked to it.
fn reacts(span: &Span, written: &Span) {
    is(span, SpanKind::Consumer, written);
    let links: Vec<_> = span.links.iter().map(|link| &link.span_id).collect();
    assert_eq!(links, [&written.span_id], "{}", span.name);
    assert_eq!(attribute(span, "messaging.system"), "nats");
    assert_eq!(attribute(span, "messaging.operation.type"), "process");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_is_one_trace_from_the_door_to_the_last_consumer() {
    let folder = tempfile::tempdir().unwrap();
    let (address, spans) = collector().await;
    let started = Program::start(folder.path(), &["--legal-date", FIRST_DAY, "--otlp", &address]).await;
    let program = started.expect("it starts");
    let seen = walk::walk(&program, &Officers::of(&program)).await.unwrap();
    // A browser's form, with a trace of its own.
    let password = std::fs::read_to_string(folder.path().join("secrets").join("administrator")).unwrap();
    let password = password.trim();
    program
        .sign_in("administrator", password)
        .await
        .expect("signed in");
    // What was not sent yet is sent before it ends.
    program.stop();
    let spans = std::mem::take(&mut *spans.lock().unwrap());
    let doors: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "POST /api/funeral-reform/{*rest}")
        .collect();
    assert_eq!(doors.len(), 1);
    let id = doors[0].trace_id.clone();
    let trace = Trace(spans.iter().filter(|span| span.trace_id == id).cloned().collect());

    let door = trace.one("POST /api/funeral-reform/{*rest}");
    assert_eq!(
        (door.kind, door.parent_span_id.len()),
        (SpanKind::Server as i32, 0)
    );
    assert_eq!(attribute(door, "http.response.status_code"), "201");
    let asked = trace.one("request civil.513335.cmd.funeral-reform.v1");
    is(asked, SpanKind::Client, door);
    let command = trace.one("POST /deaths");
    is(command, SpanKind::Server, asked);
    assert_eq!(attribute(command, "http.request.method"), "POST");
    assert_eq!(attribute(command, "minzheng.service"), "funeral-reform");
    let commit = trace.one("COMMIT funeral-reform");
    is(commit, SpanKind::Client, command);
    assert_eq!(attribute(commit, "db.system.name"), "sqlite");

    let sent = trace.one(&format!("publish {DEATH}"));
    is(sent, SpanKind::Producer, command);
    assert_eq!(
        attribute(sent, "messaging.destination.name"),
        "EVT-FUNERAL-REFORM"
    );
    for consumer in [
        "registration",
        "social-assistance",
        "disbursement",
        "insight",
        "notification",
    ] {
        reacts(trace.process(DEATH, consumer), command);
    }
    // What the reaction wrote goes on in the same trace, to its own consumers.
    let stopping = trace.process(DEATH, "social-assistance");
    is(
        trace.one(&format!("publish {STOPPED}")),
        SpanKind::Producer,
        stopping,
    );
    for consumer in ["disbursement", "insight", "notification"] {
        reacts(trace.process(STOPPED, consumer), stopping);
    }
    assert!(commit.start_time_unix_nano >= command.start_time_unix_nano);
    assert!(commit.end_time_unix_nano <= command.end_time_unix_nano);

    let signed_in = spans.iter().find(|span| span.name == "POST /sign-in").unwrap();
    assert_ne!(signed_in.trace_id, id);
    let session = spans
        .iter()
        .find(|span| span.parent_span_id == signed_in.span_id)
        .unwrap();
    assert_eq!(session.name, "COMMIT gateway");

    names_nobody(
        &spans,
        &[password, &seen.person, &seen.entitlement, &seen.death, "试甲"],
    );
    the_log_tells(folder.path(), &id);
}

/// No attribute and no name of any span, of any request, holds a person or what is about one.
fn names_nobody(spans: &[Span], persons: &[&str]) {
    let all = format!("{spans:?}");
    for person in persons {
        assert!(!all.contains(person), "{person} in a span");
    }
    assert!(!all.contains("case_"), "a case in a span");
}

/// The log tells the trace of the request, and nobody's name.
fn the_log_tells(data: &Path, id: &[u8]) {
    let log = std::fs::read_to_string(data.join("log").join("minzheng.log")).unwrap();
    let id = format!("{:032x}", u128::from_be_bytes(id.try_into().unwrap()));
    let lines: Vec<_> = log.lines().filter(|line| line.contains(&id)).collect();
    assert!(
        lines.iter().any(|line| line.contains("request answered")),
        "{log}"
    );
    assert!(!log.contains("试甲"));
}

/// The traces that a service's journal keeps beside events of a type.
fn journalled(data: &Path, service: &str, event_type: &str) -> Vec<String> {
    let database = rusqlite::Connection::open(data.join("db").join(format!("{service}.db"))).unwrap();
    let mut rows = database
        .prepare("SELECT trace FROM journal WHERE type LIKE '%' || ?1 || '%' ORDER BY n")
        .unwrap();
    let traces = rows
        .query_map([event_type], |row| row.get::<_, Option<String>>(0))
        .unwrap();
    traces.map(|trace| trace.unwrap().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_collector_the_journals_keep_the_trace_all_the_same() {
    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let officers = Officers::of(&program);
    let register = async |key: &str, trace: &str| {
        let body = serde_json::json!({
            "name": "试乙", "sex": "female", "birth_date": "1951-03-07", "division": "513335"
        });
        let request = reqwest::Client::new()
            .post(format!("{}/api/registration/persons", program.address))
            .bearer_auth(&officers.maker)
            .header("idempotency-key", key)
            .header("traceparent", trace)
            .json(&body);
        assert_eq!(request.send().await.unwrap().status(), 201);
    };
    register("traced", GIVEN).await;
    register("broken", "hello").await;
    walk::walk(&program, &officers).await.unwrap();
    program.stop();

    let persons = journalled(data, "registration", "person.registered");
    let id = |trace: &str| trace.get(3..35).map(str::to_owned).unwrap_or_default();
    assert_eq!(persons[0], GIVEN, "nobody recorded a span between");
    assert!(
        id(&persons[1]).len() == 32 && id(&persons[1]) != id(GIVEN),
        "{persons:?}"
    );
    let death = journalled(data, "funeral-reform", "death.registered").remove(0);
    let stopped = journalled(data, "social-assistance", "entitlement.stopped").remove(0);
    assert_eq!(id(&stopped), id(&death), "{stopped} {death}");
    assert!(
        journalled(data, "notification", "notice")
            .iter()
            .any(|trace| id(trace) == id(&death))
    );
}
