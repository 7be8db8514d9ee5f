//! Routes and wire types.

mod divisions;

use crate::commands::decide_correction::{DecideCorrection, Decided};
use crate::commands::propose_correction::{ProposeCorrection, Proposed};
use crate::commands::register_person::{RegisterPerson, Registered};
use crate::identity::{Identity, Traits, read_number};
use crate::ids::CorrectionId;
use crate::problems::PROBLEMS;
use crate::queries::{FindPerson, PersonView, ShowPerson};
use axum::Router;
use axum::extract::State;
use mz_contracts::{Code, Registration};
use mz_http::{
    Agreement, Api, Caller, Correlation, Created, Done, Either, Json, Keyed, OFFICERS, Path, Role,
};
use mz_kernel::{Date, DateSchema, DivisionCode, PersonId, ResidentId, Sex};
use mz_runtime::{App, Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

type Register = State<App<Registration>>;

pub(crate) fn routes(app: App<Registration>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Registration>> {
    Api::new(PROBLEMS)
        .get(
            "/divisions",
            divisions::list_divisions,
            "Units that are live on a day",
        )
        .post(
            "/divisions",
            divisions::enter_divisions,
            "Enters rows of the division tree, all or none",
        )
        .post(
            "/persons",
            register_person,
            "Registers a person, or finds one by number and name",
        )
        .post("/persons/lookup", find_person, "The person who holds a document")
        .get("/persons/{person}", show_person, "A person, masked")
        .post(
            "/persons/{person}/number-corrections",
            propose_correction,
            "Proposes that a person's number be corrected",
        )
        .post(
            "/persons/{person}/number-corrections/{correction}/decision",
            decide_correction,
            "Decides on a correction as its checker",
        )
}

// Persons.

/// A document that identifies its holder. It has no `Debug`: the number is in the clear here.
#[derive(Deserialize, JsonSchema)]
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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    name: String,
    document: Option<Document>,
    sex: Option<Sex>,
    #[schemars(with = "Option<DateSchema>")]
    birth_date: Option<Date>,
    division: DivisionCode,
}

/// `POST /persons`: 201 for a new person, 200 for one whose number and name the register knows.
async fn register_person(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewPerson>,
) -> Result<Either<Created<Registered>, Done<Registered>>, Failure> {
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
    let Done { output, replayed } = app.done(request, work).await?;
    Ok(if output.matched {
        Either::Other(Done { output, replayed })
    } else {
        Either::One(Created { output, replayed })
    })
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

#[derive(Deserialize, JsonSchema)]
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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewCorrection {
    /// Null where the person has no number. A field that is left out must not mean the same.
    #[serde(deserialize_with = "Option::deserialize")]
    document: Option<Document>,
    sex: Option<Sex>,
    #[schemars(with = "Option<DateSchema>")]
    birth_date: Option<Date>,
    reason: Code,
}

/// `POST /persons/{person}/number-corrections`.
async fn propose_correction(
    State(app): Register,
    caller: Caller,
    Path(person): Path<PersonId>,
    command: Keyed<NewCorrection>,
) -> Result<Created<Proposed>, Failure> {
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
    app.created(request, work).await
}

/// `POST /persons/{person}/number-corrections/{correction}/decision`.
async fn decide_correction(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    Path((person, correction)): Path<(PersonId, CorrectionId)>,
    command: Keyed<Agreement>,
) -> Result<Done<Decided>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Agreement { agree, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let work = DecideCorrection {
        checker: caller,
        person,
        correction,
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
        let document = api().document("registration", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
