//! Sums and rows of indicators.

use super::relations::statements;
use crate::indicators::{Breakdown, Facts, Measure, Selection};
use mz_kernel::{DivisionCode, Fen, Month, PersonId, ReportId};
use mz_store::{Conn, Query, StoreError, record};

/// Which months, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    /// The first month.
    pub(crate) from: Month,
    /// The last month.
    pub(crate) to: Month,
    /// This division and all below it.
    pub(crate) division: DivisionCode,
}

record! {
    /// What is counted of some rows.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Sums {
        rows: i64,
        persons: i64,
        person_times: i64,
        amount: Fen,
    }
}

impl Sums {
    fn of(self, measure: Measure) -> i64 {
        match measure {
            Measure::Rows => self.rows,
            Measure::Persons => self.persons,
            Measure::PersonTimes => self.person_times,
            Measure::Amount => self.amount.get(),
        }
    }
}

record! {
    /// A row that a figure is made of.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct FactRow {
        /// Its place in the list.
        pub(crate) id: String,
        /// Whose it is; none of a standard.
        pub(crate) person: Option<PersonId>,
        pub(crate) division: DivisionCode,
        pub(crate) class: String,
        pub(crate) mode: String,
        pub(crate) month: Month,
        pub(crate) amount: Fen,
        /// The reason, outcome or answer, where the relation has one; of a standard its document.
        pub(crate) word: String,
    }
}

record! {
    /// A person who is counted in several townships in one month.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct SharedRow {
        pub(crate) month: Month,
        pub(crate) person: PersonId,
        pub(crate) townships: i64,
    }
}

record! {
    /// A standard that was adopted.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct StandardRow {
        pub(crate) division: DivisionCode,
        /// The first month that it is about.
        pub(crate) from: Month,
        /// Fen a person and month.
        pub(crate) amount: Fen,
        pub(crate) document: String,
    }
}

const STANDARDS: &str = "SELECT division, first_month, amount, document FROM heard_standard \
    WHERE key = $1 AND first_month <= $2 ORDER BY division, first_month";

/// The figure.
pub(crate) async fn total(
    conn: &mut Conn,
    selection: &Selection,
    stretch: Stretch,
) -> Result<i64, StoreError> {
    let query = select(conn, statements(selection.of).total, selection, stretch);
    let sums: Option<Sums> = query.optional().await?;
    Ok(sums.map_or(0, |sums| sums.of(selection.measure)))
}

/// The figure by what it is broken down by.
pub(crate) async fn parts(
    conn: &mut Conn,
    selection: &Selection,
    stretch: Stretch,
    by: Breakdown,
) -> Result<Vec<(String, i64)>, StoreError> {
    let query = select(conn, statements(selection.of).parts, selection, stretch);
    let rows: Vec<(String, i64, i64, i64, Fen)> = query.bind(by.text()).all().await?;
    let parts = rows
        .into_iter()
        .map(|(part, rows, persons, person_times, amount)| {
            let sums = Sums {
                rows,
                persons,
                person_times,
                amount,
            };
            (part, sums.of(selection.measure))
        });
    Ok(parts.collect())
}

/// The rows that a figure is made of, in the order of their ids.
pub(crate) async fn fact_rows(
    conn: &mut Conn,
    selection: &Selection,
    stretch: Stretch,
    (after, limit): (&str, i64),
) -> Result<Vec<FactRow>, StoreError> {
    let query = select(conn, statements(selection.of).rows, selection, stretch);
    query.bind(after).bind(limit).all().await
}

/// Keeps the rows that a figure is made of with a report.
pub(crate) async fn freeze(
    conn: &mut Conn,
    (report, indicator): (ReportId, &str),
    selection: &Selection,
    stretch: Stretch,
) -> Result<(), StoreError> {
    let query = select(conn, statements(selection.of).freeze, selection, stretch);
    query.bind(report).bind(indicator).execute().await.map(drop)
}

/// Persons who are counted in several townships in one month.
pub(crate) async fn shared(
    conn: &mut Conn,
    selection: &Selection,
    stretch: Stretch,
    limit: i64,
) -> Result<Vec<SharedRow>, StoreError> {
    let query = select(conn, statements(selection.of).shared, selection, stretch);
    query.bind(limit).all().await
}

/// The standards of a key that begin by a month, of every division, each division's in the order of their months.
pub(crate) async fn standards(
    conn: &mut Conn,
    key: &str,
    until: Month,
) -> Result<Vec<StandardRow>, StoreError> {
    conn.query(STANDARDS).bind(key).bind(until).all().await
}

fn select<'c>(
    conn: &'c mut Conn,
    statement: &'static str,
    selection: &Selection,
    stretch: Stretch,
) -> Query<'c> {
    let is_a_month_of_lines = matches!(
        selection.of,
        Facts::LinedMonths | Facts::PaidMonths | Facts::UnpaidMonths
    );
    let amounts = match selection.measure {
        Measure::PersonTimes => "positive",
        Measure::Persons if is_a_month_of_lines => "positive",
        Measure::Amount => "nonzero",
        Measure::Rows | Measure::Persons => "any",
    };
    let query = conn.query(statement).bind(stretch.from).bind(stretch.to);
    let query = query.bind(stretch.division).bind(&selection.programme);
    query.bind(&selection.class).bind(&selection.word).bind(amounts)
}
