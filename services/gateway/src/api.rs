//! Routes and wire types.

use crate::accounts;
use crate::commands::Changed;
use crate::commands::change_account::ChangeAccount;
use crate::commands::close_account::CloseAccount;
use crate::commands::open_account::{OpenAccount, Opened};
use crate::commands::set_password::SetPassword;
use crate::problems::PROBLEMS;
use crate::queries::{ListReads, ListUsers, ReadView, ShowUser, UserView};
use crate::store::ReadFilter;
use axum::Router;
use axum::extract::State;
use mz_contracts::Gateway;
use mz_http::{
    Api, Caller, Correlation, Created, Done, Json, Keyed, Page, Paged, Path, Problem, Query, Role,
};
use mz_kernel::{Date, DateSchema, DivisionCode, OfficerId, PersonId};
use mz_runtime::{App, Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;

type Desk = State<App<Gateway>>;

pub(crate) fn routes(app: App<Gateway>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Gateway>> {
    Api::new(PROBLEMS)
        .get("/users", list_users, "Accounts, a page at a time")
        .get("/users/{user}", show_user, "An account")
        .post("/users", open_account, "Opens an account for an officer")
        .post(
            "/users/{user}/changes",
            change_account,
            "Changes what an officer may do, and where",
        )
        .post(
            "/users/{user}/password",
            set_password,
            "Sets an officer's password, and ends their sessions",
        )
        .post(
            "/users/{user}/closure",
            close_account,
            "Closes an account, and ends its sessions",
        )
        .get("/audit", list_reads, "Who read about whom, the latest first")
}

/// `GET /users`.
async fn list_users(
    State(app): Desk,
    administrator: Caller,
    page: Page,
) -> Result<Json<Paged<UserView>>, Failure> {
    administrator.require(Role::Administrator)?;
    Ok(Json(app.db.read(ListUsers { administrator, page }).await?))
}

/// `GET /users/{user}`.
async fn show_user(
    State(app): Desk,
    administrator: Caller,
    Path(user): Path<OfficerId>,
) -> Result<Json<UserView>, Failure> {
    administrator.require(Role::Administrator)?;
    let work = ShowUser { administrator, user };
    Ok(Json(app.db.read(work).await?))
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
    /// Whether the officer has to choose another one at the first sign-in.
    #[serde(default)]
    temporary: bool,
}

/// The administrator gives out only what lies in their own divisions.
fn may_give(caller: &Caller, divisions: &[DivisionCode]) -> Result<(), Problem> {
    caller.require(Role::Administrator)?;
    divisions.iter().try_for_each(|division| caller.may_see(division))
}

/// `POST /users`.
async fn open_account(
    State(app): Desk,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewUser>,
) -> Result<Created<Opened>, Failure> {
    may_give(&caller, &command.body.divisions)?;
    let request = app.request_key(&caller, &command);
    let user = command.body;
    let work = OpenAccount {
        login: user.login,
        name: user.name,
        roles: user.roles,
        divisions: user.divisions,
        password: accounts::new_password("password", user.password).await?,
        temporary: user.temporary,
        origin: origin(&caller, &correlation),
        only_first: false,
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    name: String,
    #[schemars(with = "Vec<String>")]
    roles: Vec<Role>,
    divisions: Vec<DivisionCode>,
}

/// `POST /users/{user}/changes`.
async fn change_account(
    State(app): Desk,
    caller: Caller,
    correlation: Correlation,
    Path(user): Path<OfficerId>,
    command: Keyed<UserChange>,
) -> Result<Done<Changed>, Failure> {
    may_give(&caller, &command.body.divisions)?;
    let request = app.request_key(&caller, &command);
    let UserChange {
        name,
        roles,
        divisions,
    } = command.body;
    let work = ChangeAccount {
        origin: origin(&caller, &correlation),
        administrator: caller,
        user,
        name,
        roles,
        divisions,
    };
    app.done(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// At least 12 characters.
    password: String,
    /// Whether the officer has to choose another one at the next sign-in.
    #[serde(default)]
    temporary: bool,
}

/// `POST /users/{user}/password`.
async fn set_password(
    State(app): Desk,
    administrator: Caller,
    correlation: Correlation,
    Path(user): Path<OfficerId>,
    command: Keyed<NewPassword>,
) -> Result<Done<Changed>, Failure> {
    administrator.require(Role::Administrator)?;
    let request = app.request_key(&administrator, &command);
    let work = SetPassword {
        origin: origin(&administrator, &correlation),
        administrator,
        user,
        password: accounts::new_password("password", command.body.password).await?,
        temporary: command.body.temporary,
    };
    app.done(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoFields {}

/// `POST /users/{user}/closure`.
async fn close_account(
    State(app): Desk,
    administrator: Caller,
    correlation: Correlation,
    Path(user): Path<OfficerId>,
    command: Keyed<NoFields>,
) -> Result<Done<Changed>, Failure> {
    administrator.require(Role::Administrator)?;
    let request = app.request_key(&administrator, &command);
    let work = CloseAccount {
        origin: origin(&administrator, &correlation),
        administrator,
        user,
    };
    app.done(request, work).await
}

#[derive(Deserialize, JsonSchema)]
struct ReadQuery {
    person: Option<PersonId>,
    officer: Option<OfficerId>,
    /// The first day, by the system clock.
    #[schemars(with = "Option<DateSchema>")]
    from: Option<Date>,
    /// The last day.
    #[schemars(with = "Option<DateSchema>")]
    to: Option<Date>,
}

/// `GET /audit?person=&officer=&from=&to=`.
async fn list_reads(
    State(app): Desk,
    caller: Caller,
    Query(query): Query<ReadQuery>,
    page: Page,
) -> Result<Json<Paged<ReadView>>, Failure> {
    caller.require(Role::Administrator)?;
    let filter = ReadFilter {
        person: query.person,
        officer: query.officer,
        from: query.from,
        to: query.to,
    };
    Ok(Json(app.db.read(ListReads { filter, page }).await?))
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("gateway", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
