//! The spans of the suite, from the door to the last consumer.
//!
//! | span | kind | made by | its parent |
//! |---|---|---|---|
//! | [`server`]: `POST /deaths` | server | door, pages, every service | what the request came with |
//! | [`request`]: `request civil.….cmd.….v1` | client | the bridge | the span that asks |
//! | [`commit`]: `COMMIT registration` | client | a unit of work that writes | the span that does it |
//! | [`publish`]: `publish civil.….evt.….v1` | producer | the relay, for one row | the span that wrote the row |
//! | [`publish_batch`]: `publish EVT-…` | producer | the relay, for many rows | none; linked to each row's |
//! | [`process`]: `process civil.….evt.….v1` | consumer | a reaction | the span that wrote the row, and linked to it |
//!
//! All but the first are made for what somebody records already: what the suite does by itself begins no trace.

use crate::names::{COMMIT, NATS, PROCESS, PUBLISH, REQUEST, SEND};
use crate::{follow, link, of, recorded};
use mz_kernel::Trace;
use tracing::field::Empty;
use tracing::{Level, Span, trace_span};

/// A method as the conventions want it: those that HTTP knows, so that nobody can fill a collector with others.
pub fn method(given: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN
        .into_iter()
        .find(|known| *known == given)
        .unwrap_or("_OTHER")
}

/// A request that is answered; `route` is its template, never its path. Where the request came with no trace, one
/// begins.
pub fn server(service: &str, method: &'static str, route: &str, parent: Option<Trace>) -> Span {
    let span = trace_span!(
        parent: None,
        "server",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        minzheng.service = service,
    );
    follow(&span, parent);
    span
}

/// What the request was answered with.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Where a span stands; none where nobody records.
pub fn place(span: &Span) -> Option<Trace> {
    of(span)
}

/// A request over the bridge.
pub fn request(subject: &str) -> Span {
    if recorded().is_none() {
        return Span::none();
    }
    trace_span!(
        "request",
        otel.name = %format_args!("{REQUEST} {subject}"),
        otel.kind = "client",
        messaging.system = NATS,
        messaging.operation.name = REQUEST,
        messaging.operation.type = SEND,
        messaging.destination.name = subject,
    )
}

/// A unit of work until it is durable; `system` is `sqlite` or `postgresql`.
pub fn commit(system: &'static str, service: &'static str) -> Span {
    if recorded().is_none() {
        return Span::none();
    }
    trace_span!(
        "commit",
        otel.name = %format_args!("{COMMIT} {service}"),
        otel.kind = "client",
        db.system.name = system,
        db.namespace = service,
        db.operation.name = COMMIT,
    )
}

/// One row on its way into the stream; `written` is the row's trace.
pub fn publish(stream: &str, subject: &str, message: &str, written: Option<Trace>) -> Span {
    let Some(written) = written.filter(|trace| trace.sampled) else {
        return Span::none();
    };
    let span = trace_span!(
        parent: None,
        "publish",
        otel.name = %format_args!("{PUBLISH} {subject}"),
        otel.kind = "producer",
        messaging.system = NATS,
        messaging.operation.name = PUBLISH,
        messaging.operation.type = SEND,
        messaging.destination.name = stream,
        messaging.destination.template = subject,
        messaging.message.id = message,
    );
    follow(&span, Some(written));
    span
}

/// Many rows on their way into the stream.
pub fn publish_batch(stream: &str, written: impl Iterator<Item = Option<Trace>>) -> Span {
    // Where nobody records, no row is looked at.
    if !tracing::span_enabled!(Level::TRACE) {
        return Span::none();
    }
    let mut rows = written.flatten().filter(|trace| trace.sampled).peekable();
    if rows.peek().is_none() {
        return Span::none();
    }
    let span = trace_span!(
        parent: None,
        "publish_batch",
        otel.name = %format_args!("{PUBLISH} {stream}"),
        otel.kind = "producer",
        messaging.system = NATS,
        messaging.operation.name = PUBLISH,
        messaging.operation.type = SEND,
        messaging.destination.name = stream,
    );
    rows.for_each(|row| link(&span, row));
    span
}

/// A message that a consumer processes.
pub struct Message<'a> {
    /// The service that it is processed by, which is also the name of the durable.
    pub consumer: &'static str,
    /// The subject of its type.
    pub subject: &'a str,
    /// The event's id.
    pub id: &'a str,
    /// What wrote the event.
    pub written: Trace,
}

