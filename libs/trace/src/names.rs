//! The names of OpenTelemetry's semantic conventions that spans and request figures carry: all of them, so that a change of the
//! conventions (those of messaging are still being worked on) is a change of this file and of `spans.rs`.
//!
//! NATS has no page there; `messaging.system` takes its name as the conventions ask for.

/// `messaging.system`.
pub const NATS: &str = "nats";
/// `messaging.operation.type` of a request and of the relay.
pub const SEND: &str = "send";
/// `messaging.operation.name` of the relay.
pub const PUBLISH: &str = "publish";
/// `messaging.operation.name` of a request over the bridge.
pub const REQUEST: &str = "request";
/// `messaging.operation.name` and `.type` of a consumer's reaction.
pub const PROCESS: &str = "process";
/// `db.operation.name` of a unit of work.
pub const COMMIT: &str = "COMMIT";
/// `http.server.request.duration`, as Prometheus spells it.
pub const REQUEST_DURATION: &str = "http_server_request_duration_seconds";
/// Its labels.
pub const REQUEST_LABELS: [&str; 4] = [
    "service",
    "http_request_method",
    "http_route",
    "http_response_status_code",
];
/// `service.name` of the whole suite in one process.
pub const SUITE: &str = "minzheng";
