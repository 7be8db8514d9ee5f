//! Gateway 网关: the console, accounts and sessions.

mod accounts;
mod api;
mod assets;
mod charts;
mod commands;
mod door;
mod entrance;
mod first;
mod format;
mod ids;
mod openapi;
mod pages;
mod problems;
mod purpose;
mod queries;
mod reading;
mod routes;
mod sessions;
mod store;
mod visit;

pub use entrance::door;
pub use first::{FIRST_LOGIN, first_administrator};
pub use problems::PROBLEMS;

use mz_bus::Reactions;
use mz_contracts::Gateway;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Gateway> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| Reactions::none(),
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
