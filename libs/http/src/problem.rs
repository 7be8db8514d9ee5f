//! Problems: every answer that is not a success, as RFC 9457 `application/problem+json`.
//!
//! | status | constructor | when |
//! |---|---|---|
//! | 400 | [`Problem::malformed`] | the request cannot be read at all: no JSON, a bad header |
//! | 401 | [`Problem::unauthenticated`] | nobody, or nobody any more |
//! | 403 | [`Problem::forbidden`] | somebody who may not |
//! | 404 | [`Problem::not_found`] | nothing of that id that the caller may know of |
//! | 409 | [`Problem::conflict`] | the record is no longer what the caller believes: read it again, then decide |
//! | 422 | [`Problem::invalid`], [`Problem::refused`] | it was read and understood, and a field or a rule says no |
//! | 500 | [`Problem::internal`] | our defect; the cause goes to the log and not to the caller |
//! | 503 | [`Problem::unavailable`] | nothing was done; send the same request again later |
//!
//! 409 or 422? When the same request can succeed after the caller has looked again, it is 409. When it will be
//! refused as often as it is sent, because a rule forbids what it asks for, it is 422.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::error::Error;
use std::time::Duration;

use crate::codes;

/// The media type of every problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A stable code such as `case.same-officer`, with the page that explains it. Declared by
/// [`problem_codes!`](crate::problem_codes), which takes the page from `problems/<code>.md` of the crate: a code
/// without a page does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemCode {
    code: &'static str,
    title: &'static str,
    page: &'static str,
}

impl ProblemCode {
    /// A code and its page in Markdown, whose first line is `# ` and the title.
    ///
    /// # Panics
    /// When the page does not begin so: a compile error in the `const` of the declaration.
    pub const fn new(code: &'static str, page: &'static str) -> Self {
        let bytes = page.as_bytes();
        assert!(
            bytes.len() > 2 && bytes[0] == b'#' && bytes[1] == b' ',
            "a problem page begins with `# ` and its title"
        );
        let mut end = 2;
        while end < bytes.len() && bytes[end] != b'\n' {
            end += 1;
        }
        Self {
            code,
            title: page.split_at(end).0.split_at(2).1,
            page,
        }
    }

    /// The code: what programs compare.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// The same sentence for every problem of this code.
    pub const fn title(self) -> &'static str {
        self.title
    }

    /// What happened and what to do, in Markdown.
    pub const fn page(self) -> &'static str {
        self.page
    }
}

/// Its page.
impl IntoResponse for ProblemCode {
    fn into_response(self) -> Response {
        let markdown = HeaderValue::from_static("text/markdown; charset=utf-8");
        ([(CONTENT_TYPE, markdown)], self.page).into_response()
    }
}

