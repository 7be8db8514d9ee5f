//! Idempotency keys: what a command needs to be done once although it was sent twice.
//!
//! The memory of keys lives in the store, in the transaction of the command itself. Here is what the wire says.

use crate::json::{read, receive};
use crate::{Problem, codes};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fmt::Write as _;

/// The header of a command's key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that had been given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key that a caller chose for one command: 1 to [`IdempotencyKey::LENGTH_MAX`] visible ASCII characters. As a
/// handler's argument it refuses a request without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in bytes.
    pub const LENGTH_MAX: usize = 128;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut keys = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let key = keys.next().ok_or_else(|| {
            let detail = "A command needs the header `Idempotency-Key`: a text of your own, new for each command \
                          and the same when you repeat it.";
            Problem::malformed(codes::KEY_MISSING, detail)
        })?;
        let text = key.as_bytes();
        let valid = (1..=Self::LENGTH_MAX).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
        match key.to_str() {
            Ok(key) if valid && keys.next().is_none() => Ok(Self(key.to_owned())),
            _ => {
                let detail =
                    "`Idempotency-Key` is one text of 1 to 128 visible ASCII characters without spaces.";
                Err(Problem::malformed(codes::KEY_INVALID, detail))
            }
        }
    }
}

/// What the body of a command is read as: JSON, unless a type says otherwise.
pub trait CommandBody: Sized {
    /// Reads the body. `media_type` is what the request declares, such as `text/csv; charset=utf-8`; empty for none.
    fn read(media_type: &str, body: Bytes) -> Result<Self, Problem>;
}

impl<T: DeserializeOwned> CommandBody for T {
    fn read(_: &str, body: Bytes) -> Result<Self, Problem> {
        read(&body)
    }
}

/// A command: its key, its fingerprint and its body. The last argument of a handler.
#[derive(Debug, Clone)]
pub struct Keyed<T> {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// [`fingerprint`] of the request: the same key with another fingerprint is another command, and refused.
    pub fingerprint: String,
    /// The body.
    pub body: T,
}

impl<S, T> FromRequest<S> for Keyed<T>
where
    S: Send + Sync,
    T: CommandBody,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = IdempotencyKey::from_request_parts(&mut parts, state).await?;
        let method = parts.method.clone();
        let path = parts
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string);
        let media_type = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        let body = receive(Request::from_parts(parts, body), state).await?;
        let fingerprint = fingerprint(method.as_str(), &path, &body);
        Ok(Self {
            key,
            fingerprint,
            body: T::read(&media_type, body)?,
        })
    }
}

/// SHA-256 over method, path with query and body, in 64 hexadecimal digits. Each part is preceded by its length, so
/// that no two requests share the bytes.
pub fn fingerprint(method: &str, path: &str, body: &[u8]) -> String {
    let mut digest = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes(), body] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The body of a checker's decision on what a maker proposed.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Whether the checker agrees.
    pub agree: bool,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// Part of a response: `Idempotent-Replayed: true` when the answer was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed(pub bool);

impl IntoResponseParts for Replayed {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        if self.0 {
            response
                .headers_mut()
                .insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_that_differ_anywhere_have_different_fingerprints() {
        let one = fingerprint("POST", "/cases", b"{}");
        assert_eq!(one, fingerprint("POST", "/cases", b"{}"));
        assert_eq!(one.len(), 64);
        let others = [
            fingerprint("PUT", "/cases", b"{}"),
            fingerprint("POST", "/cases?x=1", b"{}"),
            fingerprint("POST", "/cases", b"{ }"),
            fingerprint("POST", "/cases{", b"}"),
            fingerprint("POS", "T/cases", b"{}"),
        ];
        assert!(!others.contains(&one));
    }
}
