//! Where a request stands in a trace, its span, and its figure.

use crate::observe::Observer;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use mz_kernel::Trace;
use mz_trace::{requests, spans};
use std::time::Instant;
use tracing::Instrument as _;

/// Counts each request, and puts it where it stands in a trace: that of its header `traceparent`, or one that begins here. A header
/// that is none is dropped. Whatever is asked and written meanwhile goes on from there ([`mz_trace::current`]).
pub fn watch(routes: Router, observer: Observer) -> Router {
    routes.layer(from_fn_with_state(observer, watched))
}

async fn watched(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let method = spans::method(request.method().as_str());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let given = request.headers().get(mz_contracts::wire::TRACE);
    let given = given.and_then(|value| value.to_str().ok()?.parse::<Trace>().ok());
    let span = spans::server(observer.service, method, route, given);
    let here = spans::place(&span).or(given).unwrap_or_else(|| observer.trace());
    let start = Instant::now();
    let response = mz_trace::within(here, next.run(request).instrument(span.clone())).await;
    let status = response.status().as_u16();
    spans::answered(&span, status);
    requests::answered(observer.service, method, route, status, start.elapsed());
    response
}
