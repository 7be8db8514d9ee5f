//! The console's first page.

use super::Records;
use crate::queries::{CaseView, OverviewView, ShowOverview};
use axum::extract::State;
use mz_contracts::{Insight, SocialAssistance};
use mz_http::{Caller, Json, OFFICERS, Page, Query};
use mz_kernel::DivisionCode;
use mz_runtime::{App, Failure, InTheirName};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Place {
    /// This division and all below it; the only one of the caller where it is not given.
    division: Option<DivisionCode>,
}

/// `GET /overview?division=`. Open cases are asked of social-assistance: their clocks pause and they can be withdrawn,
/// which no event tells.
pub(super) async fn show_overview(
    State(app): Records,
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
