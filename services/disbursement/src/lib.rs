//! Disbursement 一卡通发放: payees, batches, bank files, results, recoveries.

use axum::Router;
use mz_bus::Reactions;
use mz_contracts::Disbursement;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Disbursement> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: &[],
        reactions: |_| Reactions::none(),
        prepare: nothing_to_prepare,
        routes: |app| app.router(Router::new()),
    }
}
