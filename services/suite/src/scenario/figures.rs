//! The printed figures that a scenario is compared with.

use std::collections::BTreeSet;

use mz_kernel::{Date, Month};
use serde::Deserialize;
use serde_json::Number;

use super::file::{WrongRow, first_wrong};

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
    /// Its number in the list, such as `F000-020`.
    pub id: String,
    /// What is counted, such as `tekun_urban_person_times`.
    pub indicator: String,
    /// The same in Chinese.
    pub title: String,
    /// As the report tells it: a range of months, a year, or a state at a time.
    pub period: String,
    /// As printed.
    pub published: Number,
    /// Of the printed number, such as `yuan`.
    pub unit: String,
    /// `stock`, `flow`, `rate`, `plan` or `policy_parameter`.
    pub kind: String,
    /// Where ours comes from.
    pub ours: Ours,
    /// Why no records give the printed figure beside those printed with it.
    pub inconsistent: Option<String>,
}

/// Where our figure comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ours {
    /// The indicator of insight that has the row's name.
    Indicator {
        /// In this month; in all months of the report where it is not given.
        month: Option<Month>,
        /// The standard that moves it, such as `tekun.standard.urban`, if one does.
        moved_by: Option<String>,
    },
    /// Divisions of township level around a reform.
    Divisions {
        /// What is counted.
        count: Count,
        /// The last day of the old ones.
        before: Date,
        /// The first day of the new ones.
        after: Date,
    },
    /// Not held until this capability.
    Absent(String),
}

/// What is counted of divisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// How many fewer there are after.
    Reduced,
    /// The same in percent of those before, to one decimal.
    ReducedRate,
    /// All after.
    Total,
    /// Towns 镇 after.
    Towns,
    /// Townships 乡 after.
    Townships,
    /// Those that were before and are not after.
    Abolished,
    /// Those that are after and were not before.
    Founded,
}

impl Figures {
    pub(super) fn check(&self) -> Result<(), WrongRow> {
        let mut ids = BTreeSet::new();
        first_wrong("figure", &self.rows, |figure| ids.insert(figure.id.clone()))
            .map_err(|wrong| wrong.because("the id stands in an earlier row; each figure is listed once"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn every_figure_of_the_report_is_listed_in_order() {
        let figures = Scenario::find("batang-2020").unwrap().figures;
        let ids: Vec<_> = figures.rows.iter().map(|row| row.id.clone()).collect();
        let printed: Vec<_> = (1..=56).map(|number| format!("F000-{number:03}")).collect();
        assert_eq!(ids, printed);
    }

    #[test]
    fn the_figures_of_tekun_are_held() {
        let figures = Scenario::find("batang-2020").unwrap().figures;
        for row in figures.rows[13..21].iter().chain(&figures.rows[33..35]) {
            assert!(!matches!(row.ours, Ours::Absent(_)), "{row:?}");
        }
    }
}
