//! Units, and the values that fit them.

use std::fmt;

use mz_kernel::Fen;
use serde::{Deserialize, Serialize};

/// What a value counts. Closed, so that no reader has to guess what `70200` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Money in fen for each person and month.
    FenPerPersonMonth,
    /// Money in fen for each household and month.
    FenPerHouseholdMonth,
    /// Money in fen, once.
    Fen,
    /// A plain number: persons, items, times.
    Count,
    /// Working days 工作日.
    WorkingDays,
    /// Calendar days 日.
    CalendarDays,
    /// Months.
    Months,
    /// Full years, as of age 周岁.
    Years,
    /// One word out of those that the reading code knows.
    Choice,
    /// Yes or no.
    Flag,
}

/// A value, in the shape that its unit asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Money, not negative.
    Money(Fen),
    /// A number of things, days, months or years.
    Number(u32),
    /// A word.
    Choice(String),
    /// Yes or no.
    Flag(bool),
}

impl Unit {
    /// The value in this unit's shape, or none if it does not fit: money and numbers are TOML integers and
    /// not negative, choices are non-empty strings, flags are booleans.
    pub(crate) fn read(self, raw: &toml::Value) -> Option<Value> {
        match self {
            Unit::FenPerPersonMonth | Unit::FenPerHouseholdMonth | Unit::Fen => raw
                .as_integer()
                .filter(|fen| *fen >= 0)
                .map(|fen| Value::Money(Fen::new(fen))),
            Unit::Count | Unit::WorkingDays | Unit::CalendarDays | Unit::Months | Unit::Years => raw
                .as_integer()
                .and_then(|number| u32::try_from(number).ok())
                .map(Value::Number),
            Unit::Choice => raw
                .as_str()
                .filter(|word| !word.is_empty())
                .map(|word| Value::Choice(word.to_owned())),
            Unit::Flag => raw.as_bool().map(Value::Flag),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::FenPerPersonMonth => "fen-per-person-month",
            Unit::FenPerHouseholdMonth => "fen-per-household-month",
            Unit::Fen => "fen",
            Unit::Count => "count",
            Unit::WorkingDays => "working-days",
            Unit::CalendarDays => "calendar-days",
            Unit::Months => "months",
            Unit::Years => "years",
            Unit::Choice => "choice",
            Unit::Flag => "flag",
        })
    }
}
