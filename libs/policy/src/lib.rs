//! Law is data: what a regulation fixes (standards, terms, age bands, choices) stands in policy packs, not
//! in code, each value with its unit, the month from which it holds and the document that says so.
//!
//! A pack is one TOML file for one division:
//!
//! ```toml
//! division = "513335"
//! name = "巴塘县"
//!
//! [[parameter]]
//! key = "tekun.standard.urban"
//! unit = "fen-per-person-month"
//! from = "2020-07"
//! value = 76700
//! document = "…〔2020〕…号"
//! entered = "2020-08-10"   # optional: the legal date on which the value became known
//! ```
//!
//! A place inherits from the divisions above it. A value is looked up for the month that it is about,
//! never for today, and one that is missing is an error: no default stands in for the law.
//!
//! `pack` reads files, `policy` looks values up, `unit` says which value fits which unit.

mod pack;
mod policy;
mod unit;

pub use pack::{PackError, Parameter};
pub use policy::{Policy, PolicyError};
pub use unit::{Unit, Value};
