//! Notification 通知: hears every event, and puts the notices that each calls for into inboxes.

use axum::Router;
use mz_bus::Reactions;
use mz_contracts::Notification;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Notification> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: &[],
        reactions: |_| Reactions::none(),
        prepare: nothing_to_prepare,
        routes: |app| app.router(Router::new()),
    }
}
