//! What every router of a service is finished with.

use crate::observe::{Observer, observe};
use crate::{BODY_BYTES_MAX, Problem, codes};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;

/// Finishes a service's routes: problems for unknown routes and methods, the limit of bodies, the request log, and its trace.
pub fn router(routes: Router, observer: Observer) -> Router {
    let routes = routes
        .fallback(async || {
            Problem::new(
                StatusCode::NOT_FOUND,
                codes::NO_ROUTE,
                "Nothing has this address.",
            )
        })
        .method_not_allowed_fallback(async || {
            let detail =
                "This address does not know the method; the header `Allow` lists those that it knows.";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, codes::NO_METHOD, detail)
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(observer.clone(), observe));
    crate::watch(routes, observer)
}
