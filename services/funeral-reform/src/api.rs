//! Routes and wire types.

use crate::commands::decide_annulment::DecideAnnulment;
use crate::commands::propose_annulment::ProposeAnnulment;
use crate::commands::register_death::RegisterDeath;
use crate::deaths::Person;
use crate::ids::AnnulmentId;
use crate::problems;
use crate::queries::{DeathView, ListDeaths, ShowDeath};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use mz_contracts::{Code, FuneralReform, Registration};
use mz_http::{Caller, Correlation, Json, Keyed, Page, Paged, Path, Problem, Query, Replayed, Role};
use mz_kernel::{Date, DeathId, PersonId};
use mz_runtime::{App, Failure, InTheirName, origin};
use serde::Deserialize;
use std::sync::Arc;

type Register = State<App<FuneralReform>>;

/// Who registers deaths, reads them, and proposes annulments: officers, and no administrator or agency.
const OFFICERS: [Role; 2] = [Role::TownshipOfficer, Role::BureauOfficer];
/// The longest description of a place, in characters.
const PLACE_MAX: usize = 100;

pub(crate) fn routes(app: App<FuneralReform>) -> Router {
    app.router(
        Router::new()
            .route("/deaths", get(list_deaths).post(register_death))
            .route("/deaths/{death}", get(show_death))
            .route("/deaths/{death}/annulments", post(propose_annulment))
            .route(
                "/deaths/{death}/annulments/{annulment}/decision",
                post(decide_annulment),
            ),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDeath {
    person: PersonId,
    died_on: Date,
    /// Where, in words: a hospital, at home.
    place: Option<String>,
    /// What shows it, such as `medical-certificate`, `police-document`, `village-report`.
    source: Option<Code>,
}

/// `POST /deaths`.
async fn register_death(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    name: InTheirName,
    command: Keyed<NewDeath>,
) -> Result<impl IntoResponse, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewDeath {
        person: id,
        died_on,
        place,
        source,
    } = command.body;
    if place
        .as_ref()
        .is_some_and(|place| !(1..=PLACE_MAX).contains(&place.chars().count()))
    {
        return Err(Problem::invalid("place", format!("A place has 1 to {PLACE_MAX} characters.")).into());
    }
    let person = app
        .ask::<Registration, Person>(&name, format!("/persons/{id}"))
        .await?;
    let work = RegisterDeath {
        policy: Arc::clone(&app.policy),
        calendar: Arc::clone(&app.calendar),
        id,
        person: person.ok_or_else(problems::person_unknown)?,
        died_on,
        place,
        source,
        origin: origin(&caller, &correlation),
    };
    let answer = app.db.write_once(request, work).await?;
    Ok((
        StatusCode::CREATED,
        Replayed(answer.replayed),
        Json(answer.output),
    ))
}

/// `GET /deaths/{death}`.
async fn show_death(
    State(app): Register,
    caller: Caller,
    Path(death): Path<DeathId>,
) -> Result<Json<DeathView>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ShowDeath { caller, death }).await?))
}

#[derive(Deserialize)]
struct DeathFilter {
    person: PersonId,
}

/// `GET /deaths?person=per_…`: a page at a time.
async fn list_deaths(
    State(app): Register,
    caller: Caller,
    Query(DeathFilter { person }): Query<DeathFilter>,
    page: Page,
) -> Result<Json<Paged<DeathView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ListDeaths { caller, person, page }).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAnnulment {
    reason: Code,
}

/// `POST /deaths/{death}/annulments`.
async fn propose_annulment(
    State(app): Register,
    caller: Caller,
    Path(death): Path<DeathId>,
    command: Keyed<NewAnnulment>,
) -> Result<impl IntoResponse, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let work = ProposeAnnulment {
        maker: caller,
        death,
        reason: command.body.reason,
    };
    let answer = app.db.write_once(request, work).await?;
    Ok((
        StatusCode::CREATED,
        Replayed(answer.replayed),
        Json(answer.output),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    agree: bool,
    reasons: Vec<String>,
}

/// `POST /deaths/{death}/annulments/{annulment}/decision`.
async fn decide_annulment(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    Path((death, annulment)): Path<(DeathId, AnnulmentId)>,
    command: Keyed<Decision>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Decision { agree, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let work = DecideAnnulment {
        checker: caller,
        death,
        annulment,
        agree,
        reasons,
        origin,
    };
    let answer = app.db.write_once(request, work).await?;
    Ok((Replayed(answer.replayed), Json(answer.output)))
}
