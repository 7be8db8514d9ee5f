//! Routes and wire types.

mod divisions;

use crate::commands::decide_correction::DecideCorrection;
use crate::commands::propose_correction::ProposeCorrection;
use crate::commands::register_person::RegisterPerson;
use crate::identity::{Identity, Traits, read_number};
use crate::ids::CorrectionId;
use crate::queries::{FindPerson, PersonView, ShowPerson};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use mz_contracts::{Code, Registration};
use mz_http::{Caller, Correlation, Json, Keyed, Path, Replayed, Role};
use mz_kernel::{Date, DivisionCode, PersonId, ResidentId, Sex};
use mz_runtime::{App, Failure, origin};
use serde::Deserialize;
use std::sync::Arc;

type Register = State<App<Registration>>;

/// Who registers persons, reads them, and proposes corrections: officers, and no administrator or agency.
const OFFICERS: [Role; 2] = [Role::TownshipOfficer, Role::BureauOfficer];

pub(crate) fn routes(app: App<Registration>) -> Router {
    app.router(
        Router::new()
            .route(
                "/divisions",
                get(divisions::list_divisions).post(divisions::enter_divisions),
            )
            .route("/persons", post(register_person))
            .route("/persons/lookup", post(find_person))
            .route("/persons/{person}", get(show_person))
            .route("/persons/{person}/number-corrections", post(propose_correction))
            .route(
                "/persons/{person}/number-corrections/{correction}/decision",
                post(decide_correction),
            ),
    )
}

// Persons.

/// A document that identifies its holder. It has no `Debug`: the number is in the clear here.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum Document {
    /// 居民身份证.
    ResidentId { number: String },
}

impl Document {
    fn number(&self) -> &str {
        let Self::ResidentId { number } = self;
        number
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    name: String,
    document: Option<Document>,
    sex: Option<Sex>,
    birth_date: Option<Date>,
    division: DivisionCode,
}

/// `POST /persons`: 201 for a new person, 200 for one whose number and name the register knows.
async fn register_person(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewPerson>,
) -> Result<impl IntoResponse, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewPerson {
        name,
        document,
        sex,
        birth_date,
        division,
    } = command.body;
    caller.may_see(&division)?;
    let number = document.as_ref().map(Document::number);
    let work = RegisterPerson {
        keyring: Arc::clone(&app.keyring),
        identity: Identity::declare(&name, number, Traits { sex, birth_date }, app.today())?,
        division,
        origin: origin(&caller, &correlation),
    };
    let answer = app.db.write_once(request, work).await?;
    let status = if answer.output.matched {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Replayed(answer.replayed), Json(answer.output)))
}

/// `GET /persons/{person}`.
async fn show_person(
    State(app): Register,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<Json<PersonView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let query = ShowPerson {
        keyring: Arc::clone(&app.keyring),
        caller,
        person,
    };
    Ok(Json(app.db.read(query).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    document: Document,
}

/// `POST /persons/lookup`: a query, by POST so that no number stands in a URL.
async fn find_person(
    State(app): Register,
    caller: Caller,
    Json(Lookup { document }): Json<Lookup>,
) -> Result<Json<PersonView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let number = read_number(document.number(), app.today())?;
    let query = FindPerson {
        keyring: Arc::clone(&app.keyring),
        caller,
        number,
    };
    Ok(Json(app.db.read(query).await?))
}

// Corrections of a number.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCorrection {
    /// Null where the person has no number. A field that is left out must not mean the same.
    #[serde(deserialize_with = "Option::deserialize")]
    document: Option<Document>,
    sex: Option<Sex>,
    birth_date: Option<Date>,
    reason: Code,
}

/// `POST /persons/{person}/number-corrections`.
async fn propose_correction(
    State(app): Register,
    caller: Caller,
    Path(person): Path<PersonId>,
    command: Keyed<NewCorrection>,
) -> Result<impl IntoResponse, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewCorrection {
        document,
        sex,
        birth_date,
        reason,
    } = command.body;
    let today = app.today();
    let number: Option<ResidentId> = document
        .map(|document| read_number(document.number(), today))
        .transpose()?;
    let work = ProposeCorrection {
        keyring: Arc::clone(&app.keyring),
        maker: caller,
        person,
        traits: Traits { sex, birth_date }.beside(number.as_ref(), today)?,
        number,
        reason,
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

/// `POST /persons/{person}/number-corrections/{correction}/decision`.
async fn decide_correction(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    Path((person, correction)): Path<(PersonId, CorrectionId)>,
    command: Keyed<Decision>,
) -> Result<impl IntoResponse, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Decision { agree, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let work = DecideCorrection {
        checker: caller,
        person,
        correction,
        agree,
        reasons,
        origin,
    };
    let answer = app.db.write_once(request, work).await?;
    Ok((Replayed(answer.replayed), Json(answer.output)))
}
