//! One use case a file: load, decide, save, emit.

pub(crate) mod decide_annulment;
pub(crate) mod propose_annulment;
pub(crate) mod register_death;
