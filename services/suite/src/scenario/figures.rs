//! The printed figures that a scenario is compared with.

use mz_kernel::{Fen, Month};
use serde::{Deserialize, Serialize};

use super::file::{Class, WrongRow, first_wrong};

/// What a report prints about the year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Where it is printed.
    pub document: String,
    /// The first month counted.
    pub from: Month,
    /// The last month counted.
    pub to: Month,
    /// The figures.
    #[serde(rename = "figure")]
    pub rows: Vec<Figure>,
}

/// A printed figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The class that it is about.
    pub class: Class,
    /// What is counted.
    pub measure: Measure,
    /// As printed: persons-times, or whole yuan.
    pub printed: i64,
    /// What we hold of it.
    pub judged: Judged,
    /// Why it cannot be reached.
    pub reason: Option<String>,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// 人次: months of a person for which something is paid in the end.
    PersonTimes,
    /// What is paid in the end.
    Money,
}

/// What we hold of a printed figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The year gives it exactly.
    Exact,
    /// No year with the other figures gives it.
    NotReachable,
}

impl Figures {
    pub(super) fn check(&self) -> Result<(), WrongRow> {
        first_wrong("figure", &self.rows, |figure| {
            (figure.judged == Judged::NotReachable) == figure.reason.is_some()
        })
        .map_err(|wrong| wrong.because("`not-reachable` has a `reason`, and nothing else has"))?;
        first_wrong("figure", &self.rows, |figure| figure.value().is_some())
            .map_err(|wrong| wrong.because("the amount is too large to be held"))
    }
}

impl Figure {
    /// The printed value in the unit of the records: person-times, or fen. None where fen cannot hold it.
    pub fn value(&self) -> Option<i64> {
        match self.measure {
            Measure::PersonTimes => Some(self.printed),
            Measure::Money => Fen::from_yuan(self.printed).ok().map(Fen::get),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn money_is_compared_in_fen() {
        let year = Scenario::find("batang-2020").unwrap();
        let money = year
            .figures
            .rows
            .iter()
            .find(|row| row.measure == Measure::Money)
            .unwrap();
        assert_eq!(money.value(), Some(165_861_800));
    }
}
