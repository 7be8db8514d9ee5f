//! Figures and their rows.

use super::Records;
use crate::figures::{FigureView, RowView, Stretch};
use crate::queries::{OpenFigure, ShowFigures};
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
        if from > to {
            return Err(Problem::invalid("to", format!("{to} lies before {from}.")));
        }
        let division = caller.reading(division)?;
        Ok(Stretch { from, to, division })
    }
}

/// `GET /figures?from=&to=&division=`.
pub(super) async fn show_figures(
    State(app): Records,
    caller: Caller,
    Query(query): Query<StretchQuery>,
) -> Result<Json<Paged<FigureView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let stretch = query.read(&caller)?;
    Ok(Json(app.db.read(ShowFigures { stretch }).await?))
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
    let work = OpenFigure {
        indicator,
        stretch,
        page,
    };
    Ok(Json(app.db.read(work).await?))
}
