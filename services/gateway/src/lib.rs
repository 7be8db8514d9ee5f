//! Gateway 网关: the console, accounts and sessions.

mod accounts;
mod door;
mod sessions;
mod store;

use axum::Router;
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
        routes: |app| app.router(Router::new()),
    }
}
