//! A service, as its crate describes it, and the same service running.

use crate::adapter::Routes;
use crate::works::{self, Works};
use crate::{Failure, Health};
use axum::Router;
use futures::future::BoxFuture;
use mz_bus::StreamError;
use mz_bus::bridge::{self, Bridge, Serving};
use mz_bus::{
    Address, ConnectError, Connection, Consumer, Lead, Pause, Progress, Reactions, Relay, Snapshot,
};
use mz_contracts::Owner;
use mz_contracts::subject::Area;
use mz_http::Access;
use mz_kernel::Calendar;
use mz_policy::Policy;
use mz_store::inbox::Parked;
use mz_store::{Db, Keyring, Migration, StoreError, Surroundings};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A service as a table of contents.
pub struct Service<S: Owner> {
    /// Its version.
    pub version: &'static str,
    /// Its migrations, in order.
    pub migrations: &'static [Migration],
    /// What it does when others tell it a fact.
    pub reactions: fn(&App<S>) -> Reactions<S>,
    /// What has to be done before it serves; [`nothing_to_prepare`] where nothing has. Done at each start.
    pub prepare: fn(App<S>) -> BoxFuture<'static, Result<(), Failure>>,
    /// Its routes.
    pub routes: fn(App<S>) -> Router,
}

/// For services that need no preparation.
pub fn nothing_to_prepare<S>(_: App<S>) -> BoxFuture<'static, Result<(), Failure>> {
    Box::pin(std::future::ready(Ok(())))
}

/// What the routes and reactions of a service work with. Cheap to clone.
pub struct App<S> {
    /// Its database.
    pub db: Db<S>,
    /// Other services.
    pub bridge: Bridge,
    /// Law as data (D6).
    pub policy: Arc<Policy>,
    /// Working days.
    pub calendar: Arc<Calendar>,
    /// Its sealed columns.
    pub keyring: Arc<Keyring>,
    /// Whose bureau runs it.
    pub area: Area,
    /// How it recognises callers.
    pub access: Access,
}

impl<S> Clone for App<S> {
    fn clone(&self) -> Self {
        Self {
            db: self.db.clone(),
            bridge: self.bridge.clone(),
            policy: Arc::clone(&self.policy),
            calendar: Arc::clone(&self.calendar),
            keyring: Arc::clone(&self.keyring),
            area: self.area,
            access: self.access.clone(),
        }
    }
}

impl<S> axum::extract::FromRef<App<S>> for Access {
    fn from_ref(app: &App<S>) -> Self {
        app.access.clone()
    }
}

/// Where and with what a service runs.
#[derive(Clone)]
pub struct Setting {
    /// `sqlite:<path>` or `postgres://…`.
    pub database: String,
    /// NATS.
    pub nats: Address,
    /// Whose bureau runs it.
    pub area: Area,
    /// This instance's name: it holds leases under it.
    pub instance: String,
    /// Clocks, ids and faults.
    pub surroundings: Surroundings,
    /// Law as data.
    pub policy: Arc<Policy>,
    /// Working days.
    pub calendar: Arc<Calendar>,
    /// The service's keys.
    pub keyring: Arc<Keyring>,
    /// How it recognises callers.
    pub access: Access,
    /// Holds what it applies of others' events still.
    pub pause: Pause,
}

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its database.
    #[error("the database of {service} cannot be opened")]
    Database {
        /// The service.
        service: &'static str,
        /// Why not.
        #[source]
        source: StoreError,
    },
    /// NATS.
    #[error("{service} cannot connect to NATS")]
    Nats {
        /// The service.
        service: &'static str,
        /// Why not.
        #[source]
        source: ConnectError,
    },
    /// Its preparation.
    #[error("{service} cannot prepare itself: {detail}")]
    Prepare {
        /// The service.
        service: &'static str,
        /// What was refused.
        detail: String,
    },
    /// Its requests.
    #[error("{service} cannot take requests")]
    Requests {
        /// The service.
        service: &'static str,
        /// Why not.
        #[source]
        source: StreamError,
    },
}

/// A running service.
pub struct Running<S: Owner> {
    works: Arc<Works<S>>,
    serving: Mutex<Option<Serving>>,
    consumers: TaskTracker,
    stop_consumers: CancellationToken,
    relay: TaskTracker,
    stop_relay: CancellationToken,
}

