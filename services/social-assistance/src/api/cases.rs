//! Cases.

use super::Assistance;
use crate::commands::accept_case::{AcceptCase, Accepted};
use crate::commands::decide_case::{DecideCase, Decided};
use crate::commands::move_case::{Move, MoveCase, Moved};
use crate::problems;
use crate::queries::{CaseView, ListCases, ShowCase};
use crate::tekun::{Class, Mode};
use crate::words;
use axum::extract::State;
use mz_casework::PauseReason;
use mz_contracts::{Registration, SocialAssistance};
use mz_http::{Caller, Correlation, Created, Done, Json, Keyed, OFFICERS, Page, Paged, Path, Query, Role};
use mz_kernel::{CaseId, Date, DateSchema, DivisionCode, Month, PersonId};
use mz_runtime::{App, Failure, InTheirName, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Programme {
    Tekun,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Application {
    #[serde(rename = "programme")]
    _programme: Programme,
    person: PersonId,
    class: Class,
    mode: Mode,
    division: DivisionCode,
}

/// As the identity register answers.
#[derive(Deserialize, JsonSchema)]
struct Person {
    #[schemars(with = "Option<DateSchema>")]
    deceased_on: Option<Date>,
}

/// `POST /cases`.
pub(super) async fn accept_case(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    name: InTheirName,
    command: Keyed<Application>,
) -> Result<Created<Accepted>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let Application {
        person,
        class,
        mode,
        division,
        ..
    } = command.body;
    caller.may_see(&division)?;
    let known = app
        .ask::<Registration, Person>(&name, format!("/persons/{person}"))
        .await?;
    let Person { deceased_on } = known.ok_or_else(problems::person_unknown)?;
    let work = AcceptCase {
        policy: Arc::clone(&app.policy),
        calendar: Arc::clone(&app.calendar),
        person,
        deceased: deceased_on.is_some(),
        class,
        mode,
        division,
        origin: origin(&caller, &correlation),
    };
    app.created(request, work).await
}

/// `GET /cases/{case}`.
pub(super) async fn show_case(
    State(app): Assistance,
    caller: Caller,
    Path(case): Path<CaseId>,
) -> Result<Json<CaseView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let calendar = Arc::clone(&app.calendar);
    Ok(Json(
        app.db
            .read(ShowCase {
                caller,
                calendar,
                case,
            })
            .await?,
    ))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct CaseFilter {
    stage: Option<words::State>,
    division: Option<DivisionCode>,
}

/// `GET /cases?stage=&division=`: a page at a time.
pub(super) async fn list_cases(
    State(app): Assistance,
    caller: Caller,
    Query(CaseFilter { stage, division }): Query<CaseFilter>,
    page: Page,
) -> Result<Json<Paged<CaseView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let division = caller.reading(division)?;
    let calendar = Arc::clone(&app.calendar);
    Ok(Json(
        app.db
            .read(ListCases {
                calendar,
                state: stage,
                division,
                page,
            })
            .await?,
    ))
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "NewOutcome")]
enum Outcome {
    Grant,
    Refuse,
}

impl From<Outcome> for mz_casework::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Grant => Self::Granted,
            Outcome::Refuse => Self::Refused,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewProposal")]
pub(super) struct Proposal {
    outcome: Outcome,
    reasons: Vec<String>,
    from: Option<Month>,
}

/// `POST /cases/{case}/proposal`.
pub(super) async fn propose(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path(case): Path<CaseId>,
    command: Keyed<Proposal>,
) -> Result<Done<Moved>, Failure> {
    let Proposal {
        outcome,
        reasons,
        from,
    } = &command.body;
    let reasons = reasons.clone();
    let what = Move::Propose {
        outcome: (*outcome).into(),
        reasons,
        first_month: *from,
    };
    move_case(app, (caller, correlation), case, &command, what).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewWithdrawal")]
pub(super) struct Withdrawal {
    reasons: Vec<String>,
}

/// `POST /cases/{case}/withdrawal`.
pub(super) async fn withdraw(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path(case): Path<CaseId>,
    command: Keyed<Withdrawal>,
) -> Result<Done<Moved>, Failure> {
    let what = Move::Withdraw {
        reasons: command.body.reasons.clone(),
    };
    move_case(app, (caller, correlation), case, &command, what).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewPause")]
pub(super) struct Pause {
    reason: PauseReason,
    evidence: String,
}

/// `POST /cases/{case}/pauses`.
pub(super) async fn pause(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path(case): Path<CaseId>,
    command: Keyed<Pause>,
) -> Result<Done<Moved>, Failure> {
    let what = Move::Pause {
        reason: command.body.reason,
        evidence: command.body.evidence.clone(),
    };
    move_case(app, (caller, correlation), case, &command, what).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resumption {}

/// `POST /cases/{case}/resumption`.
pub(super) async fn resume(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path(case): Path<CaseId>,
    command: Keyed<Resumption>,
) -> Result<Done<Moved>, Failure> {
    move_case(app, (caller, correlation), case, &command, Move::Resume).await
}

async fn move_case<T>(
    app: App<SocialAssistance>,
    (officer, correlation): (Caller, Correlation),
    case: CaseId,
    command: &Keyed<T>,
    what: Move,
) -> Result<Done<Moved>, Failure> {
    officer.require_any(&OFFICERS)?;
    let request = app.request_key(&officer, command);
    let work = MoveCase {
        origin: origin(&officer, &correlation),
        officer,
        case,
        calendar: Arc::clone(&app.calendar),
        what,
    };
    app.done(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewDecision")]
pub(super) struct Decision {
    outcome: Outcome,
    reasons: Vec<String>,
}

/// `POST /cases/{case}/decision`.
pub(super) async fn decide(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path(case): Path<CaseId>,
    command: Keyed<Decision>,
) -> Result<Done<Decided>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Decision { outcome, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let policy = Arc::clone(&app.policy);
    let work = DecideCase {
        policy,
        checker: caller,
        case,
        outcome: outcome.into(),
        reasons,
        origin,
    };
    app.done(request, work).await
}
