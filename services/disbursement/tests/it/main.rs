//! Stories of the money through the services' public interfaces, each on SQLite and on PostgreSQL.
#![cfg(test)]

mod accounts;
mod bank;
mod bureau;
mod cancelled;
mod held;
mod late_death;
mod offsets;
mod returned;

use bureau::{Bureau, SERVICE, results, text};
use mz_testkit::Stage;
use serde_json::json;
