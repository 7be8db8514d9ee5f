//! A year of a county as data: how many persons there were, when they came and went, and what was printed about it.
//!
//! `file` and `figures` read a scenario, `persons` makes up the persons from its seed, `steps` puts everything that
//! officers do into the order of the legal dates. All of it is pure: the same file gives the same persons, dates and
//! keys.

mod figures;
mod file;
mod persons;
mod random;
mod steps;

pub use figures::{Count, Figure, Figures, Ours};
pub use file::{
    Class, Death, Mode, Opening, Overpaid, Return, Scenario, ScenarioError, Start, Stop, Township,
};
pub use persons::{End, Person, Returned};
pub use steps::{Action, Day, Plan, PlanError, Standard, Step};
