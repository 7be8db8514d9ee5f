//! The only SQL of the service.

mod cases;
mod entitlements;
mod lines;
mod runs;
mod standards;

use mz_store::Migration;

pub(crate) use cases::*;
pub(crate) use entitlements::*;
pub(crate) use lines::*;
pub(crate) use runs::*;
pub(crate) use standards::*;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_social_assistance",
    sql: include_str!("../../migrations/0001_social_assistance.sql"),
}];
