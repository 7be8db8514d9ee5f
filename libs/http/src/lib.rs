//! The skeleton of a service's HTTP API: what is the same in all of them, on axum.
//!
//! | file | what |
//! |---|---|
//! | `problem.rs`, `codes.rs`, `problems/*.md` | answers that are not a success (RFC 9457), with a page for each code |
//! | `caller.rs`, `token.rs` | who asks, and what they may: a signed token, roles, divisions |
//! | `json.rs`, `params.rs` | bodies, parameters and pages, whose faults name the field |
//! | `file.rs` | a file as the body of a command |
//! | `keyed.rs` | commands that are done once although they were sent twice |
//! | `observe.rs`, `router.rs` | correlation, request log, limits |
//! | `watch.rs` | where a request stands in a trace |
//! | `openapi/` | the document of a service, derived from its routes |
//!
//! A handler reads `async fn decide(caller: Caller, Path(case): Path<CaseId>, command: Keyed<Decision>) ->
//! Result<impl IntoResponse, Problem>`; the service's routes go through [`router()`] at the end.
//!
//! Deliberately absent: NATS (the bridge that carries a request over it lives in the bus) and the memory of idempotency
//! keys (the store keeps it in the command's transaction).

pub mod caller;
pub mod codes;
mod file;
pub mod json;
pub mod keyed;
pub mod observe;
pub mod openapi;
pub mod params;
pub mod problem;
mod router;
pub mod token;
mod watch;

pub use caller::{Access, Caller, OFFICERS, Role};
pub use codes::{PROBLEMS, pages};
pub use file::File;
pub use json::{BODY_BYTES_MAX, Json};
pub use keyed::{Agreement, IdempotencyKey, Keyed, Replayed, fingerprint};
pub use observe::{Correlation, Observer};
pub use openapi::{Api, Created, Done, Either};
pub use params::{Page, Paged, Path, Query};
pub use problem::{Problem, ProblemBody, ProblemCode, RowFault};
pub use router::router;
pub use token::{TokenSigner, TokenVerifier};
pub use watch::watch;
