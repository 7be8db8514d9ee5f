//! Funeral reform 殡葬改革: the register of deaths.
//!
//! | file | what |
//! |---|---|
//! | `api.rs` | routes and wire types |
//! | `commands/` | one use case a file: load → decide → save → emit |
//! | `queries.rs` | what can be read |
//! | `deaths.rs` | the rules, pure: which day can be a day of death, and when an entry is late |
//! | `store.rs`, `migrations/` | the only SQL |
//! | `problems.rs`, `problems/` | what can be refused, a page each |
//!
//! A registered death is the fact that stops benefits in other services, however late it is registered; they react
//! to the event. The service itself reacts to nothing.
//!
//! Deliberately absent: cremations, burials, cemeteries, fee waivers.

mod api;
mod commands;
mod deaths;
mod ids;
mod problems;
mod queries;
mod store;

use mz_bus::Reactions;
use mz_contracts::FuneralReform;
use mz_runtime::{Service, nothing_to_prepare};

pub use problems::PROBLEMS;

/// The service, for [`Service::start`].
pub fn service() -> Service<FuneralReform> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| Reactions::none(),
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
