//! Figures and their rows.

use super::Records;
use crate::figures::FigureView;
use crate::indicators::{Breakdown, Indicators};
use crate::queries::{OpenFigure, RowView, ShowFigures};
use crate::store::Stretch;
use axum::extract::State;
use mz_http::{Caller, Json, OFFICERS, Page, Paged, Problem, Query};
use mz_kernel::{DivisionCode, Month};
use mz_runtime::Failure;
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
pub(super) struct StretchQuery {
    /// The first month.
    from: Month,
    /// The last month.
    to: Month,
    /// This division and all below it; the only one of the caller where it is not given.
    division: Option<DivisionCode>,
}

impl StretchQuery {
    /// The stretch, if the caller may see the division.
    fn read(self, caller: &Caller) -> Result<Stretch, Problem> {
        let Self { from, to, division } = self;
        in_order(from, to)?;
        let division = caller.reading(division)?;
        Ok(Stretch { from, to, division })
    }
}

/// 422 where the last month lies before the first.
pub(super) fn in_order(from: Month, to: Month) -> Result<(), Problem> {
    if from <= to {
        return Ok(());
    }
    Err(Problem::invalid("to", format!("{to} lies before {from}.")))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct FigureQuery {
    /// The figure, such as `tekun_rural_person_times`; all where it is not given.
    indicator: Option<String>,
    /// Adds the figure by township, class, mode or month, where it has this breakdown.
    by: Option<Breakdown>,
}

/// `GET /figures?from=&to=&division=&indicator=&by=`.
pub(super) async fn show_figures(
    State(app): Records,
    caller: Caller,
    Query(FigureQuery { indicator, by }): Query<FigureQuery>,
    Query(query): Query<StretchQuery>,
) -> Result<Json<Paged<FigureView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let stretch = query.read(&caller)?;
    let indicators = Indicators::shipped()?;
    let only = match indicator {
        Some(name) => Some(indicators.named(&name)?),
        None => None,
    };
    let work = ShowFigures {
        indicators,
        only,
        by,
        stretch,
    };
    Ok(Json(app.db.read(work).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct IndicatorQuery {
    /// The figure, such as `tekun_rural_person_times`.
    indicator: String,
}

/// `GET /figures/rows?indicator=&from=&to=&division=`.
pub(super) async fn open_figure(
    State(app): Records,
    caller: Caller,
    Query(IndicatorQuery { indicator }): Query<IndicatorQuery>,
    Query(query): Query<StretchQuery>,
    page: Page,
) -> Result<Json<Paged<RowView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let stretch = query.read(&caller)?;
    let indicators = Indicators::shipped()?;
    let work = OpenFigure {
        indicators,
        indicator: indicators.named(&indicator)?,
        stretch,
        page,
    };
    Ok(Json(app.db.read(work).await?))
}
