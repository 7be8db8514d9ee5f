//! The only SQL of the service.

mod accounts;
mod reads;
mod sessions;

pub(crate) use accounts::{
    AccountRow, account, account_by_id, accounts_listed, change_account, close_account, count_try,
    forget_tries, has_accounts, insert_account, set_password,
};
pub(crate) use reads::{ReadFilter, ReadRow, insert_read, reads};
pub(crate) use sessions::{
    SessionRow, begin_session, end_other_sessions, end_session, end_sessions, purpose, session, state_purpose,
};

use mz_store::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_gateway",
        sql: include_str!("../../migrations/0001_gateway.sql"),
    },
    Migration {
        name: "0002_accounts_and_reads",
        sql: include_str!("../../migrations/0002_accounts_and_reads.sql"),
    },
];
