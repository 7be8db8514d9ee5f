//! Published by gateway 网关.

use crate::Code;
use mz_kernel::{Date, DateSchema, DivisionCode, OfficerId};

event! {
    /// An account was opened or changed (账号).
    pub struct UserRegistered v1 of Gateway at user.registered keyed by officer in division {
        /// The account.
        officer: OfficerId,
        /// What it may do, such as `bureau-officer`.
        roles: Vec<Code>,
        /// The division that it works for.
        division: DivisionCode,
        /// Whether it may sign in.
        active: bool,
        /// The day.
        #[schemars(with = "DateSchema")]
        registered_on: Date,
    }
    sample {
        "officer": "off_01e5cg0000000000000000f001",
        "roles": ["bureau-officer"],
        "division": "513335",
        "active": true,
        "registered_on": "2020-01-02"
    }
}
