//! Which of the adopted standards applies where and when.

use crate::store::{FactRow, StandardRow, Stretch};
use mz_kernel::{DivisionCode, Fen, Month};

/// The standard of a division in a month: the latest of the nearest division that has one, its own or one above it.
pub(crate) fn in_force(rows: &[StandardRow], division: DivisionCode, month: Month) -> Option<&StandardRow> {
    rows.iter()
        .filter(|row| row.division.contains(&division) && row.from <= month)
        .max_by_key(|row| (row.division.level(), row.from))
}

/// Every standard that holds in some month of a stretch for the division or for one in it.
pub(crate) fn holding<'r>(rows: &'r [StandardRow], stretch: &Stretch) -> Vec<&'r StandardRow> {
    let concerns = |row: &StandardRow| {
        row.division.contains(&stretch.division) || stretch.division.contains(&row.division)
    };
    let is_over = |row: &StandardRow| {
        let mut later = rows.iter().filter(|other| other.division == row.division);
        later.any(|other| other.from > row.from && other.from <= stretch.from)
    };
    let holding = rows
        .iter()
        .filter(|row| concerns(row) && row.from <= stretch.to && !is_over(row));
    holding.collect()
}

/// The same as rows that a figure is made of, in the order of their ids: by month, then by division.
pub(crate) fn rows(rows: &[StandardRow], stretch: &Stretch) -> Vec<FactRow> {
    let mut rows: Vec<FactRow> = holding(rows, stretch)
        .into_iter()
        .map(|row| FactRow {
            id: format!("{}.{}", row.from, row.division),
            person: None,
            division: row.division,
            class: String::new(),
            mode: String::new(),
            month: row.from,
            amount: row.amount,
            word: row.document.clone(),
        })
        .collect();
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    rows
}

/// The lowest and the highest amount of some standards; none of none.
pub(crate) fn bounds(rows: &[&StandardRow]) -> Option<(Fen, Fen)> {
    let amounts = || rows.iter().map(|row| row.amount);
    amounts().min().zip(amounts().max())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(division: &str, from: &str, amount: i64) -> StandardRow {
        StandardRow {
            division: division.parse().unwrap(),
            from: from.parse().unwrap(),
            amount: Fen::new(amount),
            document: String::new(),
        }
    }

    fn rows() -> Vec<StandardRow> {
        vec![
            row("513335", "2019-07", 65_000),
            row("513335", "2020-01", 70_200),
            row("513335", "2020-07", 76_700),
            row("513335101", "2020-03", 80_000),
        ]
    }

    fn amount(division: &str, month: &str) -> Option<i64> {
        let rows = rows();
        let found = in_force(&rows, division.parse().unwrap(), month.parse().unwrap());
        found.map(|row| row.amount.get())
    }

    #[test]
    fn the_nearest_division_and_the_latest_month_decide() {
        assert_eq!(amount("513335", "2019-06"), None);
        assert_eq!(amount("513335100", "2020-06"), Some(70_200));
        assert_eq!(amount("513335100", "2020-07"), Some(76_700));
        assert_eq!(amount("513335101", "2020-02"), Some(70_200));
        assert_eq!(amount("513335101", "2020-12"), Some(80_000));
        assert_eq!(amount("513336", "2020-12"), None);
    }

    fn held(division: &str, from: &str, to: &str) -> Vec<i64> {
        let stretch = Stretch {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            division: division.parse().unwrap(),
        };
        let rows = rows();
        holding(&rows, &stretch)
            .iter()
            .map(|row| row.amount.get())
            .collect()
    }

    #[test]
    fn a_stretch_has_every_standard_that_holds_in_one_of_its_months() {
        assert_eq!(held("513335100", "2020-01", "2020-06"), [70_200]);
        assert_eq!(held("513335100", "2020-06", "2020-07"), [70_200, 76_700]);
        assert_eq!(held("513335100", "2020-08", "2020-11"), [76_700]);
        assert_eq!(held("513335", "2020-01", "2020-11"), [70_200, 76_700, 80_000]);
    }

    #[test]
    fn the_bounds_are_the_lowest_and_the_highest() {
        let rows = rows();
        let all: Vec<_> = rows.iter().collect();
        assert_eq!(bounds(&all), Some((Fen::new(65_000), Fen::new(80_000))));
        assert_eq!(bounds(&[]), None);
    }
}
