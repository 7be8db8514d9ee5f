//! The problem codes of the skeleton itself, and the route that serves the pages of any.

use crate::{Problem, ProblemCode};
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use std::collections::BTreeMap;

crate::problem_codes! {
    /// No token, or none that holds.
    UNAUTHENTICATED = "caller.unauthenticated";
    /// The caller has none of the roles that may do this.
    ROLE = "caller.role";
    /// The caller works for other divisions.
    DIVISION = "caller.division";
    /// A command came without an idempotency key.
    KEY_MISSING = "idempotency.missing";
    /// The idempotency key cannot be taken.
    KEY_INVALID = "idempotency.invalid";
    /// The idempotency key was used for another request.
    KEY_REUSED = "idempotency.reused";
    /// The body is not JSON.
    NOT_JSON = "request.not-json";
    /// The body is larger than the service takes.
    TOO_LARGE = "request.too-large";
    /// The body could not be received to its end.
    INCOMPLETE = "request.incomplete";
    /// A field or a parameter holds what it must not hold.
    INVALID = "request.invalid";
    /// No such record.
    NOT_FOUND = "record.not-found";
    /// The record was changed by somebody else meanwhile.
    CHANGED = "record.changed";
    /// No such route.
    NO_ROUTE = "route.unknown";
    /// The route does not know the method.
    NO_METHOD = "route.method";
    /// The service cannot answer now.
    UNAVAILABLE = "service.unavailable";
    /// The service failed.
    INTERNAL = "service.internal";
}

/// `GET /problems/{code}`: the pages of the given codes as Markdown.
pub fn pages<S: Clone + Send + Sync + 'static>(codes: impl IntoIterator<Item = ProblemCode>) -> Router<S> {
    let pages: BTreeMap<_, _> = codes.into_iter().map(|code| (code.code(), code)).collect();
    Router::new().route(
        "/problems/{code}",
        get(
            async move |Path(code): Path<String>| match pages.get(code.as_str()) {
                Some(page) => Ok(*page),
                None => Err(Problem::not_found("No problem has this code.")),
            },
        ),
    )
}
