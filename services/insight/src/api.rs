//! Routes and what they are asked with.

use crate::figures::{FigureView, RowView, Stretch};
use crate::queries::{CaseView, OpenFigure, OverviewView, ShowFigures, ShowOverview, ShowTimeline};
use crate::timeline::StepView;
use axum::Router;
use axum::extract::State;
use mz_contracts::{Insight, SocialAssistance};
use mz_http::{Api, Caller, Json, OFFICERS, Page, Paged, Path, Problem, Query};
use mz_kernel::{DivisionCode, Month, PersonId};
use mz_runtime::{App, Failure, InTheirName};
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) fn routes(app: App<Insight>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Insight>> {
    Api::new(&[])
        .get(
            "/persons/{person}/timeline",
            show_timeline,
            "What happened to a person and why, oldest first, a page at a time",
        )
        .get("/overview", show_overview, "This month, and what is open")
        .get(
            "/figures",
            show_figures,
            "Person-times and money by programme and class",
        )
        .get(
            "/figures/rows",
            open_figure,
            "The rows behind one figure, a page at a time",
        )
}

/// `GET /persons/{person}/timeline`.
async fn show_timeline(
    State(app): State<App<Insight>>,
    caller: Caller,
    Path(person): Path<PersonId>,
    page: Page,
) -> Result<Json<Paged<StepView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let work = ShowTimeline { caller, person, page };
    Ok(Json(app.db.read(work).await?))
}

#[derive(Deserialize, JsonSchema)]
struct Place {
    /// This division and all below it; the only one of the caller where it is not given.
    division: Option<DivisionCode>,
}

/// `GET /overview?division=`. Open cases are asked of social-assistance: their clocks pause and they can be withdrawn,
/// which no event tells.
async fn show_overview(
    State(app): State<App<Insight>>,
    caller: Caller,
    name: InTheirName,
    Query(Place { division }): Query<Place>,
) -> Result<Json<OverviewView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let division = caller.reading(division)?;
    let mut open = Vec::new();
    for stage in ["accepted", "proposed"] {
        open.extend(cases(&app, &name, division, stage).await?);
    }
    Ok(Json(app.db.read(ShowOverview { division, open }).await?))
}

/// One page of cases.
#[derive(Deserialize)]
struct Cases {
    items: Vec<CaseView>,
    next: Option<String>,
}

/// Every case of a stage within a division.
async fn cases(
    app: &App<Insight>,
    name: &InTheirName,
    division: DivisionCode,
    stage: &str,
) -> Result<Vec<CaseView>, Failure> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!(
            "/cases?division={division}&stage={stage}&limit={}{after}",
            Page::LIMIT_MAX
        );
        let page = app.ask::<SocialAssistance, Cases>(name, path).await?;
        let Some(Cases { items, next }) = page else {
            return Ok(all);
        };
        all.extend(items);
        match next {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct StretchQuery {
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
async fn show_figures(
    State(app): State<App<Insight>>,
    caller: Caller,
    Query(query): Query<StretchQuery>,
) -> Result<Json<Paged<FigureView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let stretch = query.read(&caller)?;
    Ok(Json(app.db.read(ShowFigures { stretch }).await?))
}

#[derive(Deserialize, JsonSchema)]
struct IndicatorQuery {
    /// The figure, such as `tekun_rural_person_times`.
    indicator: String,
}

/// `GET /figures/rows?indicator=&from=&to=&division=`.
async fn open_figure(
    State(app): State<App<Insight>>,
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

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("insight", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
