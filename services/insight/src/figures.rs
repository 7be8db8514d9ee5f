//! Person-times 人次 and money of a stretch of months, added up from the lines that were told.
//!
//! Programme and class are what the events say: `tekun` and `rural` give `tekun_rural_person_times` and
//! `tekun_rural_lined`. A person-time is a person's month whose lines come to more than nothing: a month taken back
//! counts no more. Money is the net of the lines, whether it was paid yet or not.

use mz_contracts::events::{EntitlementGranted, LineItem, LinesComputed};
use mz_kernel::{DivisionCode, EntitlementId, Fen, FenError, Month, PersonId};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// One figure.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FigureView {
    /// Its name, which `GET /figures/rows` opens.
    pub(crate) indicator: String,
    /// Its name in Chinese.
    pub(crate) title: String,
    /// What it counts.
    pub(crate) unit: Unit,
    /// How many, or how much in fen.
    pub(crate) value: i64,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    /// 人次: a person and a month.
    PersonTimes,
    /// 分.
    Fen,
}

/// A row that a figure is added up from: a person's month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RowView {
    /// Whose month it is.
    pub(crate) person: PersonId,
    /// The division that pays.
    pub(crate) division: DivisionCode,
    /// The month.
    pub(crate) month: Month,
    /// The net of its lines.
    pub(crate) amount: Fen,
}

/// Which months, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) from: Month,
    pub(crate) to: Month,
    /// This division and all below it.
    pub(crate) division: DivisionCode,
}

/// The rows of each programme and class, by month and person.
type Rows = BTreeMap<(String, String), BTreeMap<(Month, PersonId), RowView>>;

/// The class of a line whose grant has not come yet: it is shown and not left out.
const UNKNOWN: &str = "unknown";

/// Every figure of a stretch.
pub(crate) fn figures(rows: &Rows) -> Result<Vec<FigureView>, FenError> {
    let mut figures = Vec::new();
    for ((programme, class), rows) in rows {
        let title = format!("{}{}", class_word(class), programme_word(programme));
        for unit in [Unit::PersonTimes, Unit::Fen] {
            let counted = rows.values().filter(|row| counts(unit, row));
            let (value, what) = match unit {
                Unit::PersonTimes => (i64::try_from(counted.count()).unwrap_or(i64::MAX), "救助供养人次"),
                Unit::Fen => (Fen::checked_sum(counted.map(|row| row.amount))?.get(), "核算净额"),
            };
            figures.push(FigureView {
                indicator: name(programme, class, unit),
                title: format!("{title}{what}"),
                unit,
                value,
            });
        }
    }
    Ok(figures)
}

/// The rows behind one figure, by month and person; none if no figure has this name.
pub(crate) fn opened(rows: Rows, indicator: &str) -> Option<Vec<RowView>> {
    rows.into_iter().find_map(|((programme, class), rows)| {
        let unit = [Unit::PersonTimes, Unit::Fen]
            .into_iter()
            .find(|unit| name(&programme, &class, *unit) == indicator)?;
        Some(rows.into_values().filter(|row| counts(unit, row)).collect())
    })
}

/// Adds the lines of a stretch up.
pub(crate) fn rows(
    granted: &[EntitlementGranted],
    runs: &[LinesComputed],
    stretch: &Stretch,
) -> Result<Rows, FenError> {
    let granted: BTreeMap<EntitlementId, &EntitlementGranted> =
        granted.iter().map(|grant| (grant.entitlement, grant)).collect();
    let mut rows = Rows::new();
    for run in runs {
        for line in &run.lines {
            let grant = granted.get(&line.entitlement);
            let division = grant.map_or(run.division, |grant| grant.division);
            if !(stretch.from..=stretch.to).contains(&line.month) || !stretch.division.contains(&division) {
                continue;
            }
            let class = grant.map_or(UNKNOWN, |grant| grant.class.as_str());
            let group = rows
                .entry((run.programme.as_str().to_owned(), class.to_owned()))
                .or_default();
            add(group, line, division)?;
        }
    }
    Ok(rows)
}

fn add(
    rows: &mut BTreeMap<(Month, PersonId), RowView>,
    line: &LineItem,
    division: DivisionCode,
) -> Result<(), FenError> {
    let row = rows.entry((line.month, line.person)).or_insert(RowView {
        person: line.person,
        division,
        month: line.month,
        amount: Fen::new(0),
    });
    row.amount = row.amount.checked_add(line.amount)?;
    Ok(())
}

fn counts(unit: Unit, row: &RowView) -> bool {
    match unit {
        Unit::PersonTimes => row.amount > Fen::new(0),
        Unit::Fen => row.amount != Fen::new(0),
    }
}

fn name(programme: &str, class: &str, unit: Unit) -> String {
    match unit {
        Unit::PersonTimes => format!("{programme}_{class}_person_times"),
        Unit::Fen => format!("{programme}_{class}_lined"),
    }
}

fn programme_word(code: &str) -> &str {
    match code {
        "tekun" => "特困人员",
        other => other,
    }
}

fn class_word(code: &str) -> &str {
    match code {
        "urban" => "城市",
        "rural" => "农村",
        UNKNOWN => "类别待定",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_contracts::Event as _;

    const COUNTY: &str = "513335";
    const TOWNSHIP: &str = "513335100";

    /// The figures of a grant in the township and of a run of the county that lines 702 yuan for January and takes
    /// them back for February, each the sample of its event.
    fn found(granted: &[EntitlementGranted], division: &str) -> Vec<(String, i64)> {
        let mut run = LinesComputed::sample();
        let january = LineItem {
            month: "2020-01".parse().unwrap(),
            amount: Fen::new(70_200),
            ..run.lines[0].clone()
        };
        run.lines.push(january);
        let stretch = Stretch {
            from: "2020-01".parse().unwrap(),
            to: "2020-02".parse().unwrap(),
            division: division.parse().unwrap(),
        };
        let figures = figures(&rows(granted, &[run], &stretch).unwrap()).unwrap();
        figures
            .into_iter()
            .map(|figure| (figure.indicator, figure.value))
            .collect()
    }

    #[test]
    fn a_line_counts_where_its_entitlement_is_paid() {
        let granted = [EntitlementGranted::sample()];
        let expected = [
            ("tekun_urban_person_times".to_owned(), 1),
            ("tekun_urban_lined".to_owned(), 0),
        ];
        assert_eq!(found(&granted, COUNTY), expected);
        assert_eq!(found(&granted, TOWNSHIP), expected);
        assert_eq!(found(&granted, "513335101"), []);
    }

    #[test]
    fn a_line_whose_grant_has_not_come_is_not_left_out() {
        let expected = [
            ("tekun_unknown_person_times".to_owned(), 1),
            ("tekun_unknown_lined".to_owned(), 0),
        ];
        assert_eq!(found(&[], COUNTY), expected);
        assert_eq!(found(&[], TOWNSHIP), [], "the run is the county's");
    }
}
