//! Insight 数据一张网: the person file and figures.
//!
//! | file | what |
//! |---|---|
//! | `witness.rs` | every event of every other service is kept, with the persons it tells about |
//! | `reactions.rs` | what events tell is kept as typed facts, too |
//! | `api/` | routes and wire types |
//! | `queries/` | what can be read |
//! | `figures.rs` | pure: person-times and money, added up from the lines that were told |
//! | `proof.rs` | pure: the proof of the money over two services |
//! | `timeline/` | pure: what happened to a person and why, in Chinese |
//! | `store/`, `migrations/` | the only SQL |
//!
//! Nothing is entered here: the database can be thrown away and is filled again from the streams.

mod api;
mod figures;
mod proof;
mod queries;
mod reactions;
mod store;
mod timeline;
mod witness;

use mz_contracts::Insight;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Insight> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| reactions::reactions(),
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