/// Declares problem codes as constants, and `PROBLEMS` with all of them. Each takes its page from the file
/// `problems/<code>.md` in the folder of the crate that declares it.
///
/// ```
/// mz_http::problem_codes! {
///     /// The record was changed by somebody else meanwhile.
///     CHANGED = "record.changed";
/// }
/// assert_eq!(CHANGED.title(), "The record was changed meanwhile");
/// ```
#[macro_export]
macro_rules! problem_codes {
    ($($(#[$meta:meta])* $NAME:ident = $code:literal;)+) => {
        $(
            $(#[$meta])*
            pub const $NAME: $crate::ProblemCode = $crate::ProblemCode::new(
                $code,
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/problems/", $code, ".md")),
            );
        )+

        /// Every problem code of this crate.
        pub const PROBLEMS: &[$crate::ProblemCode] = &[$($NAME),+];
    };
}

/// An answer that is not a success. It becomes the response by itself and writes its cause to the log once, then.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    body: ProblemBody,
    retry_after: Option<Duration>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What the caller reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemBody {
    /// `/problems/<code>`, where the page of the code is served.
    pub r#type: String,
    /// The same for every problem of this code.
    pub title: &'static str,
    /// The HTTP status once more, for readers of the body alone.
    pub status: u16,
    /// What is wrong with this request and what to do about it.
    pub detail: String,
    /// The stable code.
    pub code: &'static str,
    /// The field of the body or the name of the parameter, such as `lines[3].amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The row of an imported table, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The faults of a file that was refused whole, in the order of its rows: the first [`Problem::ERRORS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RowFault>,
    /// How many faults there are beyond those in `errors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_errors: Option<u64>,
    /// The correlation under which the log has the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// One fault of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RowFault {
    /// The row as a spreadsheet numbers it: the file's first line is 1.
    pub row: u64,
    /// The column by its name in the header; absent where the row as a whole is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// What is wrong, as a stable word that the format's page lists.
    pub reason: &'static str,
    /// What is wrong and what to do about it.
    pub detail: String,
}

impl Problem {
    /// A problem of any status.
    pub fn new(status: StatusCode, code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            body: ProblemBody {
                r#type: format!("/problems/{}", code.code),
                title: code.title,
                status: status.as_u16(),
                detail: detail.into(),
                code: code.code,
                field: None,
                row: None,
                errors: Vec::new(),
                more_errors: None,
                trace: None,
            },
            retry_after: None,
            cause: None,
        }))
    }

    /// 400: the request cannot be read.
    pub fn malformed(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: no valid token of a caller.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, codes::UNAUTHENTICATED, detail)
    }

    /// 403: the caller is known and may not do this.
    pub fn forbidden(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: nothing is there. Also for what the caller may not even know of.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, codes::NOT_FOUND, detail)
    }

    /// 409: the record has changed; the same request may succeed once the caller has read it again.
    pub fn conflict(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 422: a field holds what it must not hold.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, codes::INVALID, detail).in_field(field)
    }

    /// 422: a rule forbids what is asked for, and will forbid it again.
    pub fn refused(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 500: a defect of ours. The caller learns the trace and not the cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "The service failed on this request. Give the trace to an administrator.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, codes::INTERNAL, detail).caused_by(cause)
    }

    /// 503: nothing was done; the same request with the same idempotency key may be sent after a while.
    pub fn unavailable(retry_after: Duration) -> Self {
        let detail =
            "The service cannot answer at the moment; nothing was done. Send the same request again.";
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, codes::UNAVAILABLE, detail);
        problem.0.retry_after = Some(retry_after);
        problem
    }

    /// Names the field or parameter that is wrong.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.0.body.field = Some(field.into());
        self
    }

    /// Names the row of an imported table, from 1.
    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.0.body.row = Some(row);
        self
    }

    /// The most faults that one problem lists.
    pub const ERRORS_MAX: usize = 1_000;

    /// Lists the faults of a file; of those beyond [`Self::ERRORS_MAX`] only how many there are.
    #[must_use]
    pub fn listing(mut self, mut errors: Vec<RowFault>) -> Self {
        let more = errors.len().saturating_sub(Self::ERRORS_MAX);
        errors.truncate(Self::ERRORS_MAX);
        self.0.body.errors = errors;
        self.0.body.more_errors = u64::try_from(more).ok().filter(|more| *more > 0);
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What the caller will read.
    pub fn body(&self) -> &ProblemBody {
        &self.0.body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Parts {
            status,
            body,
            retry_after,
            cause,
        } = *self.0;
        if let Some(cause) = cause {
            log(status, body.code, &*cause);
        }
        let mut headers = HeaderMap::new();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = retry_after {
            // A part of a second is a second: the header has no smaller unit.
            headers.insert(
                RETRY_AFTER,
                HeaderValue::from(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)),
            );
        }
        let mut response = (status, headers, body.render()).into_response();
        // The request log puts in the trace, which is known only there.
        response.extensions_mut().insert(body);
        response
    }
}

impl ProblemBody {
    /// The body as a response of its own, without status.
    pub(crate) fn render(&self) -> Response {
        ([(CONTENT_TYPE, PROBLEM_JSON)], Json(self)).into_response()
    }
}

/// A cause is logged here, at the edge, and nowhere below.
fn log(status: StatusCode, code: &str, cause: &(dyn Error + 'static)) {
    let chain = mz_kernel::chain(cause);
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!(code, cause = chain, "request failed");
    } else {
        tracing::warn!(code, cause = chain, "request not served");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_lists_faults_up_to_a_number_and_tells_of_the_others() {
        let fault = |row| RowFault {
            row,
            column: None,
            reason: "wrong-fields",
            detail: String::new(),
        };
        for (faults, listed, more) in [(2, 2, None), (1_000, 1_000, None), (1_003, 1_000, Some(3))] {
            let problem = Problem::refused(codes::INVALID, "").listing((1..=faults).map(fault).collect());
            assert_eq!(
                (problem.body().errors.len(), problem.body().more_errors),
                (listed, more)
            );
        }
        let plain = serde_json::to_value(Problem::refused(codes::INVALID, "").body()).unwrap();
        assert!(plain.get("errors").is_none() && plain.get("more_errors").is_none());
    }
}
