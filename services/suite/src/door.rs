//! What the suite's HTTP door has besides that of every gateway ([`mz_runtime::door`]): the health of the services in
//! this process, which is told even while NATS is away, the legal date that is moved by hand, and copies of all databases.

use crate::backup::Copied;
use crate::problems;
use crate::suite::{Legal, SuiteError};
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::future::try_join_all;
use mz_bus::Pause;
use mz_bus::bridge::Bridge;
use mz_contracts::Gateway;
use mz_http::{Access, Caller, Problem, Role, TokenSigner};
use mz_kernel::Date;
use mz_runtime::{App, Failure, Health, HealthPage, Listening, Part};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What the door's own routes work with.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) parts: Arc<[Box<dyn Part>]>,
    pub(crate) access: Access,
    pub(crate) legal: Legal,
    pub(crate) pause: Pause,
    pub(crate) bridge: Bridge,
}

impl axum::extract::FromRef<Door> for Access {
    fn from_ref(door: &Door) -> Self {
        door.access.clone()
    }
}

impl Door {
    /// All that answers over HTTP: these, the services, and the console.
    pub(crate) fn routes(self, gateway: App<Gateway>, signer: TokenSigner) -> Router {
        let own = Router::new()
            .route("/health", get(health))
            .route("/metrics", get(metrics))
            .route("/suite/clock", post(set_clock))
            .route("/suite/snapshots", post(take_snapshots))
            .with_state(self);
        let api = mz_runtime::door(&gateway, own, problems::PROBLEMS);
        gateway::door(gateway, signer, api)
    }
}

/// Listens on the address, or on a free port of the same host when it is taken.
pub(crate) async fn open(routes: Router, wanted: SocketAddr) -> Result<Listening, SuiteError> {
    let listening = match Listening::open(wanted, routes.clone()).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            Listening::open(SocketAddr::new(wanted.ip(), 0), routes).await
        }
        other => other,
    };
    listening.map_err(|source| SuiteError::Listen {
        address: wanted,
        source,
    })
}

async fn health(State(door): State<Door>) -> Result<HealthPage<Health>, Failure> {
    let services = try_join_all(door.parts.iter().map(|part| part.health())).await?;
    Ok(HealthPage::of(door.legal.clock().today(), services))
}

async fn metrics(State(door): State<Door>) -> Result<Response, Failure> {
    let bridge = door.bridge.clone();
    Ok(health(State(door)).await?.metrics(&bridge).await)
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

#[derive(Deserialize, Serialize)]
struct SnapshotFolder {
    /// A folder of this machine, which is there and empty.
    folder: PathBuf,
}

/// `POST /suite/snapshots`: copies every database, in a state in which no service has taken in what another has not told.
async fn take_snapshots(
    State(door): State<Door>,
    caller: Caller,
    mz_http::Json(SnapshotFolder { folder }): mz_http::Json<SnapshotFolder>,
) -> Result<Json<Vec<Copied>>, Failure> {
    caller.require(Role::Administrator)?;
    let still = door.pause.hold().await;
    let mut copies = Vec::new();
    for part in &*door.parts {
        let copy = part.snapshot(&folder).await?;
        copies.push(Copied::of(part.name(), copy));
    }
    drop(still);
    Ok(Json(copies))
}
