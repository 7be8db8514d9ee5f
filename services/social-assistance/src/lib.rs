//! Social assistance 社会救助: cases, entitlements, and the month's lines; so far of tekun 特困人员救助供养.
//!
//! | file | what |
//! |---|---|
//! | `api/` | routes and wire types |
//! | `commands/` | one use case a file: load → decide → save → emit |
//! | `queries/` | what can be read |
//! | `reactions.rs` | what a death told by funeral-reform changes |
//! | `tekun.rs`, `tekun/` | the programme: its words, its rules, and what is owed for a month; pure |
//! | `facts.rs` | loading what that depends on, for many at once |
//! | `store/`, `migrations/` | the only SQL |
//! | `problems.rs`, `problems/` | what can be refused, a page each |
//!
//! The month's run (`commands/open_run.rs`, `commands/settle_part.rs`) writes for every month in its window what is owed
//! minus what was lined. So the first payment, the back-pay after a raised standard and the take-back after a late
//! death are one rule, and running twice writes nothing.
//!
//! Deliberately absent: names and numbers of persons (only their ids are known here), and payment.

mod api;
mod commands;
mod facts;
mod ids;
mod problems;
mod queries;
mod reactions;
mod store;
mod tekun;
mod words;

use crate::commands::adopt_policy::AdoptPolicy;
use futures::future::BoxFuture;
use mz_contracts::SocialAssistance;
use mz_runtime::{App, Failure, Service};
use std::sync::Arc;

pub use problems::PROBLEMS;

/// The service, for [`Service::start`].
pub fn service() -> Service<SocialAssistance> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: reactions::reactions,
        prepare: adopt_standards,
        routes: api::routes,
    }
}

fn adopt_standards(app: App<SocialAssistance>) -> BoxFuture<'static, Result<(), Failure>> {
    Box::pin(async move {
        let work = AdoptPolicy {
            policy: Arc::clone(&app.policy),
            area: app.area.into(),
        };
        app.db.write(work).await
    })
}
