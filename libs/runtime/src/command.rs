//! What a command takes over from the request that asked for it.

use crate::App;
use mz_http::{Caller, Correlation, Keyed};
use mz_store::{Origin, RequestKey};

impl<S> App<S> {
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
