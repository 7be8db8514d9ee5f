//! Bodies.

use crate::{Problem, codes};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// The largest body that is taken, in bytes (D9: larger ones travel in numbered chunks).
pub const BODY_BYTES_MAX: usize = 512 * 1024;

/// A JSON body, in or out. One that cannot be read is answered by a problem that names the field.
///
/// The media type of the request is not looked at: the API takes JSON only, and its token travels in a header that
/// no foreign page can set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(&receive(request, state).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The whole body, within the limit of the router.
pub(crate) async fn receive<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection.status() {
            status @ StatusCode::PAYLOAD_TOO_LARGE => {
                let detail = format!("The body may have {BODY_BYTES_MAX} bytes at most.");
                Problem::new(status, codes::TOO_LARGE, detail)
            }
            _ => Problem::malformed(codes::INCOMPLETE, "The body broke off. Send the request again.")
                .caused_by(rejection),
        })
}

/// Reads a body, and where that fails says which field is at fault.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.classify() == Category::Data {
            misfit(&path, &error.to_string())
        } else {
            not_json(&error)
        }
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::malformed(codes::NOT_JSON, format!("The body is not JSON: {error}."))
}

/// The problem of a value that does not fit its type. What was sent is not repeated: it may be an identity number
/// in the wrong field.
pub(crate) fn misfit(path: &str, message: &str) -> Problem {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    if let Some(name) = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'))
    {
        let field = if path == "." {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        return Problem::invalid(field, "This field is missing.");
    }
    if message.starts_with("unknown field ") {
        return Problem::invalid(path, "There is no such field here.");
    }
    match message.split_once(", expected ") {
        Some((_, expected)) => Problem::invalid(path, format!("Expected {expected}.")),
        None => Problem::invalid(path, masked(message)),
    }
}

/// Our own types name the text that they cannot read. What is as long as an identity or account number is cut out.
fn masked(message: &str) -> String {
    const DIGITS_SHOWN: usize = 12;
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    let words = message.split(' ').map(|word| {
        if digits(word) > DIGITS_SHOWN {
            "`***`"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::{Month, PersonId};
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is tested")]
    struct Application {
        person: PersonId,
        from: Month,
        members: Vec<Member>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is tested")]
    struct Member {
        age: u8,
    }

    fn problem(body: &str) -> (String, Option<String>, String) {
        let problem = read::<Application>(body.as_bytes()).unwrap_err();
        let body = problem.body();
        (body.code.to_owned(), body.field.clone(), body.detail.clone())
    }

    fn invalid(field: &str, detail: &str) -> (String, Option<String>, String) {
        (
            "request.invalid".to_owned(),
            Some(field.to_owned()),
            detail.to_owned(),
        )
    }

    const PERSON: &str = "per_01e5cg0000000000000000p001";

    #[test]
    fn a_field_at_fault_is_named_wherever_it_stands() {
        let with = |from: &str, members: &str| {
            problem(&format!(
                r#"{{"person":"{PERSON}","from":{from},"members":{members}}}"#
            ))
        };
        assert_eq!(
            with(r#""2020-01""#, r#"[{"age":3},{}]"#),
            invalid("members[1].age", "This field is missing.")
        );
        assert_eq!(
            with(r#""2020-01""#, r#"[{"age":300}]"#),
            invalid("members[0].age", "Expected u8.")
        );
        assert_eq!(with("7", "[]"), invalid("from", "Expected a string."));
        assert_eq!(
            with(r#""2020-01""#, r#"[{"age":3,"agee":3}]"#),
            invalid("members[0].agee", "There is no such field here.")
        );
        assert_eq!(problem("{}"), invalid("person", "This field is missing."));
        assert_eq!(problem("[]").0, "request.invalid");
    }

    #[test]
    fn what_was_typed_into_the_wrong_field_is_not_repeated() {
        for number in [
            "990101194611220010",
            r#""990101194611220010""#,
            r#""99010119461122001X""#,
        ] {
            let (_, field, detail) = problem(&format!(r#"{{"person":"{PERSON}","from":{number}}}"#));
            assert_eq!(field.as_deref(), Some("from"));
            assert!(!detail.contains("990101"), "{detail}");
        }
        let (.., detail) = problem(&format!(r#"{{"person":"{PERSON}","from":"March"}}"#));
        assert!(detail.contains("`March`"), "a word may be repeated: {detail}");
    }

    #[test]
    fn what_is_no_json_is_said_to_be_none() {
        for body in ["", "{", "{]", "{} {}"] {
            let problem = read::<serde_json::Value>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.body().code, "request.not-json", "{body}");
        }
    }
}
