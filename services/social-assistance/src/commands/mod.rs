//! One use case a file: load, decide, save, emit.

pub(crate) mod accept_case;
pub(crate) mod adopt_policy;
pub(crate) mod decide_case;
pub(crate) mod decide_standard;
pub(crate) mod decide_stop;
pub(crate) mod move_case;
pub(crate) mod open_run;
pub(crate) mod propose_standard;
pub(crate) mod propose_stop;
pub(crate) mod settle_part;
pub(crate) mod tell_end;
