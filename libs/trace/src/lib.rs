//! Traces (W3C Trace Context, OpenTelemetry): how one request is followed through all that it sets in motion.
//!
//! Two things that are kept apart:
//!
//! * **Where we are**, always, also where nobody records: [`current`] is what a request came with, or began as, and
//!   goes on with every request over the bridge and every row of the journal.
//! * **Spans** ([`spans`]), recorded and sent to a collector ([`export`]) only where one is configured. Without one
//!   they are disabled where they stand: not made, and their fields not computed.
//!
//! Beside them, [`requests`] counts what was answered, for `GET /metrics`.
//!
//! A span names routes, services and types of events. It never carries a path, a key, a number or a name: those hold
//! persons and cases.

pub mod export;
pub mod names;
pub mod requests;
pub mod spans;

use mz_kernel::Trace;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

tokio::task_local! {
    static HERE: Trace;
}

/// Where we are: the innermost recorded span, or else what [`within`] was given.
pub fn current() -> Option<Trace> {
    recorded().or_else(|| HERE.try_with(|here| *here).ok())
}

/// Runs a future at a place in a trace. Tasks that it spawns are elsewhere.
pub async fn within<F: Future>(here: Trace, future: F) -> F::Output {
    HERE.scope(here, future).await
}

/// The innermost span that a collector is to get.
fn recorded() -> Option<Trace> {
    Context::map_current(|context| {
        context
            .has_active_span()
            .then(|| read(context.span().span_context()))
            .flatten()
    })
}

/// The place of a span; none where nobody records.
fn of(span: &Span) -> Option<Trace> {
    (!span.is_disabled())
        .then(|| read(span.context().span().span_context()))
        .flatten()
}

fn read(context: &SpanContext) -> Option<Trace> {
    context.is_valid().then(|| Trace {
        trace: u128::from_be_bytes(context.trace_id().to_bytes()),
        span: u64::from_be_bytes(context.span_id().to_bytes()),
        sampled: context.is_sampled(),
    })
}

fn remote(trace: Trace) -> SpanContext {
    let Trace { trace, span, sampled } = trace;
    SpanContext::new(
        TraceId::from_bytes(trace.to_be_bytes()),
        SpanId::from_bytes(span.to_be_bytes()),
        if sampled {
            TraceFlags::SAMPLED
        } else {
            TraceFlags::default()
        },
        true,
        TraceState::default(),
    )
}

/// Makes what happened elsewhere the parent of a span that was just made.
fn follow(span: &Span, parent: Option<Trace>) {
    if let (Some(parent), false) = (parent, span.is_disabled()) {
        // It fails only where nobody records.
        let _ = span.set_parent(Context::new().with_remote_span_context(remote(parent)));
    }
}

/// Links a span to what happened elsewhere.
fn link(span: &Span, to: Trace) {
    span.add_link(remote(to));
}
