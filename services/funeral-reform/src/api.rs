//! Routes and wire types.

use crate::commands::decide_annulment::{DecideAnnulment, Decided};
use crate::commands::propose_annulment::{ProposeAnnulment, Proposed};
use crate::commands::register_death::{RegisterDeath, Registered};
use crate::deaths::Person;
use crate::ids::AnnulmentId;
use crate::problems;
use crate::queries::{DeathView, ListDeaths, ShowDeath};
use axum::Router;
use axum::extract::State;
use mz_contracts::{Code, FuneralReform, Registration};
use mz_http::{
    Agreement, Api, Caller, Correlation, Created, Done, Json, Keyed, OFFICERS, Page, Paged, Path, Problem,
    Query, Role,
};
use mz_kernel::{Date, DateSchema, DeathId, PersonId};
use mz_runtime::{App, Failure, InTheirName, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

type Register = State<App<FuneralReform>>;

/// The longest description of a place, in characters.
const PLACE_MAX: usize = 100;

pub(crate) fn routes(app: App<FuneralReform>) -> Router {
    app.api(api())
}

fn api() -> Api<App<FuneralReform>> {
    Api::new(problems::PROBLEMS)
        .get("/deaths", list_deaths, "Entries of a person, a page at a time")
        .post("/deaths", register_death, "Registers a death")
        .get(
            "/deaths/{death}",
            show_death,
            "An entry of the register of deaths",
        )
        .post(
            "/deaths/{death}/annulments",
            propose_annulment,
            "Proposes that an entry be annulled",
        )
        .post(
            "/deaths/{death}/annulments/{annulment}/decision",
            decide_annulment,
            "Decides on an annulment as its checker",
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDeath {
    person: PersonId,
    #[schemars(with = "DateSchema")]
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
) -> Result<Created<Registered>, Failure> {
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
    app.created(request, work).await
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

#[derive(Deserialize, JsonSchema)]
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

#[derive(Deserialize, JsonSchema)]
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
) -> Result<Created<Proposed>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let work = ProposeAnnulment {
        maker: caller,
        death,
        reason: command.body.reason,
    };
    app.created(request, work).await
}

/// `POST /deaths/{death}/annulments/{annulment}/decision`.
async fn decide_annulment(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    Path((death, annulment)): Path<(DeathId, AnnulmentId)>,
    command: Keyed<Agreement>,
) -> Result<Done<Decided>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Agreement { agree, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let work = DecideAnnulment {
        checker: caller,
        death,
        annulment,
        agree,
        reasons,
        origin,
    };
    app.done(request, work).await
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("funeral-reform", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
