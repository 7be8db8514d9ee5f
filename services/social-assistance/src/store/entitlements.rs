//! Entitlements, and the dated facts that end them.

use crate::ids::StopId;
use crate::tekun::{Class, Mode, StopReason};
use mz_casework::Stage;
use mz_kernel::{CaseId, Date, DeathId, DivisionCode, EntitlementId, Month, PersonId, Stamp};
use mz_store::{Conn, Json, StoreError, record};

record! {
    /// What a granted case gives.
    #[derive(Debug, Clone)]
    pub(crate) struct EntitlementRow {
        pub(crate) id: EntitlementId,
        pub(crate) case: CaseId,
        pub(crate) programme: String,
        pub(crate) person: PersonId,
        pub(crate) class: Class,
        pub(crate) mode: Mode,
        pub(crate) division: DivisionCode,
        pub(crate) from: Month,
        pub(crate) recorded_at: Stamp,
    }
}

record! {
    /// A stop on its way, or agreed.
    #[derive(Debug, Clone)]
    pub(crate) struct StopRow {
        pub(crate) id: StopId,
        pub(crate) entitlement: EntitlementId,
        pub(crate) from: Month,
        pub(crate) reason: StopReason,
        pub(crate) stage: Json<Stage>,
        pub(crate) pending: bool,
        pub(crate) recorded_at: Option<Stamp>,
        pub(crate) version: i64,
    }
}

record! {
    /// A death, which may have been annulled.
    #[derive(Debug, Clone)]
    pub(crate) struct DeathRow {
        pub(crate) id: DeathId,
        pub(crate) person: PersonId,
        pub(crate) died_on: Date,
        pub(crate) recorded_at: Stamp,
        pub(crate) annulled_at: Option<Stamp>,
    }
}

const ENTITLEMENT: &str = "SELECT id, case_id, programme, person, class, mode, division, first_month, recorded_at \
    FROM entitlement WHERE id = $1";
const OF_PERSON: &str = "SELECT id, case_id, programme, person, class, mode, division, first_month, recorded_at \
    FROM entitlement WHERE person = $1 ORDER BY id";
const OF_PROGRAMME: &str = "SELECT id, case_id, programme, person, class, mode, division, first_month, recorded_at \
    FROM entitlement WHERE programme = $1 AND id > $2 AND recorded_at <= $3 ORDER BY id LIMIT $4";
const NEW_ENTITLEMENT: &str = "INSERT INTO entitlement \
    (id, case_id, programme, person, class, mode, division, first_month, recorded_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const STOP: &str = "SELECT id, entitlement, from_month, reason, stage, pending, recorded_at, version FROM stop \
    WHERE id = $1 AND entitlement = $2";
const STOPS: &str = "SELECT id, entitlement, from_month, reason, stage, pending, recorded_at, version FROM stop \
    WHERE entitlement IN LIST($1) ORDER BY id";
const NEW_STOP: &str = "INSERT INTO stop (id, entitlement, from_month, reason, stage, pending, recorded_at, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const DECIDE_STOP: &str = "UPDATE stop SET stage = $3, pending = $4, recorded_at = $5, version = version + 1 \
    WHERE id = $1 AND version = $2";
const DEATHS: &str =
    "SELECT id, person, died_on, recorded_at, annulled_at FROM death WHERE person IN LIST($1) ORDER BY id";
const IS_DEAD: &str = "SELECT COUNT(*) FROM death WHERE person = $1 AND annulled_at IS NULL";
const NEW_DEATH: &str = "INSERT INTO death (id, person, died_on, recorded_at) VALUES ($1, $2, $3, $4)";
const ANNUL_DEATH: &str = "UPDATE death SET annulled_at = $2 WHERE id = $1";

pub(crate) async fn entitlement(
    conn: &mut Conn,
    id: EntitlementId,
) -> Result<Option<EntitlementRow>, StoreError> {
    conn.query(ENTITLEMENT).bind(id).optional().await
}

