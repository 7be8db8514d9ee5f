//! The HTTP door (D9): HTTP at the edge, NATS inside.

use crate::adapter::http_response;
use crate::{App, Failure, Health};
use axum::body::to_bytes;
use axum::extract::{Path, Request as HttpRequest, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response as HttpResponse};
use axum::routing::{any, get};
use axum::{Json, Router};
use bytes::Bytes;
use futures::future::join_all;
use mz_bus::bridge::{BODY_BYTES_MAX, Bridge, Request, Response};
use mz_contracts::{OWNERS, Owner};
use mz_http::{Problem, ProblemCode, codes};
use mz_kernel::Date;
use serde::Serialize;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path as FilePath, PathBuf};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The routes of a process with a door: its `own`, those of every service as `/api/<service>/…`, and the pages of
/// problem codes: `problems` are the door's own codes, others are asked of the services.
pub fn door<S: Owner>(app: &App<S>, own: Router, problems: &'static [ProblemCode]) -> Router {
    let observer = app.observer();
    let pages = Router::new()
        .route("/problems/{code}", get(problem_page))
        .with_state((app.bridge.clone(), problems));
    // A route for each service, so that a trace tells which one was asked.
    let each = OWNERS
        .iter()
        .map(|(service, _)| format!("/api/{service}/{{*rest}}"));
    let services = each
        .chain(["/api/{service}/{*rest}".to_owned()])
        .fold(Router::new(), |routes, route| routes.route(&route, any(pass)))
        .with_state(app.bridge.clone());
    let services = mz_http::watch(services, observer.clone());
    // Bodies that the services take are limited there: a file may be large on its way.
    mz_http::router(own.merge(pages), observer).merge(services)
}

/// Headers that a service may need; others end at the door. The bridge adds where the request stands in a trace.
const CARRIED: [&str; 5] = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
];

/// `/api/<service>/…` is asked of the service over NATS; its answer goes back unchanged.
async fn pass(State(bridge): State<Bridge>, request: HttpRequest) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let full = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let Some((service, path)) = full.strip_prefix("/api/").and_then(|rest| rest.split_once('/')) else {
        return Problem::not_found("There is no such route.").into_response();
    };
    // Any other name is unknown, not merely away.
    if !OWNERS.iter().any(|(name, _)| *name == service) {
        return Problem::not_found(format!("There is no service `{service}`.")).into_response();
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return Problem::malformed(codes::TOO_LARGE, "The body is too large, or ended too early.")
            .into_response();
    };
    let headers = parts
        .headers
        .iter()
        .filter(|(name, _)| CARRIED.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: format!("/{path}"),
        headers,
        body,
    };
    match bridge.call(service, request).await {
        Ok(answer) => http_response(answer),
        Err(error) => Failure::from(error).into_response(),
    }
}

/// What anybody may ask of a service; none where it is away.
pub(crate) async fn asked(bridge: &Bridge, service: &str, path: &str) -> Option<Response> {
    let request = Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    bridge.call(service, request).await.ok()
}

async fn problem_page(
    State((bridge, own)): State<(Bridge, &'static [ProblemCode])>,
    Path(code): Path<String>,
) -> HttpResponse {
    if let Some(known) = own.iter().find(|own| own.code() == code) {
        return known.into_response();
    }
    for (service, _) in OWNERS {
        let page = asked(&bridge, service, &format!("/problems/{code}")).await;
        if let Some(page) = page.filter(|page| page.status == StatusCode::OK.as_u16()) {
            return http_response(page);
        }
    }
    Problem::not_found("No problem has this code.").into_response()
}

/// `GET /health` of a door. Open to everybody on the machine: it tells numbers and no facts. 503 when something waits,
/// is parked or is away.
#[derive(Debug, Serialize)]
pub struct HealthPage<H> {
    /// `ok` or `degraded`.
    state: &'static str,
    legal_date: Date,
    services: Vec<H>,
    /// Services that do not answer.
    away: Vec<&'static str>,
}

impl HealthPage<Health> {
    /// Of services in the same process.
    pub fn of(legal_date: Date, services: Vec<Health>) -> Self {
        let well = services.iter().all(Health::is_well);
        Self::new(legal_date, services, Vec::new(), well)
    }
}

impl HealthPage<Value> {
    /// Of services wherever they run, asked over NATS.
    pub async fn ask<S: Owner>(app: &App<S>) -> Self {
        let asked = OWNERS.iter().map(|(service, _)| health_of(&app.bridge, service));
        let (mut services, mut away, mut well) = (Vec::new(), Vec::new(), true);
        for ((service, _), told) in OWNERS.iter().zip(join_all(asked).await) {
            match told {
                Some((is_well, health)) => {
                    well &= is_well;
                    services.push(health);
                }
                None => away.push(*service),
            }
        }
        let well = well && away.is_empty();
        Self::new(app.today(), services, away, well)
    }
}

/// What a service tells of its health, and whether it is well; none where it is away, or its database is.
pub(crate) async fn health_of(bridge: &Bridge, service: &str) -> Option<(bool, Value)> {
    let answer = asked(bridge, service, "/health").await?;
    let health: Value = serde_json::from_slice(&answer.body).ok()?;
    // A service whose database is away answers with a problem.
    (health["service"] == service).then_some((answer.status == StatusCode::OK.as_u16(), health))
}

impl<H: Serialize> HealthPage<H> {
    /// The same for Prometheus.
    pub async fn metrics(self, bridge: &Bridge) -> HttpResponse {
        let told = self.services.iter().flat_map(serde_json::to_value);
        crate::metrics::metrics(bridge, told.collect()).await
    }
}

impl<H> HealthPage<H> {
    fn new(legal_date: Date, services: Vec<H>, away: Vec<&'static str>, well: bool) -> Self {
        Self {
            state: if well { "ok" } else { "degraded" },
            legal_date,
            services,
            away,
        }
    }
}

impl<H: Serialize> IntoResponse for HealthPage<H> {
    fn into_response(self) -> HttpResponse {
        let status = if self.state == "ok" {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        (status, Json(self)).into_response()
    }
}

/// The file that tells where the door of a data folder listens: `{"address":"http://127.0.0.1:8080","pid":1}`.
pub fn where_file(data: &FilePath) -> PathBuf {
    data.join("suite.json")
}

/// A door that is open.
pub struct Listening {
    /// Where it listens.
    pub address: SocketAddr,
    note: Option<PathBuf>,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    /// Listens; port 0 is any free port.
    pub async fn open(address: SocketAddr, routes: Router) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            axum::serve(listener, routes)
                .with_graceful_shutdown(stopped)
                .await
        });
        Ok(Self {
            address,
            note: None,
            stop,
            serving,
        })
    }

    /// `http://127.0.0.1:8080`, for a program on the same machine.
    pub fn base_url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    }

    /// Leaves a note where the operator's commands look for the door of a data folder, until it is closed.
    pub fn noted(mut self, data: &FilePath) -> std::io::Result<Self> {
        let note = json!({ "address": self.base_url(), "pid": std::process::id() });
        let file = self.note.insert(where_file(data));
        std::fs::write(file, note.to_string())?;
        Ok(self)
    }

    /// Takes no new connections, and finishes the requests in hand.
    pub async fn close(self) {
        if let Some(note) = &self.note {
            let _ = std::fs::remove_file(note);
        }
        self.stop.cancel();
        // The listener's own end is no news to anybody.
        let _ = self.serving.await;
    }
}
