//! The only SQL of the service.

use mz_http::Role;
use mz_kernel::{DivisionCode, OfficerId, Stamp};
use mz_store::{Conn, Json, Migration, StoreError, record};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_gateway",
    sql: include_str!("../migrations/0001_gateway.sql"),
}];

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
        pub(crate) version: i64,
    }
}

record! {
    /// Whose session it is, and until when.
    pub(crate) struct SessionRow {
        pub(crate) account: OfficerId,
        pub(crate) name: String,
        pub(crate) roles: Json<Vec<Role>>,
        pub(crate) divisions: Json<Vec<DivisionCode>>,
        pub(crate) expires: Stamp,
    }
}

const ACCOUNT: &str = "SELECT id, login, name, roles, divisions, password, active, failures, closed_until, version \
    FROM account WHERE login = $1";
const ANY_ACCOUNT: &str = "SELECT id FROM account ORDER BY id LIMIT 1";
const NEW_ACCOUNT: &str = "INSERT INTO account \
    (id, login, name, roles, divisions, password, active, failures, closed_until, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const COUNT_TRY: &str = "UPDATE account SET failures = $3, closed_until = $4, version = version + 1 \
    WHERE id = $1 AND version = $2";
const FORGET_TRIES: &str =
    "UPDATE account SET failures = 0, closed_until = NULL, version = version + 1 WHERE id = $1 AND active";
const NEW_SESSION: &str = "INSERT INTO session (hash, account, expires) VALUES ($1, $2, $3)";
const SESSION: &str = "SELECT s.account, a.name, a.roles, a.divisions, s.expires \
    FROM session s JOIN account a ON a.id = s.account WHERE s.hash = $1 AND a.active";
const END_SESSION: &str = "DELETE FROM session WHERE hash = $1";
const END_EXPIRED: &str = "DELETE FROM session WHERE account = $1 AND expires <= $2";

pub(crate) async fn account(conn: &mut Conn, login: &str) -> Result<Option<AccountRow>, StoreError> {
    conn.query(ACCOUNT).bind(login).optional().await
}

pub(crate) async fn has_accounts(conn: &mut Conn) -> Result<bool, StoreError> {
    let found = conn.query(ANY_ACCOUNT).optional::<(OfficerId,)>().await?;
    Ok(found.is_some())
}

pub(crate) async fn insert_account(conn: &mut Conn, row: &AccountRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_ACCOUNT)
        .bind(row.id)
        .bind(&row.login)
        .bind(&row.name);
    let query = query.bind(&row.roles).bind(&row.divisions).bind(&row.password);
    let query = query.bind(row.active).bind(row.failures).bind(row.closed_until);
    query.bind(row.version).execute_one("the account").await
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

/// Begins a session; those of the account that have expired are removed.
pub(crate) async fn begin_session(
    conn: &mut Conn,
    hash: &str,
    account: OfficerId,
    now: Stamp,
    expires: Stamp,
) -> Result<(), StoreError> {
    conn.query(END_EXPIRED).bind(account).bind(now).execute().await?;
    let query = conn.query(NEW_SESSION).bind(hash).bind(account).bind(expires);
    query.execute_one("the session").await
}

pub(crate) async fn session(conn: &mut Conn, hash: &str) -> Result<Option<SessionRow>, StoreError> {
    conn.query(SESSION).bind(hash).optional().await
}

pub(crate) async fn end_session(conn: &mut Conn, hash: &str) -> Result<(), StoreError> {
    conn.query(END_SESSION).bind(hash).execute().await?;
    Ok(())
}