/// A person's entitlements, the oldest first.
pub(crate) async fn entitlements_of(
    conn: &mut Conn,
    person: PersonId,
) -> Result<Vec<EntitlementRow>, StoreError> {
    conn.query(OF_PERSON).bind(person).all().await
}

/// Up to `limit` entitlements of a programme after the first of `after`, recorded by the second, in the order of ids.
pub(crate) async fn entitlements_after(
    conn: &mut Conn,
    programme: &str,
    after: (&str, Stamp),
    limit: i64,
) -> Result<Vec<EntitlementRow>, StoreError> {
    let (after, known_at) = after;
    let query = conn
        .query(OF_PROGRAMME)
        .bind(programme)
        .bind(after)
        .bind(known_at);
    query.bind(limit).all().await
}

pub(crate) async fn insert_entitlement(conn: &mut Conn, row: &EntitlementRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_ENTITLEMENT)
        .bind(row.id)
        .bind(row.case)
        .bind(&row.programme)
        .bind(row.person);
    let query = query
        .bind(row.class)
        .bind(row.mode)
        .bind(row.division)
        .bind(row.from);
    query.bind(row.recorded_at).execute_one("the entitlement").await
}

pub(crate) async fn stop(
    conn: &mut Conn,
    entitlement: EntitlementId,
    id: StopId,
) -> Result<Option<StopRow>, StoreError> {
    conn.query(STOP).bind(id).bind(entitlement).optional().await
}

/// The stops of entitlements, proposed ones and refused ones included.
pub(crate) async fn stops(
    conn: &mut Conn,
    of: impl IntoIterator<Item = EntitlementId>,
) -> Result<Vec<StopRow>, StoreError> {
    conn.query(STOPS).bind_list(of).all().await
}

pub(crate) async fn insert_stop(conn: &mut Conn, row: &StopRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_STOP)
        .bind(row.id)
        .bind(row.entitlement)
        .bind(row.from)
        .bind(row.reason);
    let query = query
        .bind(&row.stage)
        .bind(row.pending)
        .bind(row.recorded_at)
        .bind(row.version);
    query.execute_one("the stop").await
}

/// Writes a decision; `recorded_at` is set where the stop was agreed.
pub(crate) async fn decide_stop(
    conn: &mut Conn,
    row: &StopRow,
    stage: Stage,
    recorded_at: Option<Stamp>,
) -> Result<(), StoreError> {
    let query = conn
        .query(DECIDE_STOP)
        .bind(row.id)
        .bind(row.version)
        .bind(Json(stage))
        .bind(false);
    query.bind(recorded_at).execute_one("the stop").await
}

/// Records a death, whether the person is known here or not.
pub(crate) async fn record_death(
    conn: &mut Conn,
    id: DeathId,
    person: PersonId,
    died_on: Date,
    recorded_at: Stamp,
) -> Result<(), StoreError> {
    let query = conn.query(NEW_DEATH).bind(id).bind(person).bind(died_on);
    query.bind(recorded_at).execute_one("the death").await
}

/// Records that a death is none; false when it was never recorded.
pub(crate) async fn annul_death(
    conn: &mut Conn,
    id: DeathId,
    recorded_at: Stamp,
) -> Result<bool, StoreError> {
    let changed = conn
        .query(ANNUL_DEATH)
        .bind(id)
        .bind(recorded_at)
        .execute()
        .await?;
    Ok(changed == 1)
}

/// The deaths of persons, annulled ones included.
pub(crate) async fn deaths(
    conn: &mut Conn,
    of: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<DeathRow>, StoreError> {
    conn.query(DEATHS).bind_list(of).all().await
}

/// Whether a death of the person is recorded that holds.
pub(crate) async fn is_dead(conn: &mut Conn, person: PersonId) -> Result<bool, StoreError> {
    Ok(conn.query(IS_DEAD).bind(person).scalar::<i64>().await? > 0)
}
