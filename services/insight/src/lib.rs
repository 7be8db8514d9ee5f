//! Insight 数据一张网: the person file and figures.
//!
//! | file | what |
//! |---|---|
//! | `witness.rs` | every event of every other service is kept, with the persons it tells about |
//! | `reactions.rs` | what events tell is kept as typed facts, too |
//! | `api/` | routes and wire types |
//! | `commands/` | the one thing that is done here: a report is released |
//! | `queries/` | what can be read |
//! | `indicators.toml`, `indicators/` | what is counted, as data; read and checked at the start |
//! | `figures.rs` | a figure as it is told, and as a report keeps it |
//! | `checks.rs`, `flags.rs` | pure: what must hold between the figures of a report, and what is printed where it does not |
//! | `standards.rs` | pure: which standard applies where and when |
//! | `proof.rs` | pure: the proof of the money over two services |
//! | `timeline/` | pure: what happened to a person and why, in Chinese |
//! | `store/`, `migrations/` | the only SQL |
//!
//! Reports are released here. Everything else is heard: it can be thrown away and is filled again from the streams.

mod api;
mod checks;
mod commands;
mod figures;
mod flags;
#[cfg(test)]
mod histories;
mod indicators;
mod proof;
mod queries;
mod reactions;
mod standards;
mod store;
mod timeline;
mod witness;

use mz_contracts::Insight;
use mz_http::Problem;
use mz_runtime::{Failure, Service};

/// The service, for [`Service::start`].
pub fn service() -> Service<Insight> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| reactions::reactions(),
        prepare: |_| Box::pin(std::future::ready(indicators_hold())),
        routes: api::routes,
    }
}

/// The service does not start with indicators that do not hold together, and says which row it is.
fn indicators_hold() -> Result<(), Failure> {
    let held = indicators::Indicators::held();
    held.map_err(|error| Failure(Problem::invalid("indicators.toml", mz_kernel::chain(error))))
}
