//! What keeps a service going, and what an operator may ask of it. Every service answers these over the bridge, so that
//! it does not matter whether it runs in the suite's process or in one of its own:
//!
//! | request | for | answer |
//! |---|---|---|
//! | `GET /health` | everybody: it tells numbers and no facts | [`Health`]; 503 when something waits or is parked |
//! | `GET /journal/age?after=7` | everybody | for how many seconds the first row after that position has stood there |
//! | `GET /parked` | administrators | the events that could not be applied |
//! | `POST /parked/retry` | administrators | how many of an aggregate's parked events were applied now |
//! | `POST /stream/rebuild` | administrators | 202; the stream is removed and made anew from the journal |

use crate::refusals::STILL_PARKED;
use crate::{App, Failure};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use mz_bus::{Connection, Progress, ReactionError, Reactions, StreamError, parking};
use mz_contracts::Owner;
use mz_http::{Access, Caller, Json, Problem, Query, Role};
use mz_store::StoreError;
use mz_store::inbox::{Parked, Reading};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Parked events shown at once.
const PARKED_MAX: u32 = 1_000;
/// How long an operator should wait before asking for a stream again.
const REPEAT_AFTER: Duration = Duration::from_secs(2);

/// How a service is.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    /// Its name.
    pub service: &'static str,
    /// Its chain's last position.
    pub sealed: u64,
    /// Journal rows without a place in the chain yet.
    pub unsealed: u64,
    /// Its stream's last message.
    pub relayed: u64,
    /// For how long the oldest row that is not in the stream has waited, in seconds; 0 where there is none.
    pub oldest_unrelayed_seconds: u64,
    /// Why the relay waits, if it does.
    pub relay_waits: Option<String>,
    /// Up to which message of each source everything is settled.
    pub settled: BTreeMap<&'static str, u64>,
    /// Why consumers wait, if they do.
    pub consumer_waits: BTreeMap<&'static str, String>,
    /// Events that could not be applied.
    pub parked: usize,
}

impl Health {
    /// Whether nothing waits for a repair.
    pub fn is_well(&self) -> bool {
        self.relay_waits.is_none() && self.consumer_waits.is_empty() && self.parked == 0
    }
}

/// The works of a running service.
pub(crate) struct Works<S: Owner> {
    pub(crate) app: App<S>,
    pub(crate) reactions: Reactions<S>,
    pub(crate) progress: Progress,
    pub(crate) connection: Connection,
}

impl<S: Owner> Works<S> {
    pub(crate) async fn health(&self) -> Result<Health, StoreError> {
        let (head, unsealed) = self.app.db.head().await?;
        let parked = self.parked().await?.len();
        let snapshot = self.progress.watch().borrow().clone();
        Ok(Health {
            oldest_unrelayed_seconds: self.age_after(snapshot.relayed).await?,
            service: S::NAME,
            sealed: head.position,
            unsealed,
            relayed: snapshot.relayed,
            relay_waits: snapshot.relay_waits,
            settled: snapshot.settled,
            consumer_waits: snapshot.consumer_waits,
            parked,
        })
    }

    /// For how many seconds the first row after a position has stood in the journal; 0 where there is none.
    async fn age_after(&self, position: u64) -> Result<u64, StoreError> {
        let Some(recorded) = self.app.db.first_after(position).await? else {
            return Ok(0);
        };
        let now = self.app.db.surroundings().system.now();
        let micros = now.as_micros().saturating_sub(recorded.as_micros());
        Ok(u64::try_from(micros).unwrap_or(0) / 1_000_000)
    }

    pub(crate) async fn parked(&self) -> Result<Vec<Parked>, StoreError> {
        self.app.db.parked(PARKED_MAX).await
    }

    async fn retry(&self, source: String, aggregate: &str) -> Result<u64, ReactionError> {
        let reading = Reading {
            consumer: S::NAME.to_owned(),
            source,
        };
        parking::retry(&self.app.db, &self.reactions, &reading, aggregate).await
    }

    async fn rebuild_stream(&self) -> Result<(), StreamError> {
        mz_bus::remove::<S>(&self.connection).await
    }
}

/// The routes of this file's table.
pub(crate) fn routes<S: Owner>(works: Arc<Works<S>>) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/journal/age", get(age))
        .route("/parked", get(parked))
        .route("/parked/retry", post(retry))
        .route("/stream/rebuild", post(rebuild))
        .with_state(At(works))
}

struct At<S: Owner>(Arc<Works<S>>);

impl<S: Owner> Clone for At<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Owner> FromRef<At<S>> for Access {
    fn from_ref(At(works): &At<S>) -> Self {
        works.app.access.clone()
    }
}

async fn health<S: Owner>(State(At(works)): State<At<S>>) -> Result<Response, Failure> {
    let health = works.health().await?;
    let status = if health.is_well() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Ok((status, axum::Json(health)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    after: u64,
}

#[derive(Serialize)]
struct Age {
    seconds: u64,
}

async fn age<S: Owner>(
    State(At(works)): State<At<S>>,
    Query(After { after }): Query<After>,
) -> Result<axum::Json<Age>, Failure> {
    let seconds = works.age_after(after).await?;
    Ok(axum::Json(Age { seconds }))
}

async fn parked<S: Owner>(
    State(At(works)): State<At<S>>,
    caller: Caller,
) -> Result<axum::Json<Vec<Parked>>, Failure> {
    caller.require(Role::Administrator)?;
    Ok(axum::Json(works.parked().await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    source: String,
    aggregate: String,
}

#[derive(Serialize)]
struct Retried {
    applied: u64,
}

async fn retry<S: Owner>(
    State(At(works)): State<At<S>>,
    caller: Caller,
    Json(Retry { source, aggregate }): Json<Retry>,
) -> Result<axum::Json<Retried>, Failure> {
    caller.require(Role::Administrator)?;
    match works.retry(source, &aggregate).await {
        Ok(applied) => Ok(axum::Json(Retried { applied })),
        Err(ReactionError::Store(error)) => Err(error.into()),
        Err(error) => {
            let detail = format!("The event is still parked: {}.", mz_kernel::chain(&error));
            Err(Problem::refused(STILL_PARKED, detail).into())
        }
    }
}

async fn rebuild<S: Owner>(State(At(works)): State<At<S>>, caller: Caller) -> Result<StatusCode, Failure> {
    caller.require(Role::Administrator)?;
    tracing::warn!(service = S::NAME, officer = %caller.officer, "an administrator has the stream made anew");
    let removed = works.rebuild_stream().await;
    removed.map_err(|error| Problem::unavailable(REPEAT_AFTER).caused_by(error))?;
    Ok(StatusCode::ACCEPTED)
}
