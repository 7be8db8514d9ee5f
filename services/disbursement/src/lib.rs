//! Disbursement 一卡通发放: payees, batches, bank files, results, recoveries.
//!
//! | file | what |
//! |---|---|
//! | `rules/` | what is payable, netted, kept back, absorbed; the bank's files; pure |
//! | `store/`, `migrations/` | the only SQL |
//! | `formats/` | the bank file and the result file |
//!
//! Not there yet: reactions, commands and routes, which bring rules and store together.

#![expect(
    dead_code,
    unused_imports,
    reason = "rules and store are not reached before the commands and routes are there"
)]

mod ids;
mod moves;
mod reactions;
mod rules;
mod store;
mod words;

use axum::Router;
use mz_contracts::Disbursement;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Disbursement> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| reactions::reactions(),
        prepare: nothing_to_prepare,
        routes: |app| app.router(Router::new()),
    }
}
