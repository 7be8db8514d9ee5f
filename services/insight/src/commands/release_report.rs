//! Release a report 统计报表: every figure of some months, frozen with its rows and with the checks that did not hold.

use crate::checks::{self, Checked};
use crate::figures::ReportFigure;
use crate::flags;
use crate::indicators::{Indicator, Indicators, Source, Unit};
use crate::queries::{ReportView, figure, rows_of};
use crate::standards;
use crate::store::{self, ReportRow, SharedRow, Stretch};
use mz_contracts::Insight;
use mz_contracts::events::ReportReleased;
use mz_http::{Caller, Problem};
use mz_kernel::{Fen, Month, ReportId};
use mz_runtime::Failure;
use mz_store::{Conn, Json, Origin, Tx, Work};
use std::collections::BTreeMap;

/// Persons in several townships that are looked for; a flag says how many were found.
const SHARED_MAX: i64 = 1_000;

pub(crate) struct ReleaseReport {
    pub(crate) officer: Caller,
    pub(crate) indicators: &'static Indicators,
    pub(crate) stretch: Stretch,
    /// Why a check does not hold, by the name of its indicator.
    pub(crate) explanations: BTreeMap<String, String>,
    pub(crate) origin: Origin,
}

/// What a figure is checked against.
#[derive(Default)]
struct Beside {
    standards: Option<(Fen, Fen)>,
    shared: Vec<SharedRow>,
}

impl Work<Insight> for ReleaseReport {
    type Output = ReportView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<ReportView, Failure> {
        let Stretch { from, to, division } = self.stretch;
        if to > Month::of(tx.today()) {
            return Err(Problem::invalid("to", format!("{to} lies in the future.")).into());
        }
        let id: ReportId = tx.new_id();
        for indicator in self.indicators.all() {
            self.keep(tx, id, indicator).await?;
        }
        let (mut figures, mut beside) = (Vec::new(), Vec::new());
        for indicator in self.indicators.all() {
            let (rows, by) = ((self.stretch, Some(id)), &indicator.breakdowns);
            figures.push(ReportFigure {
                figure: figure(tx, self.indicators, indicator, rows, by).await?,
                counted: indicator.clone(),
            });
            beside.push(self.beside(tx, id, indicator).await?);
        }
        let checked: Vec<Checked<'_>> = figures
            .iter()
            .zip(&beside)
            .map(|(figure, beside)| Checked {
                indicator: &figure.counted,
                figure: &figure.figure,
                standards: beside.standards,
                shared: &beside.shared,
            })
            .collect();
        let mut found = checks::flags(&checked).map_err(Problem::internal)?;
        let explained = flags::explain(&mut found, &self.explanations);
        explained.map_err(|nothing| Problem::invalid("explanations", nothing.to_string()))?;
        let row = ReportRow {
            id,
            division,
            from,
            to,
            released_on: tx.today(),
            released_by: self.officer.officer,
            figures: Json(figures),
            flags: Json(found),
        };
        store::insert_report(tx, &row).await?;
        let event = ReportReleased {
            report: row.id,
            division,
            from,
            to,
            figures: u32::try_from(row.figures.0.len()).unwrap_or(u32::MAX),
            flags: u32::try_from(row.flags.0.len()).unwrap_or(u32::MAX),
            released_on: row.released_on,
        };
        tx.emit(&self.origin, &event)?;
        Ok(ReportView::from(row))
    }
}

impl ReleaseReport {
    async fn beside(
        &self,
        conn: &mut Conn,
        report: ReportId,
        indicator: &Indicator,
    ) -> Result<Beside, Failure> {
        let mut beside = Beside::default();
        if let Some(band) = &indicator.band
            && let Source::Standard(key) = &self.indicators.named(&band.standard)?.source
        {
            let rows = store::standards(conn, key, self.stretch.to).await?;
            beside.standards = standards::bounds(&standards::holding(&rows, &self.stretch));
        }
        if let Source::Rows(selection) = &indicator.source
            && indicator.unit == Unit::PersonTimes
        {
            let rows = rows_of(&indicator.name, selection, self.stretch, Some(report));
            beside.shared = store::shared(conn, rows, SHARED_MAX).await?;
        }
        Ok(beside)
    }

    /// Keeps the rows of an indicator, of which the report's figures are then made. A rate has no rows of its own: what is
    /// divided has.
    async fn keep(&self, conn: &mut Conn, report: ReportId, indicator: &Indicator) -> Result<(), Failure> {
        let key = (report, indicator.name.as_str());
        match &indicator.source {
            Source::Rows(selection) => store::keep(conn, key, selection, self.stretch).await?,
            Source::Standard(standard) => {
                let rows = store::standards(conn, standard, self.stretch.to).await?;
                store::keep_rows(conn, key, standards::rows(&rows, &self.stretch)).await?;
            }
            Source::Ratio(_) => {}
        }
        Ok(())
    }
}
