//! Insight 数据一张网: the person file, indicators and reports.

use axum::Router;
use mz_bus::Reactions;
use mz_contracts::Insight;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Insight> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: &[],
        reactions: |_| Reactions::none(),
        prepare: nothing_to_prepare,
        routes: |app| app.router(Router::new()),
    }
}
