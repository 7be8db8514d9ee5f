//! Change what an officer may do, and where.

use super::{Changed, account, tell};
use crate::store;
use mz_contracts::Gateway;
use mz_http::{Caller, Role};
use mz_kernel::{DivisionCode, OfficerId};
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};

/// The account as it shall be. It holds from the next request on: sessions read it each time.
pub(crate) struct ChangeAccount {
    pub(crate) origin: Origin,
    pub(crate) administrator: Caller,
    pub(crate) user: OfficerId,
    pub(crate) name: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) divisions: Vec<DivisionCode>,
}

impl Work<Gateway> for ChangeAccount {
    type Output = Changed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Changed, Failure> {
        let mut row = account(tx, &self.administrator, self.user).await?;
        row.name.clone_from(&self.name);
        row.roles = Json(self.roles.clone());
        row.divisions = Json(self.divisions.clone());
        store::change_account(tx, &row).await?;
        tell(tx, &self.origin, &row)?;
        Ok(Changed { user: row.id })
    }
}
