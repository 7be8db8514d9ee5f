//! Released reports.

use super::FactRow;
use crate::figures::ReportFigure;
use crate::flags::Flag;
use mz_kernel::{Date, DivisionCode, Month, OfficerId, ReportId};
use mz_store::{Column, Conn, Json, Kind, StoreError, Table, record};

record! {
    /// A report.
    #[derive(Debug)]
    pub(crate) struct ReportRow {
        pub(crate) id: ReportId,
        pub(crate) division: DivisionCode,
        pub(crate) from: Month,
        pub(crate) to: Month,
        pub(crate) released_on: Date,
        pub(crate) released_by: OfficerId,
        pub(crate) figures: Json<Vec<ReportFigure>>,
        pub(crate) flags: Json<Vec<Flag>>,
    }
}

const NEW_REPORT: &str = "INSERT INTO report \
    (id, division, from_month, to_month, released_on, released_by, figures, flags) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const REPORT: &str = "SELECT id, division, from_month, to_month, released_on, released_by, figures, flags \
    FROM report WHERE id = $1";
const REPORTS: &str = "SELECT id, division, from_month, to_month, released_on, released_by, figures, flags \
    FROM report WHERE ($1 = '' OR id < $1) AND SUBSTR(division, 1, LENGTH($2)) = $2 ORDER BY id DESC LIMIT $3";
const KEPT_ROW: Table = Table {
    name: "report_row",
    columns: &[
        ("report", Kind::Text),
        ("indicator", Kind::Text),
        ("id", Kind::Text),
        ("person", Kind::Text),
        ("division", Kind::Text),
        ("class", Kind::Text),
        ("mode", Kind::Text),
        ("month", Kind::Text),
        ("amount", Kind::Int),
        ("word", Kind::Text),
    ],
    on_conflict: "",
};

pub(crate) async fn insert_report(conn: &mut Conn, row: &ReportRow) -> Result<(), StoreError> {
    let query = conn.query(NEW_REPORT).bind(row.id).bind(row.division);
    let query = query.bind(row.from).bind(row.to).bind(row.released_on);
    let query = query.bind(row.released_by).bind(&row.figures).bind(&row.flags);
    query.execute_one("the report").await
}

pub(crate) async fn report(conn: &mut Conn, id: ReportId) -> Result<Option<ReportRow>, StoreError> {
    conn.query(REPORT).bind(id).optional().await
}

/// Up to `limit` reports on a division and those in it, the latest first, before the report `after`.
pub(crate) async fn reports(
    conn: &mut Conn,
    division: DivisionCode,
    (after, limit): (&str, i64),
) -> Result<Vec<ReportRow>, StoreError> {
    let query = conn.query(REPORTS).bind(after).bind(division);
    query.bind(limit).all().await
}

/// Keeps the standards that a figure is made of, as its rows.
pub(crate) async fn keep_rows(
    conn: &mut Conn,
    (report, indicator): (ReportId, &str),
    rows: Vec<FactRow>,
) -> Result<(), StoreError> {
    let values = rows.into_iter().map(|row| {
        vec![
            report.encode(),
            indicator.encode(),
            row.id.encode(),
            row.person.encode(),
            row.division.encode(),
            row.class.encode(),
            row.mode.encode(),
            row.month.encode(),
            row.amount.encode(),
            row.word.encode(),
        ]
    });
    conn.insert_all(&KEPT_ROW, values.collect()).await.map(drop)
}
