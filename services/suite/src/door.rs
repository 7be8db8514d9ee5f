//! The suite's HTTP door: services behind `/api/<service>/…`, and what an administrator needs.

use crate::parts::NAMES;
use crate::problems;
use crate::suite::{Legal, SuiteError};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use axum::{Json, Router};
use mz_contracts::Gateway;
use mz_http::{Access, Caller, Observer, Problem, ProblemCode, Role, TokenSigner};
use mz_kernel::Date;
use mz_runtime::{App, Failure, Health, Part, WallClock};
use mz_store::inbox::Parked;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the door's own routes work with.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) parts: Arc<[Box<dyn Part>]>,
    pub(crate) gateway: App<Gateway>,
    pub(crate) signer: TokenSigner,
    pub(crate) access: Access,
    pub(crate) legal: Legal,
    pub(crate) ids: Arc<mz_kernel::IdSource>,
}

impl axum::extract::FromRef<Door> for Access {
    fn from_ref(door: &Door) -> Self {
        door.access.clone()
    }
}

/// An open door.
pub(crate) struct Open {
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Open {
    /// Takes no new connections, and finishes the requests in hand.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        // The listener's own end is no news to anybody.
        let _ = self.serving.await;
    }
}

impl Door {
    /// Listens on the address, or on a free port of the same host when it is taken.
    pub(crate) async fn open(self, wanted: SocketAddr) -> Result<Open, SuiteError> {
        let listener = match TcpListener::bind(wanted).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                TcpListener::bind(SocketAddr::new(wanted.ip(), 0))
                    .await
                    .map_err(|source| SuiteError::Listen {
                        address: wanted,
                        source,
                    })?
            }
            Err(source) => {
                return Err(SuiteError::Listen {
                    address: wanted,
                    source,
                });
            }
        };
        let address = listener.local_addr().map_err(|source| SuiteError::Listen {
            address: wanted,
            source,
        })?;
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let app = self.routes();
        let serving =
            tokio::spawn(async move { axum::serve(listener, app).with_graceful_shutdown(stopped).await });
        Ok(Open {
            address,
            stop,
            serving,
        })
    }

    fn routes(self) -> Router {
        let observer = Observer::new(Arc::clone(&self.ids), Arc::new(WallClock));
        let services = mz_runtime::door(self.gateway.bridge.clone(), &NAMES);
        let (gateway, signer) = (self.gateway.clone(), self.signer.clone());
        let own = Router::new()
            .route("/health", get(health))
            .route("/suite/parked", get(parked))
            .route("/suite/parked/retry", post(retry))
            .route("/suite/streams/rebuild", post(rebuild))
            .route("/suite/clock", post(set_clock))
            .with_state(self);
        // Bodies that the services take are limited there: a file may be large on its way.
        let api = mz_http::router(own.merge(mz_http::pages(all_problems())), observer).merge(services);
        gateway::door(gateway, signer, api)
    }
}

fn all_problems() -> impl Iterator<Item = ProblemCode> {
    [
        mz_http::PROBLEMS,
        mz_runtime::PROBLEMS,
        problems::PROBLEMS,
        registration::PROBLEMS,
        funeral_reform::PROBLEMS,
        social_assistance::PROBLEMS,
        disbursement::PROBLEMS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[derive(Serialize)]
struct HealthPage {
    state: &'static str,
    legal_date: Date,
    services: Vec<Health>,
}

/// Open to everybody on the machine: it tells numbers and no facts.
async fn health(State(door): State<Door>) -> axum::response::Response {
    let mut services = Vec::new();
    let mut state = "ok";
    for part in door.parts.iter() {
        match part.health().await {
            Ok(health) => {
                let waits = health.relay_waits.is_some() || !health.consumer_waits.is_empty();
                if waits || health.parked > 0 {
                    state = "degraded";
                }
                services.push(health);
            }
            Err(error) => return Failure::from(error).into_response(),
        }
    }
    let status = if state == "ok" {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let page = HealthPage {
        state,
        legal_date: door.legal.clock().today(),
        services,
    };
    (status, Json(page)).into_response()
}

#[derive(Serialize)]
struct ParkedEvent {
    service: &'static str,
    #[serde(flatten)]
    parked: Parked,
}

async fn parked(State(door): State<Door>, caller: Caller) -> Result<Json<Vec<ParkedEvent>>, Failure> {
    caller.require(Role::Administrator)?;
    let mut all = Vec::new();
    for part in door.parts.iter() {
        let events = part.parked().await?;
        all.extend(events.into_iter().map(|parked| ParkedEvent {
            service: part.name(),
            parked,
        }));
    }
    Ok(Json(all))
}

#[derive(Deserialize)]
struct Retry {
    service: String,
    source: String,
    aggregate: String,
}

#[derive(Serialize)]
struct Retried {
    applied: u64,
}

fn part<'a>(door: &'a Door, name: &str) -> Result<&'a dyn Part, Problem> {
    let found = door.parts.iter().find(|part| part.name() == name);
    let unknown = || Problem::invalid("service", format!("There is no service `{name}`."));
    found.map(|part| &**part).ok_or_else(unknown)
}

async fn retry(
    State(door): State<Door>,
    caller: Caller,
    mz_http::Json(order): mz_http::Json<Retry>,
) -> Result<Json<Retried>, Failure> {
    caller.require(Role::Administrator)?;
    let part = part(&door, &order.service)?;
    match part.retry(&order.source, &order.aggregate).await {
        Ok(applied) => Ok(Json(Retried { applied })),
        Err(mz_bus::ReactionError::Store(error)) => Err(error.into()),
        Err(error) => {
            let detail = format!("The event is still parked: {}.", mz_kernel::chain(&error));
            Err(Problem::refused(problems::STILL_PARKED, detail).into())
        }
    }
}

#[derive(Deserialize)]
struct Rebuild {
    service: String,
}

async fn rebuild(
    State(door): State<Door>,
    caller: Caller,
    mz_http::Json(order): mz_http::Json<Rebuild>,
) -> Result<StatusCode, Failure> {
    caller.require(Role::Administrator)?;
    let part = part(&door, &order.service)?;
    tracing::warn!(service = part.name(), officer = %caller.officer, "an administrator has the stream made anew");
    part.rebuild_stream()
        .await
        .map_err(|error| Problem::unavailable(std::time::Duration::from_secs(2)).caused_by(error))?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, Serialize)]
struct ClockDate {
    date: Date,
}

async fn set_clock(
    State(door): State<Door>,
    caller: Caller,
    mz_http::Json(ClockDate { date }): mz_http::Json<ClockDate>,
) -> Result<Json<ClockDate>, Failure> {
    caller.require(Role::Administrator)?;
    match &door.legal {
        Legal::Wall => Err(Problem::refused(
            problems::CLOCK,
            "The suite follows the calendar; only one started with --legal-date has a date to set.",
        )
        .into()),
        Legal::Manual(clock) => {
            clock
                .set(date)
                .map_err(|error| Problem::invalid("date", error.to_string()))?;
            Ok(Json(ClockDate { date }))
        }
    }
}
