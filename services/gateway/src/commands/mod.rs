//! One use case a file.

pub(crate) mod change_account;
pub(crate) mod close_account;
pub(crate) mod note_read;
pub(crate) mod open_account;
pub(crate) mod set_password;

use crate::problems;
use crate::store::{self, AccountRow};
use mz_contracts::events::UserRegistered;
use mz_contracts::{Code, Gateway};
use mz_http::{Caller, Problem};
use mz_kernel::OfficerId;
use mz_runtime::Failure;
use mz_store::{Origin, Tx};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An account that was changed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Changed {
    pub(crate) user: OfficerId,
}

/// The open account of an officer, if the administrator may change it: all its divisions lie in their own.
async fn account(tx: &mut Tx<Gateway>, caller: &Caller, user: OfficerId) -> Result<AccountRow, Failure> {
    let account = store::account_by_id(tx, user).await?;
    let account = account.ok_or_else(problems::no_account)?;
    for division in &account.divisions.0 {
        caller.may_see(division)?;
    }
    if !account.active {
        return Err(problems::closed().into());
    }
    Ok(account)
}

/// Tells how the account is now.
fn tell(tx: &mut Tx<Gateway>, origin: &Origin, account: &AccountRow) -> Result<(), Failure> {
    let Some(&division) = account.divisions.0.first() else {
        return Err(Problem::invalid("divisions", "An account works for one division at least.").into());
    };
    let roles = account
        .roles
        .0
        .iter()
        .map(|role| role.to_string().parse::<Code>());
    let registered = UserRegistered {
        officer: account.id,
        roles: roles.collect::<Result<_, _>>().map_err(Problem::internal)?,
        division,
        active: account.active,
        registered_on: tx.today(),
    };
    tx.emit(origin, &registered)?;
    Ok(())
}
