//! Accounts.

use mz_http::Role;
use mz_kernel::{DivisionCode, OfficerId, Stamp};
use mz_store::{Conn, Json, StoreError, record};

record! {
    /// An account (账号).
    pub(crate) struct AccountRow {
        pub(crate) id: OfficerId,
        pub(crate) login: String,
        pub(crate) name: String,
        pub(crate) roles: Json<Vec<Role>>,
        pub(crate) divisions: Json<Vec<DivisionCode>>,
        pub(crate) password: String,
        pub(crate) active: bool,
        pub(crate) failures: i64,
        pub(crate) closed_until: Option<Stamp>,
        pub(crate) temporary: bool,
        pub(crate) version: i64,
    }
}

macro_rules! select_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, name, roles, divisions, password, active, failures, closed_until, temporary, version \
             FROM account ",
            $rest
        )
    };
}
const BY_LOGIN: &str = select_accounts!("WHERE login = $1");
const BY_ID: &str = select_accounts!("WHERE id = $1");
const LISTED: &str = select_accounts!("WHERE id > $1 ORDER BY id LIMIT $2");
const ANY: &str = "SELECT id FROM account ORDER BY id LIMIT 1";
const NEW: &str = "INSERT INTO account \
    (id, login, name, roles, divisions, password, active, failures, closed_until, temporary, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const COUNT_TRY: &str = "UPDATE account SET failures = $3, closed_until = $4, version = version + 1 \
    WHERE id = $1 AND version = $2";
const FORGET_TRIES: &str =
    "UPDATE account SET failures = 0, closed_until = NULL, version = version + 1 WHERE id = $1 AND active";
const SET_PASSWORD: &str = "UPDATE account \
    SET password = $3, temporary = $4, failures = 0, closed_until = NULL, version = version + 1 \
    WHERE id = $1 AND version = $2";
const CHANGE: &str = "UPDATE account SET name = $3, roles = $4, divisions = $5, version = version + 1 \
    WHERE id = $1 AND version = $2";
const CLOSE: &str = "UPDATE account SET active = FALSE, version = version + 1 WHERE id = $1 AND version = $2";

pub(crate) async fn account(conn: &mut Conn, login: &str) -> Result<Option<AccountRow>, StoreError> {
    conn.query(BY_LOGIN).bind(login).optional().await
}

pub(crate) async fn account_by_id(conn: &mut Conn, id: OfficerId) -> Result<Option<AccountRow>, StoreError> {
    conn.query(BY_ID).bind(id).optional().await
}

/// Accounts after an id, closed ones included.
pub(crate) async fn accounts_listed(
    conn: &mut Conn,
    after: &str,
    limit: i64,
) -> Result<Vec<AccountRow>, StoreError> {
    conn.query(LISTED).bind(after).bind(limit).all().await
}

pub(crate) async fn has_accounts(conn: &mut Conn) -> Result<bool, StoreError> {
    let found = conn.query(ANY).optional::<(OfficerId,)>().await?;
    Ok(found.is_some())
}

pub(crate) async fn insert_account(conn: &mut Conn, row: &AccountRow) -> Result<(), StoreError> {
    let query = conn.query(NEW).bind(row.id).bind(&row.login).bind(&row.name);
    let query = query.bind(&row.roles).bind(&row.divisions).bind(&row.password);
    let query = query.bind(row.active).bind(row.failures).bind(row.closed_until);
    let query = query.bind(row.temporary).bind(row.version);
    query.execute_one("the account").await
}

/// Counts a try before the password is looked at, so that tries side by side are counted, too.
pub(crate) async fn count_try(
    conn: &mut Conn,
    row: &AccountRow,
    failures: i64,
    closed_until: Option<Stamp>,
) -> Result<(), StoreError> {
    let query = conn.query(COUNT_TRY).bind(row.id).bind(row.version);
    query
        .bind(failures)
        .bind(closed_until)
        .execute_one("the account")
        .await
}

pub(crate) async fn forget_tries(conn: &mut Conn, account: OfficerId) -> Result<(), StoreError> {
    conn.query(FORGET_TRIES)
        .bind(account)
        .execute_one("the account")
        .await
}

/// A new password; `temporary` when somebody else chose it.
pub(crate) async fn set_password(
    conn: &mut Conn,
    row: &AccountRow,
    password: &str,
    temporary: bool,
) -> Result<(), StoreError> {
    let query = conn.query(SET_PASSWORD).bind(row.id).bind(row.version);
    query
        .bind(password)
        .bind(temporary)
        .execute_one("the account")
        .await
}

/// Writes the name, the roles and the divisions of the row.
pub(crate) async fn change_account(conn: &mut Conn, row: &AccountRow) -> Result<(), StoreError> {
    let query = conn.query(CHANGE).bind(row.id).bind(row.version).bind(&row.name);
    query
        .bind(&row.roles)
        .bind(&row.divisions)
        .execute_one("the account")
        .await
}

pub(crate) async fn close_account(conn: &mut Conn, row: &AccountRow) -> Result<(), StoreError> {
    conn.query(CLOSE)
        .bind(row.id)
        .bind(row.version)
        .execute_one("the account")
        .await
}