/// A running service, whichever it is: what a suite, its health page and its tests need of it.
pub trait Part: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// The services whose streams it reads.
    fn sources(&self) -> Vec<&'static str>;
    /// How far it has come.
    fn progress(&self) -> tokio::sync::watch::Receiver<Snapshot>;
    /// How it is.
    fn health(&self) -> BoxFuture<'_, Result<Health, StoreError>>;
    /// What it could not apply.
    fn parked(&self) -> BoxFuture<'_, Result<Vec<Parked>, StoreError>>;
    /// Recomputes its journal's chain; answers the last position.
    fn verify(&self) -> BoxFuture<'_, Result<u64, StoreError>>;
    /// Copies its database into a folder.
    fn snapshot<'a>(&'a self, folder: &'a Path) -> BoxFuture<'a, Result<mz_store::Snapshot, StoreError>>;
    /// Drains and closes.
    fn stop(&self) -> BoxFuture<'_, ()>;
}

impl<S: Owner> Part for Running<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }
    fn sources(&self) -> Vec<&'static str> {
        self.works.reactions.sources().map(|(name, _)| name).collect()
    }
    fn progress(&self) -> tokio::sync::watch::Receiver<Snapshot> {
        self.works.progress.watch()
    }
    fn health(&self) -> BoxFuture<'_, Result<Health, StoreError>> {
        Box::pin(self.works.health())
    }
    fn parked(&self) -> BoxFuture<'_, Result<Vec<Parked>, StoreError>> {
        Box::pin(self.works.parked())
    }
    fn verify(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move { self.app().db.verify_chain().await.map(|head| head.position) })
    }
    fn snapshot<'a>(&'a self, folder: &'a Path) -> BoxFuture<'a, Result<mz_store::Snapshot, StoreError>> {
        Box::pin(async move { self.app().db.snapshot(folder).await })
    }
    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(Running::stop(self))
    }
}

impl<S: Owner> Service<S> {
    /// Opens the database, connects, and starts relay, consumers and routes.
    pub async fn start(self, setting: Setting) -> Result<Running<S>, StartError> {
        let service = S::NAME;
        let db = Db::<S>::open(&setting.database, self.migrations, setting.surroundings)
            .await
            .map_err(|source| StartError::Database { service, source })?;
        let connection = Connection::open(&setting.nats, service)
            .await
            .map_err(|source| StartError::Nats { service, source })?;
        let app = App {
            db,
            bridge: Bridge::new(connection.clone(), setting.area),
            policy: setting.policy,
            calendar: setting.calendar,
            keyring: setting.keyring,
            area: setting.area,
            access: setting.access,
        };
        (self.prepare)(app.clone())
            .await
            .map_err(|Failure(problem)| StartError::Prepare {
                service,
                detail: problem.body().detail.clone(),
            })?;
        let reactions = (self.reactions)(&app).paused_by(&setting.pause);
        let progress = Progress::new();
        let relay = TaskTracker::new();
        let stop_relay = CancellationToken::new();
        let lead = Lead::new(&app.db, &setting.instance);
        let copying = Relay::new(
            app.db.clone(),
            connection.clone(),
            app.area,
            lead.clone(),
            progress.clone(),
        );
        relay.spawn(copying.run(stop_relay.clone()));
        let consumers = TaskTracker::new();
        let stop_consumers = CancellationToken::new();
        for consumer in Consumer::all(&app.db, &connection, &reactions, &lead, &progress) {
            consumers.spawn(consumer.run(stop_consumers.clone()));
        }
        let routes = (self.routes)(app.clone());
        let area = app.area;
        let works = Arc::new(Works {
            app,
            reactions,
            progress,
            connection,
        });
        let routes = Arc::new(Routes(routes.merge(works::routes(Arc::clone(&works)))));
        let serving = bridge::serve(&works.connection, area, service, self.version, routes)
            .await
            .map_err(|source| StartError::Requests { service, source })?;
        Ok(Running {
            works,
            serving: Mutex::new(Some(serving)),
            consumers,
            stop_consumers,
            relay,
            stop_relay,
        })
    }
}

impl<S: Owner> Running<S> {
    /// What its routes work with.
    pub fn app(&self) -> &App<S> {
        &self.works.app
    }

    /// How far it has come.
    pub fn progress(&self) -> &Progress {
        &self.works.progress
    }

    /// How it is.
    pub async fn health(&self) -> Result<Health, StoreError> {
        self.works.health().await
    }

    /// Drains: answers what was asked, applies what is in hand, relays what is committed; then closes.
    pub async fn stop(&self) {
        if let Some(serving) = self.serving.lock().await.take() {
            serving.stop().await;
        }
        self.stop_consumers.cancel();
        self.consumers.close();
        self.consumers.wait().await;
        self.stop_relay.cancel();
        self.relay.close();
        self.relay.wait().await;
        self.works.connection.close().await;
        self.app().db.close().await;
    }
}
