//! Close an account.

use super::{Changed, account, tell};
use crate::{problems, store};
use mz_contracts::Gateway;
use mz_http::Caller;
use mz_kernel::OfficerId;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};

/// Closes an account and ends its sessions at once. The row stays: what the officer did is named by it.
pub(crate) struct CloseAccount {
    pub(crate) origin: Origin,
    pub(crate) administrator: Caller,
    pub(crate) user: OfficerId,
}

impl Work<Gateway> for CloseAccount {
    type Output = Changed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Changed, Failure> {
        if self.user == self.administrator.officer {
            // The last administrator would lock everybody out.
            return Err(problems::own_account().into());
        }
        let mut row = account(tx, &self.administrator, self.user).await?;
        row.active = false;
        store::close_account(tx, &row).await?;
        store::end_sessions(tx, row.id).await?;
        tell(tx, &self.origin, &row)?;
        Ok(Changed { user: row.id })
    }
}
