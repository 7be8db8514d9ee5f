//! Accounts, sealed for their row (D8).

use crate::ids::PayeeId;
use crate::rules::account::Account;
use crate::words::Relation;
use mz_kernel::{BatchId, Date, DivisionCode, Fen, OfficerId, PaymentId, PersonId};
use mz_store::{Conn, Keyring, StoreError, record};

record! {
    /// An account that a person is paid on, or was.
    #[derive(Debug, Clone)]
    pub(crate) struct AccountRow {
        pub(crate) person: PersonId,
        pub(crate) version: i64,
        pub(crate) payee: PayeeId,
        pub(crate) division: DivisionCode,
        pub(crate) holder: Vec<u8>,
        pub(crate) number: Vec<u8>,
        pub(crate) number_hash: String,
        pub(crate) last4: String,
        pub(crate) bank: String,
        pub(crate) relation: Relation,
        pub(crate) set_on: Date,
        pub(crate) set_by: OfficerId,
    }
}

record! {
    /// A transfer of a sealed batch, with its account as it is stored.
    pub(crate) struct TransferRow {
        pub(crate) payment: PaymentId,
        pub(crate) person: PersonId,
        pub(crate) version: i64,
        pub(crate) amount: Fen,
        pub(crate) holder: Vec<u8>,
        pub(crate) number: Vec<u8>,
        pub(crate) bank: String,
    }
}

const PAYEE: &str = "SELECT id, version FROM payee WHERE person = $1";
const NEW_PAYEE: &str = "INSERT INTO payee (person, id, version) VALUES ($1, $2, $3)";
const CORRECT_PAYEE: &str = "UPDATE payee SET version = version + 1 WHERE person = $1 AND version = $2";
const ACCOUNTS: &str = "SELECT person, version, payee, division, holder, number, number_hash, last4, bank, relation, \
    set_on, set_by FROM account WHERE person = $1 ORDER BY version DESC";
const NEW_ACCOUNT: &str = "INSERT INTO account (person, version, payee, division, holder, number, number_hash, last4, \
    bank, relation, set_on, set_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const TRANSFERS: &str = "SELECT payment, issue.person, account.version, amount, holder, number, bank FROM issue \
    JOIN account ON account.person = issue.person AND account.version = issue.version \
    WHERE batch = $1 AND amount > 0 ORDER BY payment";

/// The payee of a person and the version of the account that counts.
pub(crate) async fn payee(conn: &mut Conn, person: PersonId) -> Result<Option<(PayeeId, i64)>, StoreError> {
    conn.query(PAYEE).bind(person).optional().await
}

/// A person's accounts, the one that counts first.
pub(crate) async fn accounts(conn: &mut Conn, person: PersonId) -> Result<Vec<AccountRow>, StoreError> {
    conn.query(ACCOUNTS).bind(person).all().await
}

/// Writes an account; from now on it counts. Refused when somebody else set one since the payee was read.
pub(crate) async fn insert_account(conn: &mut Conn, row: &AccountRow) -> Result<(), StoreError> {
    if row.version == 1 {
        let query = conn.query(NEW_PAYEE).bind(row.person).bind(row.payee);
        query.bind(row.version).execute_one("the account").await?;
    } else {
        let query = conn.query(CORRECT_PAYEE).bind(row.person);
        query.bind(row.version - 1).execute_one("the account").await?;
    }
    let query = conn
        .query(NEW_ACCOUNT)
        .bind(row.person)
        .bind(row.version)
        .bind(row.payee);
    let query = query.bind(row.division).bind(&row.holder).bind(&row.number);
    let query = query.bind(&row.number_hash).bind(&row.last4).bind(&row.bank);
    let query = query.bind(row.relation).bind(row.set_on).bind(row.set_by);
    query.execute_one("the account").await
}

/// The transfers of a sealed batch; a payment that was kept back wholly has none.
pub(crate) async fn transfers(conn: &mut Conn, batch: BatchId) -> Result<Vec<TransferRow>, StoreError> {
    conn.query(TRANSFERS).bind(batch).all().await
}

/// A holder's name and an account for the row of a person's version, and what equal accounts are found by.
pub(crate) fn seal(
    keyring: &Keyring,
    (person, version): (PersonId, i64),
    holder: &str,
    account: &Account,
) -> Result<(Vec<u8>, Vec<u8>, String), StoreError> {
    Ok((
        keyring.seal(&place("holder", person, version), holder)?,
        keyring.seal(&place("number", person, version), account.reveal())?,
        keyring.search_hash("account", account.reveal()),
    ))
}

/// A holder's name, in clear.
pub(crate) fn open_holder(
    keyring: &Keyring,
    (person, version): (PersonId, i64),
    sealed: &[u8],
) -> Result<String, StoreError> {
    keyring.open(&place("holder", person, version), sealed)
}

/// An account, in clear.
pub(crate) fn open_number(
    keyring: &Keyring,
    (person, version): (PersonId, i64),
    sealed: &[u8],
) -> Result<String, StoreError> {
    keyring.open(&place("number", person, version), sealed)
}

fn place(column: &str, person: PersonId, version: i64) -> String {
    format!("account.{column}:{person}/{version}")
}
