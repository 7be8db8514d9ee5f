//! What every request gets: a correlation, a span, and one line in the log.

use crate::Problem;
use crate::problem::ProblemBody;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use mz_kernel::{IdSource, SystemClock, Trace};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument as _;

/// The header of [`Correlation`], in requests between services and in every response.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("correlation-id");

mz_kernel::id!(
    /// The correlation of a request that came without one.
    RequestId,
    "req"
);

/// What ties together all that one request sets in motion: log lines, events, reactions to them, problems (as
/// `trace`). Taken from the header `Correlation-Id` when it has 1 to 128 visible ASCII characters, made otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correlation(Arc<str>);

impl Correlation {
    /// The correlation as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Correlation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::internal("the router was not finished with mz_http::router"))
    }
}

/// Where the correlations of a service come from.
#[derive(Clone)]
pub struct Observer {
    pub(crate) service: &'static str,
    ids: Arc<IdSource>,
    clock: Arc<dyn SystemClock>,
}

impl Observer {
    /// An observer of `service` that takes ids from `ids`, stamped by `clock`.
    pub fn new(service: &'static str, ids: Arc<IdSource>, clock: Arc<dyn SystemClock>) -> Self {
        Self { service, ids, clock }
    }

    /// The trace of a request that came without one.
    pub(crate) fn trace(&self) -> Trace {
        self.ids.trace()
    }

    fn correlation(&self, request: &Request) -> Correlation {
        let given = request
            .headers()
            .get(CORRELATION_ID)
            .and_then(|value| value.to_str().ok());
        let given = given.filter(|text| {
            (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        });
        Correlation(match given {
            Some(text) => text.into(),
            None => self.ids.next::<RequestId>(self.clock.now()).as_str().into(),
        })
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// The middleware. It logs correlation, trace, method, route template, status and milliseconds: no path, no query, no header and no
/// body, for those hold persons.
pub(crate) async fn observe(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let correlation = observer.correlation(&request);
    request.extensions_mut().insert(correlation.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let trace_id = mz_trace::current().map(|here| here.trace_id());
    let span = tracing::info_span!("request", %method, route, correlation = correlation.as_str(), trace_id);
    let start = Instant::now();
    let answered = async {
        let response = next.run(request).await;
        let millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), millis, "request answered");
        response
    };
    let mut response = traced(answered.instrument(span).await, &correlation);
    if let Ok(value) = HeaderValue::from_str(correlation.as_str()) {
        response.headers_mut().insert(CORRELATION_ID, value);
    }
    response
}

/// Gives a problem its trace.
fn traced(mut response: Response, correlation: &Correlation) -> Response {
    if let Some(mut body) = response.extensions_mut().remove::<ProblemBody>() {
        body.trace = Some(correlation.as_str().to_owned());
        *response.body_mut() = body.render().into_body();
        // The length is that of the new body, which the server knows.
        response.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
    }
    response
}
