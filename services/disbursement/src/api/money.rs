//! Accounts, payments of a person, recoveries, and the proof.

use super::Books;
use crate::commands::repay::{Repaid, Repay};
use crate::commands::set_account::{AccountSet, SetAccount};
use crate::problems;
use crate::queries::{
    HeldView, ListAccounts, ListHeld, ListPayments, ListRecoveries, Of, PayeeView, PaymentView, ProofView,
    RecoveryState, RecoveryView, ShowProof, ShowRecovery,
};
use crate::rules::account::{self, Account};
use crate::store::{HeldFilter, Level, RecoveryFilter};
use crate::words::Relation;
use axum::extract::State;
use mz_contracts::{Code, Registration};
use mz_http::{Caller, Correlation, Created, Json, Keyed, OFFICERS, Page, Paged, Path, Problem, Query, Role};
use mz_kernel::{Date, DateSchema, DivisionCode, Fen, Month, PersonId, RecoveryId};
use mz_runtime::{Failure, InTheirName, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The longest number of a receipt, in characters.
const RECEIPT_MAX: usize = 60;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    person: PersonId,
    /// Where the person is registered; need not be said.
    division: Option<DivisionCode>,
    holder: String,
    bank: String,
    account: String,
    /// Whose account it is; the person's own where nothing is said.
    relation: Option<Relation>,
}

/// As the identity register answers.
#[derive(Deserialize)]
struct Person {
    division: DivisionCode,
}

/// `POST /payees`. The register is asked where the person is, and refuses who does not work there: nobody sets an
/// account for a person of another division by naming their own.
pub(super) async fn set_account(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    name: InTheirName,
    command: Keyed<NewAccount>,
) -> Result<Created<AccountSet>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let body = command.body;
    let path = format!("/persons/{}", body.person);
    let person = app.ask::<Registration, Person>(&name, path).await?;
    let Person { division } = person.ok_or_else(problems::person_unknown)?;
    if body.division.is_some_and(|said| said != division) {
        let detail = format!("The person is registered in division {division}. Leave the field out.");
        return Err(Problem::invalid("division", detail).into());
    }
    let work = SetAccount {
        origin: origin(&caller, &correlation),
        maker: caller,
        keyring: Arc::clone(&app.keyring),
        person: body.person,
        division,
        holder: account::name(&body.holder).map_err(|error| problems::account(&error, "holder"))?,
        bank: account::name(&body.bank).map_err(|error| problems::account(&error, "bank"))?,
        account: Account::parse(&body.account).map_err(|error| problems::account(&error, "account"))?,
        relation: body.relation.unwrap_or(Relation::OneSelf),
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct OfPerson {
    person: PersonId,
}

/// `GET /payees?person=`.
pub(super) async fn list_accounts(
    State(app): Books,
    caller: Caller,
    Query(OfPerson { person }): Query<OfPerson>,
    page: Page,
) -> Result<Json<Paged<PayeeView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let work = ListAccounts {
        caller,
        keyring: Arc::clone(&app.keyring),
        person,
        page,
    };
    Ok(Json(app.db.read(work).await?))
}

/// `GET /payments?person=`.
pub(super) async fn list_payments(
    State(app): Books,
    caller: Caller,
    Query(OfPerson { person }): Query<OfPerson>,
    page: Page,
) -> Result<Json<Paged<PaymentView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let of = Of::Person(person);
    Ok(Json(app.db.read(ListPayments { caller, of, page }).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct HeldQuery {
    division: Option<DivisionCode>,
    programme: Option<Code>,
    /// The last month whose run counts; all that there were where nothing is said.
    month: Option<Month>,
}

/// `GET /held?division=&programme=&month=`.
pub(super) async fn list_held(
    State(app): Books,
    caller: Caller,
    Query(query): Query<HeldQuery>,
    page: Page,
) -> Result<Json<Paged<HeldView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let filter = HeldFilter {
        division: caller.reading(query.division)?,
        programme: query.programme.map(String::from),
        month: query.month,
    };
    Ok(Json(app.db.read(ListHeld { filter, page }).await?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct RecoveryQuery {
    person: Option<PersonId>,
    division: Option<DivisionCode>,
    state: Option<RecoveryState>,
}

/// `GET /recoveries?person=&division=&state=`.
pub(super) async fn list_recoveries(
    State(app): Books,
    caller: Caller,
    Query(query): Query<RecoveryQuery>,
    page: Page,
) -> Result<Json<Paged<RecoveryView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let filter = RecoveryFilter {
        person: query.person,
        division: caller.reading(query.division)?,
        open: query.state.map(|state| matches!(state, RecoveryState::Open)),
    };
    Ok(Json(app.db.read(ListRecoveries { filter, page }).await?))
}

/// `GET /recoveries/{recovery}`.
pub(super) async fn show_recovery(
    State(app): Books,
    caller: Caller,
    Path(recovery): Path<RecoveryId>,
) -> Result<Json<RecoveryView>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ShowRecovery { caller, recovery }).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRepayment {
    amount: Fen,
    #[schemars(with = "DateSchema")]
    received_on: Date,
    /// The number of the receipt.
    receipt: String,
}

/// `POST /recoveries/{recovery}/repayments`.
pub(super) async fn repay(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    Path(recovery): Path<RecoveryId>,
    command: Keyed<NewRepayment>,
) -> Result<Created<Repaid>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let NewRepayment {
        amount,
        received_on,
        receipt,
    } = command.body;
    if !(1..=RECEIPT_MAX).contains(&receipt.trim().chars().count()) {
        let detail = format!("A receipt's number has 1 to {RECEIPT_MAX} characters.");
        return Err(Problem::invalid("receipt", detail).into());
    }
    let work = Repay {
        origin: origin(&caller, &correlation),
        officer: caller,
        recovery,
        amount,
        received_on,
        receipt: receipt.trim().to_owned(),
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum By {
    County,
    Township,
    Person,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ProofQuery {
    through: Month,
    division: Option<DivisionCode>,
    by: Option<By>,
}

/// `GET /proof?through=&division=&by=county|township|person`.
pub(super) async fn show_proof(
    State(app): Books,
    caller: Caller,
    Query(ProofQuery {
        through,
        division,
        by,
    }): Query<ProofQuery>,
) -> Result<Json<ProofView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let work = ShowProof {
        through,
        division: caller.reading(division)?,
        level: match by {
            None | Some(By::County) => Level::Whole,
            Some(By::Township) => Level::Township,
            Some(By::Person) => Level::Person,
        },
    };
    Ok(Json(app.db.read(work).await?))
}
