//! Between a service's routes and its commands: what a command takes over from the request that asked for it.

use crate::App;
use axum::Router;
use mz_contracts::Owner;
use mz_http::{Caller, Correlation, Keyed, Observer};
use mz_kernel::Date;
use mz_store::{Origin, RequestKey};
use std::sync::Arc;

impl<S: Owner> App<S> {
    /// A service's routes, finished with all that every service answers alike (see [`mz_http::router`]).
    pub fn router(self, routes: Router<Self>) -> Router {
        let surroundings = self.db.surroundings();
        let observer = Observer::new(Arc::clone(&surroundings.ids), Arc::clone(&surroundings.system));
        mz_http::router(routes.with_state(self), observer)
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

/// Who causes the events of a command, and what they belong to: the officer, and the request's correlation.
pub fn origin(caller: &Caller, correlation: &Correlation) -> Origin {
    Origin {
        actor: caller.actor(),
        correlation: correlation.as_str().to_owned(),
        causation: None,
    }
}
