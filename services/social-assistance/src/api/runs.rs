//! Runs, lines and the proof.

use super::Assistance;
use crate::commands::open_run::OpenRun;
use crate::commands::settle_part::SettlePart;
use crate::queries::{LineView, ListLines, ListRuns, Proof, RunView, ShowProof, ShowRun};
use crate::store::LineFilter;
use axum::extract::State;
use mz_http::{Caller, Correlation, Created, Json, Keyed, OFFICERS, Page, Paged, Path, Query, Role};
use mz_kernel::{DivisionCode, Month, PersonId, RunId};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRun {
    month: Month,
}

/// `POST /runs`: runs a month to its end. Posted again after an interruption, it goes on where it was.
pub(super) async fn run_month(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewRun>,
) -> Result<Created<RunView>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let division = DivisionCode::from(app.area);
    caller.may_see(&division)?;
    let request = app.request_key(&caller, &command);
    let opened = app
        .db
        .write_once(
            request,
            OpenRun {
                policy: Arc::clone(&app.policy),
                division,
                month: command.body.month,
            },
        )
        .await?;
    loop {
        let part = SettlePart {
            policy: Arc::clone(&app.policy),
            run: opened.output,
            origin: origin(&caller, &correlation),
        };
        let run = app.db.write(part).await?;
        if !run.open {
            return Ok(Created {
                output: RunView::of(&run)?,
                replayed: opened.replayed,
            });
        }
    }
}

/// `GET /runs/{run}`.
pub(super) async fn show_run(
    State(app): Assistance,
    caller: Caller,
    Path(run): Path<RunId>,
) -> Result<Json<RunView>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ShowRun { run }).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct RunFilter {
    month: Option<Month>,
}

/// `GET /runs?month=`: a page at a time.
pub(super) async fn list_runs(
    State(app): Assistance,
    caller: Caller,
    Query(RunFilter { month }): Query<RunFilter>,
    page: Page,
) -> Result<Json<Paged<RunView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ListRuns { month, page }).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct LineQuery {
    month: Option<Month>,
    person: Option<PersonId>,
    run: Option<RunId>,
    division: Option<DivisionCode>,
}

/// `GET /lines?month=&person=&run=&division=`: a page at a time, in the order in which they were written.
pub(super) async fn list_lines(
    State(app): Assistance,
    caller: Caller,
    Query(LineQuery {
        month,
        person,
        run,
        division,
    }): Query<LineQuery>,
    page: Page,
) -> Result<Json<Paged<LineView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let division = caller.reading(division)?;
    let filter = LineFilter {
        month,
        person,
        run,
        division,
    };
    Ok(Json(app.db.read(ListLines { filter, page }).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofQuery {
    /// The last month.
    through: Month,
    /// This division and all below it; the whole area where it is not given.
    division: Option<DivisionCode>,
}

/// `GET /proof?through=&division=`: what was owed, computed anew, beside what was lined.
pub(super) async fn show_proof(
    State(app): Assistance,
    caller: Caller,
    Query(ProofQuery { through, division }): Query<ProofQuery>,
) -> Result<Json<Proof>, Failure> {
    caller.require_any(&OFFICERS)?;
    let division = caller.reading(division)?;
    let policy = Arc::clone(&app.policy);
    let work = ShowProof {
        policy,
        through,
        division,
    };
    Ok(Json(app.db.read(work).await?))
}
