//! The common life of a case 办件, without any programme in it: pure, so that it can be tested as
//! arithmetic is.
//!
//! | module | what it settles |
//! |---|---|
//! | [`stage`] | which moves a case can make; maker and checker; reasons |
//! | [`clock`] | the legal clock: terms, pauses, the day on which a case is due |
//! | [`timeline`] | dated facts: what held for a month, as known at an instant |
//! | [`entitlement`] | owed minus lined: the lines of a month's run |
//! | [`proof`] | the equalities that money must satisfy from what is owed to what is repaid |
//!
//! A service loads, asks here, and stores the answer. Nothing here awaits, reads a clock or knows SQL.

pub mod cause;
pub mod clock;
pub mod entitlement;
pub mod proof;
pub mod stage;
pub mod timeline;

pub use cause::Cause;
pub use clock::{CaseClock, ClockRefusal, Pause, PauseReason, Term, TimeLeft};
pub use entitlement::{LineKind, Lined, NewLine, Owed, Run, SettleError, net_by_month, person_times, settle};
pub use proof::{Equality, Gap, Proof};
pub use stage::{Command, Decision, Outcome, Proposal, Reasons, Refusal, Stage, Withdrawal, decide};
pub use timeline::{Dated, Timeline};
