//! The rules, pure: no await, no clock, no SQL.

pub(crate) mod account;
pub(crate) mod bank_file;
pub(crate) mod capitals;
pub(crate) mod csv;
pub(crate) mod netting;
pub(crate) mod numbers;
pub(crate) mod recovery;
pub(crate) mod result_file;
pub(crate) mod standing;
