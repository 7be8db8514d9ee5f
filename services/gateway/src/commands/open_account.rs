//! Open an account for an officer.

use super::tell;
use crate::store::{self, AccountRow};
use mz_contracts::Gateway;
use mz_http::{Problem, Role};
use mz_kernel::{DivisionCode, OfficerId};
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The account as it shall be; the password is hashed already.
pub(crate) struct OpenAccount {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) divisions: Vec<DivisionCode>,
    pub(crate) password: String,
    /// The officer has to choose another password at the first sign-in.
    pub(crate) temporary: bool,
    pub(crate) origin: Origin,
    /// Nothing is done when there is an account already.
    pub(crate) only_first: bool,
}

/// The account that was opened.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Opened {
    pub(crate) user: Option<OfficerId>,
}

impl Work<Gateway> for OpenAccount {
    type Output = Opened;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Opened, Failure> {
        if self.only_first && store::has_accounts(tx).await? {
            return Ok(Opened { user: None });
        }
        if store::account(tx, &self.login).await?.is_some() {
            return Err(Problem::invalid("login", "Another account has this login.").into());
        }
        let row = AccountRow {
            id: tx.new_id(),
            login: self.login.clone(),
            name: self.name.clone(),
            roles: Json(self.roles.clone()),
            divisions: Json(self.divisions.clone()),
            password: self.password.clone(),
            active: true,
            failures: 0,
            closed_until: None,
            temporary: self.temporary,
            version: 1,
        };
        store::insert_account(tx, &row).await?;
        tell(tx, &self.origin, &row)?;
        Ok(Opened { user: Some(row.id) })
    }
}
