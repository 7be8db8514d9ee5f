//! Sessions, and why persons are read in them.

use crate::purpose::Purpose;
use mz_http::Role;
use mz_kernel::{DivisionCode, OfficerId, PersonId, Stamp};
use mz_store::{Conn, Json, StoreError, record};

record! {
    /// Whose session it is, and until when.
    pub(crate) struct SessionRow {
        pub(crate) hash: String,
        pub(crate) account: OfficerId,
        pub(crate) name: String,
        pub(crate) roles: Json<Vec<Role>>,
        pub(crate) divisions: Json<Vec<DivisionCode>>,
        pub(crate) temporary: bool,
        pub(crate) expires: Stamp,
    }
}

const NEW: &str = "INSERT INTO session (hash, account, expires) VALUES ($1, $2, $3)";
const BY_HASH: &str = "SELECT s.hash, s.account, a.name, a.roles, a.divisions, a.temporary, s.expires \
    FROM session s JOIN account a ON a.id = s.account WHERE s.hash = $1 AND a.active";
const END_PURPOSES: &str = "DELETE FROM purpose WHERE session = $1";
const END: &str = "DELETE FROM session WHERE hash = $1";
const END_EXPIRED: &str = "DELETE FROM session WHERE account = $1 AND expires <= $2";
const END_ALL: &str = "DELETE FROM session WHERE account = $1 AND hash <> $2";
const END_STALE_PURPOSES: &str = "DELETE FROM purpose WHERE session NOT IN (SELECT hash FROM session)";
const PURPOSE: &str = "SELECT purpose FROM purpose WHERE session = $1 AND person = $2";
const STATE_PURPOSE: &str = "INSERT INTO purpose (session, person, purpose) VALUES ($1, $2, $3) \
    ON CONFLICT (session, person) DO UPDATE SET purpose = EXCLUDED.purpose";

/// Begins a session; those of the account that have expired are removed.
pub(crate) async fn begin_session(
    conn: &mut Conn,
    hash: &str,
    account: OfficerId,
    now: Stamp,
    expires: Stamp,
) -> Result<(), StoreError> {
    conn.query(END_EXPIRED).bind(account).bind(now).execute().await?;
    conn.query(END_STALE_PURPOSES).execute().await?;
    let query = conn.query(NEW).bind(hash).bind(account).bind(expires);
    query.execute_one("the session").await
}

pub(crate) async fn session(conn: &mut Conn, hash: &str) -> Result<Option<SessionRow>, StoreError> {
    conn.query(BY_HASH).bind(hash).optional().await
}

pub(crate) async fn end_session(conn: &mut Conn, hash: &str) -> Result<(), StoreError> {
    conn.query(END_PURPOSES).bind(hash).execute().await?;
    conn.query(END).bind(hash).execute().await?;
    Ok(())
}

/// Ends every session of an account.
pub(crate) async fn end_sessions(conn: &mut Conn, account: OfficerId) -> Result<(), StoreError> {
    end_other_sessions(conn, account, "").await
}

/// Ends every session of an account but the one with this hash.
pub(crate) async fn end_other_sessions(
    conn: &mut Conn,
    account: OfficerId,
    hash: &str,
) -> Result<(), StoreError> {
    conn.query(END_ALL).bind(account).bind(hash).execute().await?;
    Ok(())
}

/// Why the session reads a person, if it was said.
pub(crate) async fn purpose(
    conn: &mut Conn,
    session: &str,
    person: PersonId,
) -> Result<Option<Purpose>, StoreError> {
    let found = conn.query(PURPOSE).bind(session).bind(person);
    Ok(found.optional::<(Purpose,)>().await?.map(|(purpose,)| purpose))
}

pub(crate) async fn state_purpose(
    conn: &mut Conn,
    session: &str,
    person: PersonId,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let query = conn.query(STATE_PURPOSE).bind(session).bind(person);
    query.bind(purpose).execute_one("the purpose").await
}
