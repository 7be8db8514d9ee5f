//! One use case a file.

pub(crate) mod open_account;
