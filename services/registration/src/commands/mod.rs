//! One use case a file: load, decide, save, emit.

pub(crate) mod decide_correction;
pub(crate) mod enter_divisions;
pub(crate) mod propose_correction;
pub(crate) mod register_person;
