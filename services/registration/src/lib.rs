//! Registration 登记: the identity register and the division tree.
//!
//! | file | what |
//! |---|---|
//! | `api.rs` | routes and wire types |
//! | `commands/` | one use case a file: load → decide → save → emit |
//! | `queries.rs` | what can be read |
//! | `reactions.rs` | what a death told by funeral-reform changes |
//! | `identity.rs`, `divisions.rs` | the rules, pure |
//! | `sealed.rs` | how names and numbers are hidden |
//! | `store.rs`, `migrations/` | the only SQL |
//! | `problems.rs`, `problems/` | what can be refused, a page each |
//!
//! A [`PersonId`](mz_kernel::PersonId) is random and stays a person's for life. The register keeps a dated map from
//! the keyed hash of a document's number to it (D8), so that a number that was typed wrongly and is corrected never
//! hands one person's case to another.
//!
//! Deliberately absent: households, marriages, merging of persons, names in any form but sealed or masked.

mod api;
mod commands;
mod divisions;
mod identity;
mod ids;
mod problems;
mod queries;
mod reactions;
mod sealed;
mod store;

use mz_contracts::Registration;
use mz_runtime::{Service, nothing_to_prepare};

pub use problems::PROBLEMS;

/// The service, for [`Service::start`].
pub fn service() -> Service<Registration> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| reactions::reactions(),
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
