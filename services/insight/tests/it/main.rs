//! Stories of insight through its public interface, beside the services that it listens to, each on SQLite and on
//! PostgreSQL.
#![cfg(test)]

mod bureau;
mod figures;
mod overview;
mod reports;
mod timelines;

use bureau::{ASSISTANCE, Bureau, OTHER_TOWNSHIP, SERVICE, TOWNSHIP, text};
use mz_http::Role;
use mz_testkit::Stage;
use serde_json::{Value, json};
