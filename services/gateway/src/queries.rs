//! What can be read.

use crate::problems;
use crate::purpose::Purpose;
use crate::store::{self, AccountRow, ReadFilter, ReadRow};
use mz_contracts::Gateway;
use mz_http::{Caller, Page, Paged, Role};
use mz_kernel::{DivisionCode, OfficerId, PersonId, Stamp};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;

/// An account, without its password.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UserView {
    user: OfficerId,
    login: String,
    name: String,
    /// `township-officer`, `bureau-officer`, `administrator`.
    #[schemars(with = "Vec<String>")]
    roles: Vec<Role>,
    divisions: Vec<DivisionCode>,
    /// Whether it may sign in.
    active: bool,
    /// Whether the password is one that somebody else chose.
    temporary: bool,
}

impl From<AccountRow> for UserView {
    fn from(row: AccountRow) -> Self {
        Self {
            user: row.id,
            login: row.login,
            name: row.name,
            roles: row.roles.0,
            divisions: row.divisions.0,
            active: row.active,
            temporary: row.temporary,
        }
    }
}

/// An account by id.
pub(crate) struct ShowUser {
    pub(crate) administrator: Caller,
    pub(crate) user: OfficerId,
}

impl Work<Gateway> for ShowUser {
    type Output = UserView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<UserView, Failure> {
        let account = store::account_by_id(tx, self.user).await?;
        let account = account.ok_or_else(problems::no_account)?;
        for division in &account.divisions.0 {
            self.administrator.may_see(division)?;
        }
        Ok(account.into())
    }
}

/// Accounts, a page at a time; those that work beyond the administrator's divisions are left out.
pub(crate) struct ListUsers {
    pub(crate) administrator: Caller,
    pub(crate) page: Page,
}

impl Work<Gateway> for ListUsers {
    type Output = Paged<UserView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Paged<UserView>, Failure> {
        let after = self.page.after.as_deref().unwrap_or_default();
        let rows = store::accounts_listed(tx, after, i64::from(self.page.limit) + 1).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let seen = items.into_iter().filter(|row| {
            let mut divisions = row.divisions.0.iter();
            divisions.all(|division| self.administrator.may_see(division).is_ok())
        });
        Ok(Paged {
            items: seen.map(UserView::from).collect(),
            next,
        })
    }
}

/// A reading of a person's records.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReadView {
    /// When, by the system clock.
    #[schemars(with = "String")]
    at: Stamp,
    officer: OfficerId,
    /// The officer's name, where an account tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    officer_name: Option<String>,
    person: PersonId,
    /// Why; absent where a program gave no purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
    /// The service that answered, or `console`.
    what: String,
}

impl From<ReadRow> for ReadView {
    fn from(row: ReadRow) -> Self {
        Self {
            at: row.read_at,
            officer: row.officer,
            officer_name: row.officer_name,
            person: row.person,
            purpose: row.purpose,
            what: row.what,
        }
    }
}

/// Readings, the latest first, a page at a time.
pub(crate) struct ListReads {
    pub(crate) filter: ReadFilter,
    pub(crate) page: Page,
}

impl Work<Gateway> for ListReads {
    type Output = Paged<ReadView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<Paged<ReadView>, Failure> {
        let before = self.page.after.as_deref();
        let rows = store::reads(tx, &self.filter, before, i64::from(self.page.limit) + 1).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        Ok(Paged {
            items: items.into_iter().map(ReadView::from).collect(),
            next,
        })
    }
}
