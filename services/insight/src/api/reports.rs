//! Reports.

use super::Records;
use super::figures::in_order;
use crate::commands::release_report::ReleaseReport;
use crate::indicators::Indicators;
use crate::queries::{ListReports, OpenReportFigure, ReportHead, ReportView, RowView, ShowReport};
use crate::store::Stretch;
use axum::extract::State;
use mz_http::{Caller, Correlation, Created, Json, Keyed, OFFICERS, Page, Paged, Path, Problem, Query, Role};
use mz_kernel::{DivisionCode, Month, ReportId};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReport {
    /// The first month.
    from: Month,
    /// The last month; not a later one than this.
    to: Month,
    /// The division that it is about, with all below it.
    division: DivisionCode,
    /// Why a check does not hold, by the name of its indicator: printed with its flags. Each 1 to 500 characters.
    #[serde(default)]
    explanations: BTreeMap<String, String>,
}

/// The longest explanation, in characters.
const EXPLANATION_MAX: usize = 500;

/// `POST /reports`. Checks that do not hold do not keep it back: they are a part of it.
pub(super) async fn release_report(
    State(app): Records,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewReport>,
) -> Result<Created<ReportView>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let NewReport {
        from,
        to,
        division,
        explanations,
    } = command.body;
    caller.may_see(&division)?;
    in_order(from, to)?;
    let is_text = |text: &String| (1..=EXPLANATION_MAX).contains(&text.trim().chars().count());
    if !explanations.values().all(is_text) {
        let detail = format!("An explanation has 1 to {EXPLANATION_MAX} characters.");
        return Err(Problem::invalid("explanations", detail).into());
    }
    let work = ReleaseReport {
        origin: origin(&caller, &correlation),
        officer: caller,
        indicators: Indicators::shipped()?,
        stretch: Stretch { from, to, division },
        explanations,
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ReportQuery {
    /// This division and all below it; the only one of the caller where it is not given.
    division: Option<DivisionCode>,
}

/// `GET /reports?division=`.
pub(super) async fn list_reports(
    State(app): Records,
    caller: Caller,
    Query(ReportQuery { division }): Query<ReportQuery>,
    page: Page,
) -> Result<Json<Paged<ReportHead>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let division = caller.reading(division)?;
    Ok(Json(app.db.read(ListReports { division, page }).await?))
}

/// `GET /reports/{report}`.
pub(super) async fn show_report(
    State(app): Records,
    caller: Caller,
    Path(report): Path<ReportId>,
) -> Result<Json<ReportView>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ShowReport { caller, report }).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ReportedFigure {
    report: ReportId,
    indicator: String,
}

/// `GET /reports/{report}/figures/{indicator}/rows`.
pub(super) async fn open_report_figure(
    State(app): Records,
    caller: Caller,
    Path(ReportedFigure { report, indicator }): Path<ReportedFigure>,
    page: Page,
) -> Result<Json<Paged<RowView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let work = OpenReportFigure {
        caller,
        report,
        indicator,
        page,
    };
    Ok(Json(app.db.read(work).await?))
}
