//! Routes and wire types.

mod cases;
mod entitlements;
mod runs;
mod standards;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use mz_contracts::SocialAssistance;
use mz_http::{Caller, Problem, Role};
use mz_kernel::DivisionCode;
use mz_runtime::{App, Failure};
use serde::Deserialize;

type Assistance = State<App<SocialAssistance>>;

/// Who takes applications in, proposes and reads: officers, and no administrator or agency.
const OFFICERS: [Role; 2] = [Role::TownshipOfficer, Role::BureauOfficer];

pub(crate) fn routes(app: App<SocialAssistance>) -> Router {
    app.router(
        Router::new()
            .route("/cases", get(cases::list_cases).post(cases::accept_case))
            .route("/cases/{case}", get(cases::show_case))
            .route("/cases/{case}/pauses", post(cases::pause))
            .route("/cases/{case}/resumption", post(cases::resume))
            .route("/cases/{case}/withdrawal", post(cases::withdraw))
            .route("/cases/{case}/proposal", post(cases::propose))
            .route("/cases/{case}/decision", post(cases::decide))
            .route("/entitlements", get(entitlements::list_entitlements))
            .route("/entitlements/{entitlement}", get(entitlements::show_entitlement))
            .route(
                "/entitlements/{entitlement}/stops",
                post(entitlements::propose_stop),
            )
            .route(
                "/entitlements/{entitlement}/stops/{stop}/decision",
                post(entitlements::decide_stop),
            )
            .route(
                "/standards",
                get(standards::list_standards).post(standards::propose_standard),
            )
            .route("/standards/{standard}/preview", get(standards::preview_standard))
            .route("/standards/{standard}/decision", post(standards::decide_standard))
            .route("/runs", get(runs::list_runs).post(runs::run_month))
            .route("/runs/{run}", get(runs::show_run))
            .route("/lines", get(runs::list_lines))
            .route("/figures", get(runs::show_figures)),
    )
}

/// Whether a checker agrees to what was proposed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    agree: bool,
    reasons: Vec<String>,
}

/// The division that a caller reads: the one asked for if they may see it, else their only one.
fn reading(caller: &Caller, asked: Option<DivisionCode>) -> Result<DivisionCode, Failure> {
    match (asked, caller.divisions.as_slice()) {
        (Some(division), _) => {
            caller.may_see(&division)?;
            Ok(division)
        }
        (None, [only]) => Ok(*only),
        (None, _) => Err(Problem::invalid("division", "Say which of your divisions is meant.").into()),
    }
}
