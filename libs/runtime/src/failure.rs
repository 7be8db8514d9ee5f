//! Why a command or a query did nothing: a problem that the caller can act on.

use axum::response::{IntoResponse, Response};
use mz_bus::bridge::BridgeError;
use mz_http::{Problem, codes};
use mz_store::StoreError;
use std::time::Duration;

/// How long a caller should wait before repeating.
const REPEAT_AFTER: Duration = Duration::from_secs(2);

/// The error of every command and query. Refusals are made by the service with its own codes; what the store or
/// another service says is turned into a problem here, in one place.
#[derive(Debug)]
pub struct Failure(pub Problem);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(match error {
            StoreError::Conflict { .. } => Problem::conflict(codes::CHANGED, error.to_string()),
            StoreError::KeyReused => Problem::conflict(codes::KEY_REUSED, error.to_string()),
            error if error.is_transient() => Problem::unavailable(REPEAT_AFTER).caused_by(error),
            error => Problem::internal(error),
        })
    }
}

impl From<BridgeError> for Failure {
    fn from(error: BridgeError) -> Self {
        Self(Problem::unavailable(REPEAT_AFTER).caused_by(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
