//! Figures and their rows.

use crate::figures::{self, FigureView, RowView, Stretch};
use crate::store;
use mz_contracts::Insight;
use mz_contracts::events::{EntitlementGranted, LinesComputed};
use mz_http::{Page, Paged, Problem};
use mz_runtime::Failure;
use mz_store::{Tx, Work};

/// Every figure of a stretch of months.
pub(crate) struct ShowFigures {
    pub(crate) stretch: Stretch,
}

impl Work<Insight> for ShowFigures {
    type Output = Paged<FigureView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<FigureView>, Failure> {
        let granted = store::all::<EntitlementGranted>(tx).await?;
        let runs = store::all::<LinesComputed>(tx).await?;
        let rows = figures::rows(&granted, &runs, &self.stretch).map_err(Problem::internal)?;
        let items = figures::figures(&rows).map_err(Problem::internal)?;
        Ok(Paged { items, next: None })
    }
}

/// The rows behind one figure.
pub(crate) struct OpenFigure {
    pub(crate) indicator: String,
    pub(crate) stretch: Stretch,
    pub(crate) page: Page,
}

impl Work<Insight> for OpenFigure {
    type Output = Paged<RowView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<RowView>, Failure> {
        let granted = store::all::<EntitlementGranted>(tx).await?;
        let runs = store::all::<LinesComputed>(tx).await?;
        let rows = figures::rows(&granted, &runs, &self.stretch).map_err(Problem::internal)?;
        let mut rows = figures::opened(rows, &self.indicator)
            .ok_or_else(|| Problem::invalid("indicator", "No figure of these months has this name."))?;
        if let Some(after) = &self.page.after {
            rows.retain(|row| cursor(row) > *after);
        }
        rows.truncate(usize::from(self.page.limit) + 1);
        Ok(Paged::new(&self.page, rows, cursor))
    }
}

/// Texts in the order of the rows: by month, then by person.
fn cursor(row: &RowView) -> String {
    format!("{}.{}", row.month, row.person)
}
