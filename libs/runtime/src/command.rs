//! Between a service's routes and its commands: what a command takes over from the request that asked for it.

use crate::{App, Failure};
use axum::Router;
use mz_contracts::Owner;
use mz_http::{Api, Caller, Correlation, Created, Done, Keyed, Observer};
use mz_kernel::Date;
use mz_store::{Origin, RequestKey, Work};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

impl<S: Owner> App<S> {
    /// A service's routes, finished with all that every service answers alike (see [`mz_http::router`]).
    pub fn router(self, routes: Router<Self>) -> Router {
        let observer = self.observer();
        mz_http::router(routes.with_state(self), observer)
    }

    /// What watches the requests of this service.
    pub fn observer(&self) -> Observer {
        let surroundings = self.db.surroundings();
        let (ids, clock) = (Arc::clone(&surroundings.ids), Arc::clone(&surroundings.system));
        Observer::new(S::NAME, ids, clock)
    }

    /// The same, for routes that describe themselves: `GET /openapi.json` and the pages of the problem codes are
    /// served, too.
    pub fn api(self, api: Api<Self>) -> Router {
        self.router(
            api.knows(crate::PROBLEMS)
                .into_router(S::NAME, env!("CARGO_PKG_VERSION")),
        )
    }

    /// Does a command once under its key; 200.
    pub async fn done<W>(&self, request: RequestKey, work: W) -> Result<Done<W::Output>, Failure>
    where
        W: Work<S, Error = Failure>,
        W::Output: Serialize + DeserializeOwned,
    {
        let answer = self.db.write_once(request, work).await?;
        Ok(Done {
            output: answer.output,
            replayed: answer.replayed,
        })
    }

    /// Does a command that makes something once under its key; 201.
    pub async fn created<W>(&self, request: RequestKey, work: W) -> Result<Created<W::Output>, Failure>
    where
        W: Work<S, Error = Failure>,
        W::Output: Serialize + DeserializeOwned,
    {
        let Done { output, replayed } = self.done(request, work).await?;
        Ok(Created { output, replayed })
    }

    /// The legal date, for reading what was typed; a unit of work has its own.
    pub fn today(&self) -> Date {
        self.db.surroundings().legal.today()
    }

    /// The command's key, as [`mz_store::Db::write_once`] remembers it.
    ///
    /// The fingerprint is hashed with a key: whoever holds the database could otherwise find the identity number in
    /// a body by trying all of them.
    pub fn request_key<T>(&self, caller: &Caller, command: &Keyed<T>) -> RequestKey {
        RequestKey {
            caller: caller.officer.to_string(),
            key: command.key.as_str().to_owned(),
            fingerprint: self.keyring.search_hash("request", &command.fingerprint),
        }
    }
}

/// Who causes the events of a command, and what they belong to: the officer, and the request's correlation
/// and trace.
pub fn origin(caller: &Caller, correlation: &Correlation) -> Origin {
    Origin {
        actor: caller.actor(),
        correlation: correlation.as_str().to_owned(),
        causation: None,
        trace: mz_trace::current(),
    }
}
