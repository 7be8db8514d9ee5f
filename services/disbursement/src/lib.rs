//! Disbursement 一卡通发放: payees, batches, bank files, results, recoveries.
//!
//! | file | what |
//! |---|---|
//! | `api/` | routes and wire types |
//! | `commands/` | one use case a file: load → decide → save → emit |
//! | `queries/` | what can be read |
//! | `reactions.rs` | what grants, stops, deaths and lines told by others change |
//! | `moves/` | what several of these do to the books: netting, leaving a batch, paying a recovery by a return |
//! | `rules/` | what is payable, netted, kept back, absorbed; the bank's files; pure |
//! | `store/`, `migrations/` | the only SQL |
//! | `formats/` | the bank file and the result file |
//! | `histories/` | random histories, under test alone |
//! | `problems.rs`, `problems/` | what can be refused, a page each |

mod api;
mod commands;
#[cfg(test)]
mod histories;
mod ids;
mod moves;
mod problems;
mod queries;
mod reactions;
mod rules;
mod store;
mod words;

use mz_contracts::Disbursement;
use mz_runtime::{Service, nothing_to_prepare};

pub use problems::PROBLEMS;

/// The service, for [`Service::start`].
pub fn service() -> Service<Disbursement> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| reactions::reactions(),
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