/// A reaction to one event. One that is repeated, because the database asked for it, has a span for each attempt.
pub fn process(message: &Message<'_>) -> Span {
    let written = message.written;
    if !written.sampled {
        return Span::none();
    }
    let span = trace_span!(
        parent: None,
        "process",
        otel.name = %format_args!("{PROCESS} {}", message.subject),
        otel.kind = "consumer",
        messaging.system = NATS,
        messaging.operation.name = PROCESS,
        messaging.operation.type = PROCESS,
        messaging.destination.template = message.subject,
        messaging.consumer.group.name = message.consumer,
        messaging.message.id = message.id,
        minzheng.service = message.consumer,
    );
    follow(&span, Some(written));
    link(&span, written);
    span
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{current, within};
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
    use tracing::Instrument as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    fn trace(span: u64, sampled: bool) -> Trace {
        Trace {
            trace: 7,
            span,
            sampled,
        }
    }

    /// The spans that a collector would be sent.
    async fn sent(work: impl Future<Output = ()>) -> Vec<SpanData> {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let subscriber = tracing_subscriber::registry().with(layer);
        {
            let _here = tracing::subscriber::set_default(subscriber);
            work.await;
        }
        exporter.get_finished_spans().unwrap()
    }

    fn number(span: &SpanData) -> u64 {
        u64::from_be_bytes(span.parent_span_id.to_bytes())
    }

    #[tokio::test]
    async fn what_is_done_within_a_request_hangs_below_it() {
        let spans = sent(async {
            let span = server("registration", method("POST"), "/persons", Some(trace(3, true)));
            let place = place(&span).unwrap();
            assert_eq!((place.trace, place.sampled), (7, true));
            let inside = async {
                assert_eq!(current(), Some(place), "the span goes before what was given");
                drop(commit("sqlite", "registration"));
                answered(&span, 503);
            };
            within(trace(3, true), inside.instrument(span.clone())).await;
        })
        .await;
        let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
        assert_eq!(names, ["COMMIT registration", "POST /persons"]);
        assert_eq!(spans[0].parent_span_id, spans[1].span_context.span_id());
        assert_eq!(number(&spans[1]), 3);
        assert!(matches!(
            spans[1].status,
            opentelemetry::trace::Status::Error { .. }
        ));
    }

    #[tokio::test]
    async fn many_rows_are_linked_and_one_is_below_what_wrote_it() {
        let spans = sent(async {
            let rows = [
                Some(trace(1, true)),
                None,
                Some(trace(2, false)),
                Some(trace(3, true)),
            ];
            drop(publish_batch("EVT-REGISTRATION", rows.into_iter()));
            drop(publish(
                "EVT-REGISTRATION",
                "civil.1.evt.a.b.c.v1",
                "evt_1",
                rows[3],
            ));
            // What nobody records, or nobody asked for, is no span.
            drop(publish(
                "EVT-REGISTRATION",
                "civil.1.evt.a.b.c.v1",
                "evt_1",
                rows[2],
            ));
            drop(publish_batch("EVT-REGISTRATION", [rows[1], rows[2]].into_iter()));
            drop(commit("sqlite", "registration"));
            drop(request("civil.1.cmd.a.v1"));
        })
        .await;
        let [batch, single] = &spans[..] else {
            panic!("{spans:?}")
        };
        let links = batch
            .links
            .iter()
            .map(|link| link.span_context.span_id().to_bytes());
        let links: Vec<_> = links.map(u64::from_be_bytes).collect();
        assert_eq!((links, number(batch)), (vec![1, 3], 0));
        assert_eq!(
            (single.name.as_ref(), number(single)),
            ("publish civil.1.evt.a.b.c.v1", 3)
        );
    }

    #[tokio::test]
    async fn where_nobody_records_a_task_stands_where_it_was_put() {
        assert_eq!(current(), None);
        let span = server("registration", method("BREW"), "none", Some(trace(3, true)));
        assert_eq!(place(&span), None);
        let here = within(trace(3, false), async { current() }.instrument(span));
        assert_eq!(here.await, Some(trace(3, false)));
        assert_eq!(method("BREW"), "_OTHER");
    }
}
