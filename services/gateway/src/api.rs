//! Routes and wire types.

use crate::accounts;
use crate::commands::open_account::{OpenAccount, Opened};
use axum::Router;
use axum::extract::State;
use mz_contracts::Gateway;
use mz_http::{Api, Caller, Correlation, Created, Keyed, Problem, Role};
use mz_kernel::DivisionCode;
use mz_runtime::{App, Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) fn routes(app: App<Gateway>) -> Router {
    app.api(Api::new(&[]).post("/users", open_account, "Opens an account for an officer"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// What the officer signs in with.
    login: String,
    /// The name to show.
    name: String,
    /// `township-officer`, `bureau-officer`, `administrator`.
    #[schemars(with = "Vec<String>")]
    roles: Vec<Role>,
    divisions: Vec<DivisionCode>,
    /// At least 12 characters.
    password: String,
}

/// `POST /users`.
async fn open_account(
    State(app): State<App<Gateway>>,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewUser>,
) -> Result<Created<Opened>, Failure> {
    caller.require(Role::Administrator)?;
    let request = app.request_key(&caller, &command);
    let NewUser {
        login,
        name,
        roles,
        divisions,
        password,
    } = command.body;
    for division in &divisions {
        caller.may_see(division)?;
    }
    if password.chars().count() < accounts::PASSWORD_MIN {
        let detail = format!("A password has at least {} characters.", accounts::PASSWORD_MIN);
        return Err(Problem::invalid("password", detail).into());
    }
    let work = OpenAccount {
        login,
        name,
        roles,
        divisions,
        password: accounts::hash(password).await?,
        origin: origin(&caller, &correlation),
        only_first: false,
    };
    app.created(request, work).await
}
