//! Figures and their rows.

use crate::figures::{BreakdownView, FigureView, PartView};
use crate::indicators::{Breakdown, Indicator, Indicators, Ratio, Selection, Source};
use crate::standards;
use crate::store::{self, FactRow, Rows, Stretch};
use mz_contracts::Insight;
use mz_http::{Page, Paged, Problem};
use mz_kernel::{DivisionCode, Fen, Month, PersonId, ReportId};
use mz_runtime::Failure;
use mz_store::{Conn, Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;

/// A row that a figure is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FigureRow")]
pub(crate) struct RowView {
    /// Its place in the list.
    pub(crate) id: String,
    /// Whose it is; none of a standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<PersonId>,
    /// Where it counts.
    pub(crate) division: DivisionCode,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) class: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) mode: String,
    /// The month that it counts in.
    pub(crate) month: Month,
    /// Fen; zero where the relation has no amounts.
    pub(crate) amount: Fen,
    /// The reason, outcome or answer, where the relation has one; of a standard its document.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) word: String,
}

impl From<FactRow> for RowView {
    fn from(row: FactRow) -> Self {
        Self {
            id: row.id,
            person: row.person,
            division: row.division,
            class: row.class,
            mode: row.mode,
            month: row.month,
            amount: row.amount,
            word: row.word,
        }
    }
}

/// The figures of a stretch: of one indicator, or of all.
pub(crate) struct ShowFigures {
    pub(crate) indicators: &'static Indicators,
    pub(crate) only: Option<&'static Indicator>,
    pub(crate) by: Option<Breakdown>,
    pub(crate) stretch: Stretch,
}

impl Work<Insight> for ShowFigures {
    type Output = Paged<FigureView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<FigureView>, Failure> {
        let asked = self.indicators.all().iter();
        let asked = asked.filter(|indicator| self.only.is_none_or(|only| only.name == indicator.name));
        let mut items = Vec::new();
        for indicator in asked {
            let by: Vec<Breakdown> = indicator
                .breakdowns
                .iter()
                .copied()
                .filter(|by| Some(*by) == self.by)
                .collect();
            items.push(figure(tx, self.indicators, indicator, (self.stretch, None), &by).await?);
        }
        Ok(Paged { items, next: None })
    }
}

/// One figure with some of its breakdowns: of the rows as they are, or as a report kept them.
pub(crate) async fn figure(
    conn: &mut Conn,
    indicators: &Indicators,
    indicator: &Indicator,
    (stretch, kept): (Stretch, Option<ReportId>),
    by: &[Breakdown],
) -> Result<FigureView, Failure> {
    let mut breakdowns = Vec::new();
    let value = match &indicator.source {
        Source::Rows(selection) => {
            let rows = rows_of(&indicator.name, selection, stretch, kept);
            for by in by {
                let parts = store::parts(conn, rows, *by).await?;
                let parts = parts.into_iter().map(|(of, value)| PartView { of, value });
                breakdowns.push(BreakdownView {
                    by: *by,
                    parts: parts.collect(),
                });
            }
            Some(store::total(conn, rows).await?)
        }
        Source::Standard(key) => {
            let rows = store::standards(conn, key, stretch.to).await?;
            standards::in_force(&rows, stretch.division, stretch.to).map(|row| row.amount.get())
        }
        Source::Ratio(ratio) => rate(conn, indicators, ratio, (stretch, kept)).await?,
    };
    Ok(FigureView {
        indicator: indicator.name.clone(),
        title: indicator.title.clone(),
        unit: indicator.unit,
        kind: indicator.kind,
        value,
        breakdowns,
    })
}

/// The rows of an indicator, as they are or as a report kept them.
pub(crate) const fn rows_of<'r>(
    name: &'r str,
    selection: &'r Selection,
    stretch: Stretch,
    kept: Option<ReportId>,
) -> Rows<'r> {
    match kept {
        None => Rows::Now(selection, stretch),
        Some(report) => Rows::Kept(report, name, selection.measure, stretch.division),
    }
}

async fn rate(
    conn: &mut Conn,
    indicators: &Indicators,
    ratio: &Ratio,
    (stretch, kept): (Stretch, Option<ReportId>),
) -> Result<Option<i64>, Failure> {
    let mut values = [0, 0];
    for (value, name) in values.iter_mut().zip([&ratio.of, &ratio.per]) {
        if let Source::Rows(selection) = &indicators.named(name)?.source {
            *value = store::total(conn, rows_of(name, selection, stretch, kept)).await?;
        }
    }
    let [of, per] = values;
    if per == 0 {
        return Ok(None);
    }
    let share = Fen::new(of).share(1, per).map_err(Problem::internal)?;
    Ok(Some(share.get()))
}

/// The rows that one figure is made of.
pub(crate) struct OpenFigure {
    pub(crate) indicators: &'static Indicators,
    pub(crate) indicator: &'static Indicator,
    pub(crate) stretch: Stretch,
    pub(crate) page: Page,
}

impl Work<Insight> for OpenFigure {
    type Output = Paged<RowView>;
    type Error = Failure;

    /// A rate opens to the rows of what is divided.
    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<RowView>, Failure> {
        let source = match &self.indicator.source {
            Source::Ratio(ratio) => &self.indicators.named(&ratio.of)?.source,
            other => other,
        };
        let after = self.page.after.as_deref().unwrap_or_default();
        let rows: Vec<RowView> = match source {
            Source::Rows(selection) => {
                let part = (after, i64::from(self.page.limit) + 1);
                let rows = store::fact_rows(tx, Rows::Now(selection, self.stretch), part).await?;
                rows.into_iter().map(RowView::from).collect()
            }
            Source::Standard(key) => {
                let rows = store::standards(tx, key, self.stretch.to).await?;
                let rows = standards::rows(&rows, &self.stretch).into_iter();
                rows.filter(|row| row.id.as_str() > after)
                    .map(RowView::from)
                    .collect()
            }
            Source::Ratio(_) => Vec::new(),
        };
        Ok(Paged::new(&self.page, rows, |row| row.id.clone()))
    }
}
