//! Sums and rows of indicators.

use super::relations::{KEPT, Statements, statements};
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

/// The rows that a figure is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rows<'r> {
    /// As the facts are.
    Now(&'r Selection, Stretch),
    /// As a report kept them, with the figure's measure.
    Kept(ReportId, &'r str, Measure, DivisionCode),
}

impl Rows<'_> {
    const fn measure(self) -> Measure {
        match self {
            Self::Now(selection, _) => selection.measure,
            Self::Kept(_, _, measure, _) => measure,
        }
    }
}

/// The figure.
pub(crate) async fn total(conn: &mut Conn, rows: Rows<'_>) -> Result<i64, StoreError> {
    let query = select(conn, rows, |of| of.total);
    let sums: Option<Sums> = query.optional().await?;
    Ok(sums.map_or(0, |sums| sums.of(rows.measure())))
}

/// The figure by what it is broken down by.
pub(crate) async fn parts(
    conn: &mut Conn,
    rows: Rows<'_>,
    by: Breakdown,
) -> Result<Vec<(String, i64)>, StoreError> {
    let query = select(conn, rows, |of| of.parts).bind(by.text());
    let found: Vec<(String, i64, i64, i64, Fen)> = query.all().await?;
    let parts = found
        .into_iter()
        .map(|(part, count, persons, person_times, amount)| {
            let sums = Sums {
                rows: count,
                persons,
                person_times,
                amount,
            };
            (part, sums.of(rows.measure()))
        });
    Ok(parts.collect())
}

/// The rows in the order of their ids, at most `limit` after the row `after`.
pub(crate) async fn fact_rows(
    conn: &mut Conn,
    rows: Rows<'_>,
    (after, limit): (&str, i64),
) -> Result<Vec<FactRow>, StoreError> {
    let query = select(conn, rows, |of| of.rows);
    query.bind(after).bind(limit).all().await
}

/// Persons who are counted in several townships in one month.
pub(crate) async fn shared(
    conn: &mut Conn,
    rows: Rows<'_>,
    limit: i64,
) -> Result<Vec<SharedRow>, StoreError> {
    select(conn, rows, |of| of.shared).bind(limit).all().await
}

/// Keeps the rows that a figure is made of with a report.
pub(crate) async fn keep(
    conn: &mut Conn,
    (report, indicator): (ReportId, &str),
    selection: &Selection,
    stretch: Stretch,
) -> Result<(), StoreError> {
    let query = select(conn, Rows::Now(selection, stretch), |of| of.keep);
    query.bind(report).bind(indicator).execute().await.map(drop)
}

/// The standards of a key that begin by a month, of every division, each division's in the order of their months.
pub(crate) async fn standards(
    conn: &mut Conn,
    key: &str,
    until: Month,
) -> Result<Vec<StandardRow>, StoreError> {
    conn.query(STANDARDS).bind(key).bind(until).all().await
}

fn select<'c>(conn: &'c mut Conn, rows: Rows<'_>, statement: fn(&Statements) -> &'static str) -> Query<'c> {
    match rows {
        Rows::Now(selection, stretch) => {
            let query = conn.query(statement(&statements(selection.of)));
            let query = query.bind(stretch.from).bind(stretch.to).bind(stretch.division);
            let query = query.bind(&selection.programme).bind(&selection.class);
            query.bind(&selection.word).bind(amounts(selection))
        }
        Rows::Kept(report, indicator, _, division) => {
            let query = conn.query(statement(&KEPT)).bind(report).bind(indicator);
            query.bind(division).bind("").bind("").bind("").bind("any")
        }
    }
}

/// Which amounts count.
const fn amounts(selection: &Selection) -> &'static str {
    let is_a_month_of_lines = matches!(
        selection.of,
        Facts::LinedMonths | Facts::PaidMonths | Facts::UnpaidMonths
    );
    match selection.measure {
        Measure::PersonTimes => "positive",
        Measure::Persons if is_a_month_of_lines => "positive",
        Measure::Amount => "nonzero",
        Measure::Rows | Measure::Persons => "any",
    }
}
