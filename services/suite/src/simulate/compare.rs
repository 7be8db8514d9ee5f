//! A printed figure and ours.

use std::collections::{BTreeMap, BTreeSet};

use mz_kernel::{Date, DivisionCode, Fen};
use serde::Serialize;
use serde_json::Number;

use super::SimulateError;
use super::office::DivisionRow;
use super::report::ClassRow;
use crate::county::County;
use crate::scenario::{Count, Figure, Measure, Ours};
use crate::simulate::Override;

/// A printed figure and ours. Its JSON names are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Its number in the list, such as `F000-020`.
    pub id: String,
    /// What is counted, such as `tekun_urban_person_times`.
    pub indicator: String,
    /// The same in Chinese.
    pub title: String,
    /// The period, as the report tells it.
    pub period: String,
    /// The printed one.
    pub published: Number,
    /// Ours, where the records hold it.
    pub ours: Option<Number>,
    /// Of both, such as `yuan`.
    pub unit: String,
    /// Where ours comes from, where the records hold it.
    pub origin: Option<Origin>,
    /// How they stand to each other.
    pub verdict: Verdict,
    /// Why they are not equal, or why it is not held.
    pub why: Option<String>,
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Somebody entered it.
    Entered,
    /// It is counted or summed from records.
    Derived,
}

/// How ours stands to the printed figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The same.
    Equal,
    /// Another one.
    Differs,
    /// No records give the printed one beside those printed with it.
    Inconsistent,
    /// Not held yet.
    Absent,
}

/// What our figures are taken from.
pub(super) struct Records<'a> {
    pub(super) county: &'a County,
    pub(super) set: &'a [Override],
    pub(super) classes: &'a [ClassRow],
    /// The townships on each day that a figure names, as registration answers.
    pub(super) townships: &'a BTreeMap<Date, Vec<DivisionRow>>,
}

impl Records<'_> {
    pub(super) fn compare(&self, figure: &Figure) -> Result<Comparison, SimulateError> {
        let ours = self.ours(figure)?;
        let held = ours.is_some();
        let equal = ours.as_ref() == Some(&figure.published);
        let (verdict, why) = match (&figure.inconsistent, &figure.ours) {
            (Some(why), _) => (Verdict::Inconsistent, Some(why.clone())),
            (None, Ours::Absent(until)) => (Verdict::Absent, Some(format!("not held yet: {until}"))),
            (None, _) if equal => (Verdict::Equal, None),
            (None, _) => (Verdict::Differs, Some(self.because(figure))),
        };
        let entered = matches!(figure.ours, Ours::Standard { .. });
        let origin = if entered { Origin::Entered } else { Origin::Derived };
        Ok(Comparison {
            id: figure.id.clone(),
            indicator: figure.indicator.clone(),
            title: figure.title.clone(),
            period: figure.period.clone(),
            published: figure.published.clone(),
            ours,
            unit: figure.unit.clone(),
            origin: held.then_some(origin),
            verdict,
            why,
        })
    }

    /// What was set otherwise and moves the figure, as text.
    pub(super) fn moved_by(&self, figure: &Figure) -> Option<String> {
        // Another standard moves money, and never how many persons are paid.
        let (Ours::Standard { class, .. }
        | Ours::Tekun {
            class,
            measure: Measure::Money,
        }) = figure.ours
        else {
            return None;
        };
        let set = self.set.iter().find(|row| row.key == class.standard_key());
        set.map(Override::to_string)
    }

    fn because(&self, figure: &Figure) -> String {
        self.moved_by(figure).map_or_else(
            || "the records give another figure than the printed one".to_owned(),
            |set| format!("what if {set}"),
        )
    }

    fn ours(&self, figure: &Figure) -> Result<Option<Number>, SimulateError> {
        let ours = match &figure.ours {
            Ours::Absent(_) => return Ok(None),
            Ours::Standard { class, month } => {
                let amount = self
                    .county
                    .policy
                    .money(class.standard_key(), &self.county.code, *month)?;
                in_yuan(amount)
            }
            Ours::Tekun { class, measure } => {
                let row = self.classes.iter().find(|row| row.class == *class);
                match measure {
                    Measure::PersonTimes => Some(row.map_or(0, |row| row.person_times).into()),
                    Measure::Money => in_yuan(row.map_or(Fen::new(0), |row| row.amount)),
                }
            }
            Ours::Divisions { count, before, after } => {
                let on = |day| self.townships.get(day).map_or(&[][..], Vec::as_slice);
                counted(*count, on(before), on(after))
            }
        };
        Ok(ours)
    }
}

/// Whole yuan as a whole number, fen as decimals.
fn in_yuan(amount: Fen) -> Option<Number> {
    let text = amount.to_string();
    text.strip_suffix(".00").unwrap_or(&text).parse().ok()
}

fn counted(count: Count, before: &[DivisionRow], after: &[DivisionRow]) -> Option<Number> {
    let codes = |rows: &[DivisionRow]| {
        rows.iter()
            .map(|row| row.code)
            .collect::<BTreeSet<DivisionCode>>()
    };
    let (old, new) = (codes(before), codes(after));
    let of_kind = |kind| {
        after
            .iter()
            .filter(|row| row.kind.as_deref() == Some(kind))
            .count()
    };
    let number = match count {
        Count::Reduced => old.len().checked_sub(new.len())?,
        Count::ReducedRate => {
            // Tenths of a percent, rounded half up.
            let fewer = old.len().checked_sub(new.len())?;
            let tenths = (fewer * 2_000 + old.len()).checked_div(old.len() * 2)?;
            return format!("{}.{}", tenths / 10, tenths % 10).parse().ok();
        }
        Count::Total => new.len(),
        Count::Towns => of_kind("镇"),
        Count::Townships => of_kind("乡"),
        Count::Abolished => old.difference(&new).count(),
        Count::Founded => new.difference(&old).count(),
    };
    Some(number.into())
}
