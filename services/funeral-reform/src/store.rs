//! The only SQL of the service.

use crate::ids::AnnulmentId;
use mz_casework::Stage;
use mz_contracts::Code;
use mz_kernel::{Date, DeathId, DivisionCode, PersonId};
use mz_store::{Conn, Json, Migration, StoreError, record};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_funeral_reform",
    sql: include_str!("../migrations/0001_funeral_reform.sql"),
}];

record! {
    /// An entry in the register of deaths.
    pub(crate) struct DeathRow {
        pub(crate) id: DeathId,
        pub(crate) person: PersonId,
        pub(crate) division: DivisionCode,
        pub(crate) died_on: Date,
        pub(crate) place: Option<String>,
        pub(crate) source: Option<Code>,
        pub(crate) registered_on: Date,
        pub(crate) late: bool,
        pub(crate) annulled_on: Option<Date>,
        pub(crate) version: i64,
    }
}

const DEATH: &str = "SELECT id, person, division, died_on, place, source, registered_on, late, annulled_on, version \
    FROM death WHERE id = $1";
const DEATHS: &str = "SELECT id, person, division, died_on, place, source, registered_on, late, annulled_on, version \
    FROM death WHERE person = $1 AND id > $2 ORDER BY id LIMIT $3";
const LIVE_DEATH: &str = "SELECT id FROM death WHERE person = $1 AND annulled_on IS NULL";
const NEW_DEATH: &str = "INSERT INTO death \
    (id, person, division, died_on, place, source, registered_on, late, annulled_on, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const ANNUL_DEATH: &str =
    "UPDATE death SET annulled_on = $3, version = version + 1 WHERE id = $1 AND version = $2";

pub(crate) async fn death(conn: &mut Conn, id: DeathId) -> Result<Option<DeathRow>, StoreError> {
    conn.query(DEATH).bind(id).optional().await
}

/// Up to `limit` entries about a person after the entry `after`, in the order in which they were made.
pub(crate) async fn deaths(
    conn: &mut Conn,
    person: PersonId,
    after: &str,
    limit: i64,
) -> Result<Vec<DeathRow>, StoreError> {
    conn.query(DEATHS)
        .bind(person)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// The entry that holds about a person.
pub(crate) async fn live_death(conn: &mut Conn, person: PersonId) -> Result<Option<DeathId>, StoreError> {
    Ok(conn
        .query(LIVE_DEATH)
        .bind(person)
        .optional::<(DeathId,)>()
        .await?
        .map(|(id,)| id))
}

pub(crate) async fn insert_death(conn: &mut Conn, row: &DeathRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_DEATH)
        .bind(row.id)
        .bind(row.person)
        .bind(row.division)
        .bind(row.died_on);
    let query = query
        .bind(&row.place)
        .bind(&row.source)
        .bind(row.registered_on)
        .bind(row.late);
    query
        .bind(row.annulled_on)
        .bind(row.version)
        .execute_one("the death")
        .await
}

/// From now on the entry does not hold; refused when somebody changed it since it was read.
pub(crate) async fn annul_death(conn: &mut Conn, row: &DeathRow, on: Date) -> Result<(), StoreError> {
    conn.query(ANNUL_DEATH)
        .bind(row.id)
        .bind(row.version)
        .bind(on)
        .execute_one("the death")
        .await
}

record! {
    /// A proposal to annul an entry.
    pub(crate) struct AnnulmentRow {
        pub(crate) id: AnnulmentId,
        pub(crate) death: DeathId,
        pub(crate) reason: Code,
        pub(crate) stage: Json<Stage>,
        pub(crate) version: i64,
    }
}

const ANNULMENT: &str =
    "SELECT id, death, reason, stage, version FROM annulment WHERE id = $1 AND death = $2";
const PENDING_ANNULMENT: &str = "SELECT id FROM annulment WHERE death = $1 AND pending";
const NEW_ANNULMENT: &str = "INSERT INTO annulment (id, death, reason, stage, pending, version) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const DECIDE_ANNULMENT: &str = "UPDATE annulment SET stage = $3, pending = $4, version = version + 1 \
    WHERE id = $1 AND version = $2";

pub(crate) async fn annulment(
    conn: &mut Conn,
    death: DeathId,
    id: AnnulmentId,
) -> Result<Option<AnnulmentRow>, StoreError> {
    conn.query(ANNULMENT).bind(id).bind(death).optional().await
}

/// The annulment of an entry that nobody has decided yet.
pub(crate) async fn pending_annulment(
    conn: &mut Conn,
    death: DeathId,
) -> Result<Option<AnnulmentId>, StoreError> {
    let found = conn
        .query(PENDING_ANNULMENT)
        .bind(death)
        .optional::<(AnnulmentId,)>()
        .await?;
    Ok(found.map(|(id,)| id))
}

pub(crate) async fn insert_annulment(conn: &mut Conn, row: &AnnulmentRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_ANNULMENT)
        .bind(row.id)
        .bind(row.death)
        .bind(&row.reason)
        .bind(&row.stage);
    query
        .bind(true)
        .bind(row.version)
        .execute_one("the annulment")
        .await
}

/// Writes the decision; refused when somebody else decided since it was read.
pub(crate) async fn decide_annulment(
    conn: &mut Conn,
    row: &AnnulmentRow,
    stage: Stage,
) -> Result<(), StoreError> {
    let query = conn
        .query(DECIDE_ANNULMENT)
        .bind(row.id)
        .bind(row.version)
        .bind(Json(stage))
        .bind(false);
    query.execute_one("the annulment").await
}
