//! The only SQL of the service.

mod events;
mod facts;
mod figures;
mod overview;
mod proof;
mod relations;
mod reports;

pub(crate) use events::*;
pub(crate) use facts::*;
pub(crate) use figures::*;
pub(crate) use overview::*;
pub(crate) use proof::*;
pub(crate) use reports::*;

use mz_store::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_insight",
    sql: include_str!("../../migrations/0001_insight.sql"),
}];
