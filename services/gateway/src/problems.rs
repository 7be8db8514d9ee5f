//! The service's own problem codes, each with its page in `problems/`.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse as _, Response};
use mz_http::Problem;
use std::time::Duration;

mz_http::problem_codes! {
    /// A command with a session's cookie came without its CSRF token.
    CSRF = "session.csrf";
    /// The account is closed.
    CLOSED = "account.closed";
    /// Too many wrong passwords in a row.
    TRIES = "account.too-many-tries";
    /// An administrator would close their own account.
    OWN = "account.own";
    /// Somebody else knows the password.
    TEMPORARY = "account.password-temporary";
    /// The present password is another one.
    WRONG_PASSWORD = "account.password-wrong";
}

pub(crate) fn csrf() -> Problem {
    let detail = "Send the session's CSRF token in the header `X-CSRF-Token`.";
    Problem::forbidden(CSRF, detail)
}

pub(crate) fn foreign() -> Problem {
    let detail = "The request was made by a page of another site.";
    Problem::forbidden(CSRF, detail)
}

pub(crate) fn temporary() -> Problem {
    let detail = "Choose a password of your own first: `POST /sessions/password`.";
    Problem::forbidden(TEMPORARY, detail)
}

/// 429 with `Retry-After` (RFC 6585 §4).
pub(crate) fn too_many_tries(wait: Duration) -> Response {
    let detail = "Too many wrong passwords in a row. Nothing was tried; wait as long as `Retry-After` says.";
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, TRIES, detail);
    let mut answer = problem.into_response();
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
    answer
}

/// A part of a second is a second: the header `Retry-After` has no smaller unit.
pub(crate) fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

pub(crate) fn no_account() -> Problem {
    Problem::not_found("There is no account with this id.")
}

pub(crate) fn closed() -> Problem {
    Problem::refused(CLOSED, "The account is closed.")
}

pub(crate) fn own_account() -> Problem {
    Problem::refused(OWN, "Another administrator has to close this account.")
}

pub(crate) fn wrong_password() -> Problem {
    Problem::refused(WRONG_PASSWORD, "The present password is another one.").in_field("present")
}
