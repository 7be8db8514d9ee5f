//! Notification 通知: hears every event, and puts the notices that each calls for into inboxes.
//!
//! | file | what |
//! |---|---|
//! | `calls.rs` | the one table: which notices each event calls for, for whom, or why none |
//! | `templates/` | their words: a file for each notice, the law that they cite by date, the words for codes |
//! | `template.rs`, `values.rs`, `law.rs` | reading and filling templates; pure |
//! | `facts.rs`, `draft.rs` | addressing and wording a notice by what is known of the person; pure |
//! | `witness.rs` | what is done with every event |
//! | `commands/`, `queries.rs`, `api.rs` | reading notices, and marking them as read |
//! | `store.rs`, `migrations/` | the only SQL |
//!
//! Facts come in any order. A notice keeps the event that called for it; when a fact about its person comes later, it
//! is addressed and worded again, so that in the end the same facts have made the same notices. One that changes
//! counts as unread, and one that moves to another inbox is told again.
//!
//! Deliberately absent: names, numbers and accounts; text messages and letters.

mod api;
mod calls;
mod commands;
mod draft;
mod facts;
mod law;
mod problems;
mod queries;
mod store;
mod template;
mod values;
mod witness;

use crate::draft::Desk;
use crate::law::{Laws, Words};
use crate::witness::Desked;
use mz_bus::Reactions;
use mz_contracts::Notification;
use mz_runtime::{App, Service, nothing_to_prepare};
use std::sync::Arc;

/// The service, for [`Service::start`].
pub fn service() -> Service<Notification> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions,
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}

#[expect(
    clippy::expect_used,
    reason = "the files are part of the program; a test reads both"
)]
fn reactions(app: &App<Notification>) -> Reactions<Notification> {
    Reactions::none().witnessed_by(Desked(Desk {
        policy: Arc::clone(&app.policy),
        laws: Arc::new(Laws::embedded().expect("laws.toml is TOML")),
        words: Arc::new(Words::embedded().expect("words.toml is TOML")),
        county: app.area.into(),
    }))
}
