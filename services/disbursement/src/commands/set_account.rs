//! Set where a person is paid, or correct it 账户登记与更正. What came back from the bank can be issued again then.

use crate::ids::PayeeId;
use crate::rules::account::Account;
use crate::store::{self, AccountRow};
use crate::words::Relation;
use mz_contracts::Disbursement;
use mz_contracts::events::PayeeAccountSet;
use mz_http::Caller;
use mz_kernel::{DivisionCode, PersonId};
use mz_runtime::Failure;
use mz_store::{Keyring, Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct SetAccount {
    pub(crate) maker: Caller,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) person: PersonId,
    /// Where the identity register said a moment ago that the person is.
    pub(crate) division: DivisionCode,
    pub(crate) holder: String,
    pub(crate) bank: String,
    pub(crate) account: Account,
    pub(crate) relation: Relation,
    pub(crate) origin: Origin,
}

/// The payee, and how many accounts there were with this one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AccountSet {
    payee: PayeeId,
    version: i64,
}

impl Work<Disbursement> for SetAccount {
    type Output = AccountSet;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<AccountSet, Failure> {
        self.maker.may_see(&self.division)?;
        let (payee, version) = match store::payee(tx, self.person).await? {
            Some((payee, version)) => (payee, version + 1),
            None => (tx.new_id(), 1),
        };
        let place = (self.person, version);
        let (holder, number, number_hash) = store::seal(&self.keyring, place, &self.holder, &self.account)?;
        let row = AccountRow {
            person: self.person,
            version,
            payee,
            division: self.division,
            holder,
            number,
            number_hash,
            last4: self.account.last4().to_owned(),
            bank: self.bank.clone(),
            relation: self.relation,
            set_on: tx.today(),
            set_by: self.maker.officer,
        };
        store::insert_account(tx, &row).await?;
        let event = PayeeAccountSet {
            person: self.person,
            division: self.division,
            set_on: tx.today(),
            corrected: version > 1,
        };
        tx.emit(&self.origin, &event)?;
        Ok(AccountSet { payee, version })
    }
}
