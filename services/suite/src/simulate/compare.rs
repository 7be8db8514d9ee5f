//! A printed figure and ours.

use std::collections::{BTreeMap, BTreeSet};

use mz_kernel::{Date, DivisionCode, Fen};
use serde::Serialize;
use serde_json::Number;

use super::office::{DivisionRow, IndicatorRow};
use crate::scenario::{Count, Figure, Ours};
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
    /// Where ours comes from; where the records do not hold it yet, where it will come from.
    pub origin: Origin,
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
    pub(super) set: &'a [Override],
    /// What insight answers for the indicator of each figure that it gives, by the figure's id.
    pub(super) indicators: &'a BTreeMap<String, IndicatorRow>,
    /// The townships on each day that a figure names, as registration answers.
    pub(super) townships: &'a BTreeMap<Date, Vec<DivisionRow>>,
}

impl Records<'_> {
    pub(super) fn compare(&self, figure: &Figure) -> Comparison {
        let ours = self.ours(figure);
        let equal = ours.as_ref().map(|(ours, _)| ours) == Some(&figure.published);
        let (verdict, why) = match (&figure.inconsistent, &figure.ours) {
            (Some(why), _) => (Verdict::Inconsistent, Some(why.clone())),
            (None, Ours::Absent(until)) => (Verdict::Absent, Some(format!("not held yet: {until}"))),
            (None, _) if equal => (Verdict::Equal, None),
            (None, _) => (Verdict::Differs, Some(self.because(figure))),
        };
        let (ours, origin) = ours.map_or_else(
            || (None, expected(&figure.kind)),
            |(ours, origin)| (Some(ours), origin),
        );
        Comparison {
            id: figure.id.clone(),
            indicator: figure.indicator.clone(),
            title: figure.title.clone(),
            period: figure.period.clone(),
            published: figure.published.clone(),
            ours,
            unit: figure.unit.clone(),
            origin,
            verdict,
            why,
        }
    }

    /// What was set otherwise and moves the figure, as text.
    pub(super) fn moved_by(&self, figure: &Figure) -> Option<String> {
        let Ours::Indicator {
            moved_by: Some(standard),
            ..
        } = &figure.ours
        else {
            return None;
        };
        let set = self.set.iter().find(|row| row.key == *standard);
        set.map(Override::to_string)
    }

    fn because(&self, figure: &Figure) -> String {
        self.moved_by(figure).map_or_else(
            || "the records give another figure than the printed one".to_owned(),
            |set| format!("what if {set}"),
        )
    }

    fn ours(&self, figure: &Figure) -> Option<(Number, Origin)> {
        match &figure.ours {
            Ours::Absent(_) => None,
            Ours::Indicator { .. } => {
                let row = self.indicators.get(&figure.id)?;
                let value = row.value?;
                let number = if row.unit == "fen" {
                    in_yuan(Fen::new(value))?
                } else {
                    value.into()
                };
                let entered = row.kind == "parameter";
                Some((number, if entered { Origin::Entered } else { Origin::Derived }))
            }
            Ours::Divisions { count, before, after } => {
                let on = |day| self.townships.get(day).map_or(&[][..], Vec::as_slice);
                Some((counted(*count, on(before), on(after))?, Origin::Derived))
            }
        }
    }
}

/// A plan and a parameter are entered, all else is derived.
fn expected(kind: &str) -> Origin {
    match kind {
        "plan" | "policy_parameter" => Origin::Entered,
        _ => Origin::Derived,
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
