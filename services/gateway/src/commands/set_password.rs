//! Set a password: by an administrator for somebody, or by the officer who knows the present one.

use super::{Changed, account, tell};
use crate::{problems, store};
use mz_contracts::Gateway;
use mz_http::Caller;
use mz_kernel::OfficerId;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};

/// An administrator's; the password is hashed already. The account's sessions end, and the journal keeps who did it.
pub(crate) struct SetPassword {
    pub(crate) origin: Origin,
    pub(crate) administrator: Caller,
    pub(crate) user: OfficerId,
    pub(crate) password: String,
    pub(crate) temporary: bool,
}

impl Work<Gateway> for SetPassword {
    type Output = Changed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Changed, Failure> {
        let row = account(tx, &self.administrator, self.user).await?;
        store::set_password(tx, &row, &self.password, self.temporary).await?;
        store::end_sessions(tx, row.id).await?;
        tell(tx, &self.origin, &row)?;
        Ok(Changed { user: row.id })
    }
}

/// An officer's own. Every other session of theirs ends: who came in with the old password is out.
pub(crate) struct ChooseOwnPassword {
    pub(crate) officer: OfficerId,
    /// The hash that the present password was held against.
    pub(crate) present: String,
    pub(crate) password: String,
    /// The session that goes on.
    pub(crate) session: String,
}

impl Work<Gateway> for ChooseOwnPassword {
    type Output = Changed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Changed, Failure> {
        let row = store::account_by_id(tx, self.officer).await?;
        let row = row.filter(|row| row.active).ok_or_else(problems::no_account)?;
        if row.password != self.present {
            return Err(problems::wrong_password().into());
        }
        store::set_password(tx, &row, &self.password, false).await?;
        store::end_other_sessions(tx, row.id, &self.session).await?;
        Ok(Changed { user: row.id })
    }
}
