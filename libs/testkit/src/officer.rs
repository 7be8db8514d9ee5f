//! Who asks services over their public interface, and what they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mz_bus::bridge::{Bridge, Request};
use serde_json::Value;

/// Somebody with a token, who asks services over the bridge.
#[derive(Clone)]
pub struct Officer {
    pub(crate) token: String,
    pub(crate) bridge: Bridge,
    pub(crate) made: Arc<AtomicU64>,
}

impl Officer {
    /// The token, for `Authorization: Bearer …`.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A query: `path` as in `/persons/per_…`.
    pub async fn get(&self, service: &str, path: &str) -> Reply {
        self.send(service, "GET", path, None, bytes::Bytes::new()).await
    }

    /// A command with a key that nobody used before.
    pub async fn post(&self, service: &str, path: &str, body: Value) -> Reply {
        self.post_keyed(&self.key(), service, path, body).await
    }

    /// A command with a key that nobody used before, whose body is a file of this media type.
    pub async fn post_file(&self, service: &str, path: &str, media_type: &str, file: &[u8]) -> Reply {
        let (key, file) = (self.key(), bytes::Bytes::copy_from_slice(file));
        self.send(service, "POST", path, Some((&key, media_type)), file)
            .await
    }

    /// A command with this key.
    pub async fn post_keyed(&self, key: &str, service: &str, path: &str, body: Value) -> Reply {
        let body = body.to_string().into();
        self.send(service, "POST", path, Some((key, "application/json")), body)
            .await
    }

    fn key(&self) -> String {
        format!("story-{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// `command` is the key and the media type of a command.
    async fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        command: Option<(&str, &str)>,
        body: bytes::Bytes,
    ) -> Reply {
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        if let Some((key, media_type)) = command {
            headers.push(("idempotency-key".to_owned(), key.to_owned()));
            headers.push(("content-type".to_owned(), media_type.to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body,
        };
        let answer = self.bridge.call(service, request).await;
        let answer = answer.unwrap_or_else(|error| panic!("{method} {service} {path}: {error}: {error:?}"));
        Reply {
            status: answer.status,
            replayed: answer
                .headers
                .iter()
                .any(|(name, _)| name == "idempotent-replayed"),
            body: serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
            bytes: answer.body,
        }
    }
}

/// What a service answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Whether it is the answer of an earlier request with the same key.
    pub replayed: bool,
    /// The body as JSON; null where it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: bytes::Bytes,
}

impl Reply {
    /// The body of a success; fails on any other status.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// The body of a problem; fails on any other status or code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let found = (self.status, self.body["code"].as_str().unwrap_or_default());
        assert_eq!(found, (status, code), "{:#}", self.body);
        self.body
    }
}
