//! The only SQL of the service. Rows that many change at once are saved by [`mz_store::Conn::insert_all`], which writes
//! them in one statement, new or not.

mod accounts;
mod batches;
mod facts;
mod lines;
mod payments;
mod proof;
mod recoveries;

pub(crate) use accounts::*;
pub(crate) use batches::*;
pub(crate) use facts::*;
pub(crate) use lines::*;
pub(crate) use payments::*;
pub(crate) use proof::*;
pub(crate) use recoveries::*;

use mz_store::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_disbursement",
    sql: include_str!("../../migrations/0001_disbursement.sql"),
}];
