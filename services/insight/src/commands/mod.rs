//! One use case a file: load, decide, save, emit.

pub(crate) mod release_report;
