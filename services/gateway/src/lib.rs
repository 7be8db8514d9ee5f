//! Gateway 网关: the console, accounts, sessions, and who read about whom.
//!
//! | file | what |
//! |---|---|
//! | `entrance.rs` | the door: signing in and out, the API opened to sessions, what another site may not send |
//! | `visit.rs`, `routes/` | who asks for a page or sends a form, and the page that they get |
//! | `pages/ask.rs`, `pages/orders.rs` | what a page asks the services, and what its form orders of them |
//! | `pages/`, `templates/`, `assets/`, `charts/` | pages as plain data, and how they are drawn |
//! | `reading.rs`, `purpose.rs` | readings about persons are noted, with their purpose |
//! | `accounts.rs`, `sessions.rs`, `first.rs` | passwords, sessions, and the first administrator |
//! | `api.rs`, `commands/`, `queries.rs` | the service's own routes: accounts and the audit |
//! | `openapi.rs` | one document out of those of all services |
//! | `store/`, `migrations/` | the only SQL |

mod accounts;
mod api;
mod assets;
mod charts;
mod commands;
mod door;
mod entrance;
mod first;
mod format;
mod ids;
mod openapi;
mod pages;
mod problems;
mod purpose;
mod queries;
mod reading;
mod routes;
mod sessions;
mod store;
mod visit;

pub use entrance::door;
pub use first::{FIRST_LOGIN, first_administrator};
pub use problems::PROBLEMS;

use mz_bus::Reactions;
use mz_contracts::Gateway;
use mz_runtime::{Service, nothing_to_prepare};

/// The service, for [`Service::start`].
pub fn service() -> Service<Gateway> {
    Service {
        version: env!("CARGO_PKG_VERSION"),
        migrations: store::MIGRATIONS,
        reactions: |_| Reactions::none(),
        prepare: nothing_to_prepare,
        routes: api::routes,
    }
}
