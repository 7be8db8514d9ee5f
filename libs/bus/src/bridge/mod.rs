//! The bridge (D9): an HTTP request carried over NATS request/reply to the service that answers it.
//!
//! Each service is a NATS micro service with two endpoints, one for commands and one for queries, so that
//! `$SRV.PING/INFO/STATS` find it. Method, path and the headers that matter travel as NATS headers. A request that
//! nobody listens for is answered at once; a command that timed out is *unknown*, and is repeated with the same
//! idempotency key. Bodies over [`WHOLE_MAX`] travel in chunks (`chunks.rs`).

mod chunks;
mod client;
mod discover;
mod serve;

use bytes::Bytes;
use futures::future::BoxFuture;

pub use client::{Bridge, BridgeError};
pub use discover::{Counted, Endpoint, Instance};
pub use serve::{Serving, serve};

/// A body up to this many bytes travels in the message itself: half of what the server takes in one message.
pub const WHOLE_MAX: usize = 512 * 1024;
/// No body may be larger than this.
pub const BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

const METHOD: &str = "civil-method";
const PATH: &str = "civil-path";
const STATUS: &str = "civil-status";
const BODY_BYTES: &str = "civil-body-bytes";
/// HTTP headers travel under this prefix, so that none of them can be taken for one of NATS.
const HTTP: &str = "http-";

/// An HTTP request, as far as a service needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// Path and query, percent-encoded as in HTTP.
    pub path: String,
    /// Header names in lower case, with values of printable ASCII.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with values of printable ASCII.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What answers requests: a service's routes.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn handle(&self, request: Request) -> BoxFuture<'static, Response>;
}
