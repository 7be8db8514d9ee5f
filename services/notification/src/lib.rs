//! Notification 通知: hears every event, and puts the notices that each calls for into inboxes.
//!
//! | file | what |
//! |---|---|
//! | `calls.rs` | which event calls for which notices, or why for none |
//! | `bases.rs`, `templates/bases.txt` | the law that a notice names, by its day |
//! | `templates.rs`, `templates/` | the words of each notice, in Chinese |
//! | `witness.rs` | every event is heard, and its notices are issued |
//! | `api.rs` | routes and wire types |
//! | `queries.rs` | what can be read |
//! | `store.rs`, `migrations/` | the only SQL |
//!
//! A notice holds neither name nor number. What is told of a person after
//! their death was registered is the family's; what was told before stays told to the person.
//!
//! Deliberately absent: delivery by message or post.

mod api;
mod bases;
mod calls;
mod queries;
mod store;
mod templates;
mod witness;

use mz_bus::Reactions;
use mz_contracts::Notification;
use mz_runtime::{Service, nothing_to_prepare};
use std::sync::Arc;

/// The service, for [`Service::start`].
pub fn service() -> Service<Notification> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |app| {
            let policy = Arc::clone(&app.policy);
            Reactions::none().witnessed_by(witness::Issuer { policy })
        },
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
