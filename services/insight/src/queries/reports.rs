//! Released reports.

use super::RowView;
use crate::figures::ReportFigure;
use crate::flags::Flag;
use crate::indicators::{Measure, Source};
use crate::store::{self, ReportRow, Rows};
use mz_contracts::Insight;
use mz_http::{Caller, Page, Paged, Problem};
use mz_kernel::{Date, DateSchema, DivisionCode, Month, OfficerId, ReportId};
use mz_runtime::Failure;
use mz_store::{Conn, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A report, which does not change any more.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Report")]
pub(crate) struct ReportView {
    report: ReportId,
    /// The division that it is about, with all below it.
    division: DivisionCode,
    /// The first month.
    from: Month,
    /// The last month.
    to: Month,
    #[schemars(with = "DateSchema")]
    released_on: Date,
    released_by: OfficerId,
    figures: Vec<ReportFigure>,
    /// What did not hold; printed with the figures.
    flags: Vec<Flag>,
}

impl From<ReportRow> for ReportView {
    fn from(row: ReportRow) -> Self {
        Self {
            report: row.id,
            division: row.division,
            from: row.from,
            to: row.to,
            released_on: row.released_on,
            released_by: row.released_by,
            figures: row.figures.0,
            flags: row.flags.0,
        }
    }
}

/// A report in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReportHead {
    report: ReportId,
    division: DivisionCode,
    from: Month,
    to: Month,
    #[schemars(with = "DateSchema")]
    released_on: Date,
    /// How many figures it has.
    figures: usize,
    /// How many checks did not hold.
    flags: usize,
}

/// Reports on a division and those in it.
pub(crate) struct ListReports {
    pub(crate) division: DivisionCode,
    pub(crate) page: Page,
}

impl Work<Insight> for ListReports {
    type Output = Paged<ReportHead>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<ReportHead>, Failure> {
        let after = self.page.after.as_deref().unwrap_or_default();
        let part = (after, i64::from(self.page.limit) + 1);
        let rows = store::reports(tx, self.division, part).await?;
        let heads = rows.into_iter().map(|row| ReportHead {
            report: row.id,
            division: row.division,
            from: row.from,
            to: row.to,
            released_on: row.released_on,
            figures: row.figures.0.len(),
            flags: row.flags.0.len(),
        });
        Ok(Paged::new(&self.page, heads.collect(), |head| {
            head.report.to_string()
        }))
    }
}

/// A report by id.
pub(crate) struct ShowReport {
    pub(crate) caller: Caller,
    pub(crate) report: ReportId,
}

impl Work<Insight> for ShowReport {
    type Output = ReportView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<ReportView, Failure> {
        seen(tx, &self.caller, self.report).await.map(ReportView::from)
    }
}

/// The rows that made a figure of a report.
pub(crate) struct OpenReportFigure {
    pub(crate) caller: Caller,
    pub(crate) report: ReportId,
    pub(crate) indicator: String,
    pub(crate) page: Page,
}

impl Work<Insight> for OpenReportFigure {
    type Output = Paged<RowView>;
    type Error = Failure;

    /// A rate opens to the rows of what is divided.
    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<RowView>, Failure> {
        let report = seen(tx, &self.caller, self.report).await?;
        let figures = &report.figures.0;
        let counted = figures
            .iter()
            .map(|figure| &figure.counted)
            .find(|counted| counted.name == self.indicator)
            .ok_or_else(|| Problem::not_found("The report has no figure of this name."))?;
        let (name, measure) = match &counted.source {
            Source::Rows(selection) => (&counted.name, selection.measure),
            Source::Standard(_) => (&counted.name, Measure::Rows),
            Source::Ratio(ratio) => (&ratio.of, Measure::Rows),
        };
        let after = self.page.after.as_deref().unwrap_or_default();
        let part = (after, i64::from(self.page.limit) + 1);
        let rows = Rows::Kept(report.id, name, measure, report.division);
        let rows = store::fact_rows(tx, rows, part).await?;
        let rows = rows.into_iter().map(RowView::from).collect();
        Ok(Paged::new(&self.page, rows, |row: &RowView| row.id.clone()))
    }
}

async fn seen(conn: &mut Conn, caller: &Caller, report: ReportId) -> Result<ReportRow, Failure> {
    let row = store::report(conn, report).await?;
    let row = row.ok_or_else(|| Problem::not_found("There is no report with this id."))?;
    caller.may_see(&row.division)?;
    Ok(row)
}
