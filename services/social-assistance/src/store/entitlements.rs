//! Entitlements, and the dated facts that end them.

use crate::ids::StopId;
use crate::tekun::{Class, Death, Facts, Mode, Stop};
use mz_casework::Stage;
use mz_contracts::Code;
use mz_kernel::{CaseId, Date, DeathId, DivisionCode, EntitlementId, Month, PersonId, Stamp};
use mz_store::{Conn, Json, StoreError, record};
use std::collections::BTreeMap;

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
        pub(crate) reason: Code,
        pub(crate) stage: Json<Stage>,
        pub(crate) pending: bool,
        pub(crate) recorded_at: Option<Stamp>,
        pub(crate) version: i64,
    }
}

record! {
    struct DeathRow {
        id: DeathId,
        person: PersonId,
        died_on: Date,
        recorded_at: Stamp,
        annulled_at: Option<Stamp>,
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
const NEW_DEATH: &str = "INSERT INTO death (id, person, died_on, recorded_at, annulled_at) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
const ANNUL_DEATH: &str = "UPDATE death SET annulled_at = $2 WHERE id = $1 AND annulled_at IS NULL";

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

/// Up to `limit` entitlements of a programme after the entitlement `after`, recorded by an instant.
pub(crate) async fn entitlements_after(
    conn: &mut Conn,
    programme: &str,
    after: &str,
    known_at: Stamp,
    limit: i64,
) -> Result<Vec<EntitlementRow>, StoreError> {
    conn.query(OF_PROGRAMME)
        .bind(programme)
        .bind(after)
        .bind(known_at)
        .bind(limit)
        .all()
        .await
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
pub(crate) async fn stops(conn: &mut Conn, of: &[EntitlementId]) -> Result<Vec<StopRow>, StoreError> {
    conn.query(STOPS).bind_list(of).all().await
}

pub(crate) async fn insert_stop(conn: &mut Conn, row: &StopRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_STOP)
        .bind(row.id)
        .bind(row.entitlement)
        .bind(row.from)
        .bind(&row.reason);
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

/// Remembers a death, whether the person is known here or not; one that is known stays as it is.
pub(crate) async fn record_death(
    conn: &mut Conn,
    id: DeathId,
    person: PersonId,
    died_on: Date,
    recorded_at: Stamp,
) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_DEATH)
        .bind(id)
        .bind(person)
        .bind(died_on)
        .bind(recorded_at);
    query.bind(None::<Stamp>).execute().await.map(|_| ())
}

pub(crate) async fn annul_death(conn: &mut Conn, id: DeathId, at: Stamp) -> Result<(), StoreError> {
    conn.query(ANNUL_DEATH)
        .bind(id)
        .bind(at)
        .execute()
        .await
        .map(|_| ())
}

/// The deaths of persons, annulled ones included.
pub(crate) async fn deaths(
    conn: &mut Conn,
    of: &[PersonId],
) -> Result<BTreeMap<PersonId, Vec<Death>>, StoreError> {
    let rows: Vec<DeathRow> = conn.query(DEATHS).bind_list(of).all().await?;
    let mut deaths: BTreeMap<PersonId, Vec<Death>> = BTreeMap::new();
    for DeathRow {
        id,
        person,
        died_on,
        recorded_at,
        annulled_at,
    } in rows
    {
        deaths.entry(person).or_default().push(Death {
            id,
            died_on,
            recorded_at,
            annulled_at,
        });
    }
    Ok(deaths)
}

/// Everything that decides what entitlements owe, in two statements for all of them.
pub(crate) async fn facts(
    conn: &mut Conn,
    rows: &[EntitlementRow],
) -> Result<BTreeMap<EntitlementId, Facts>, StoreError> {
    let ids: Vec<EntitlementId> = rows.iter().map(|row| row.id).collect();
    let persons: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
    let mut agreed: BTreeMap<EntitlementId, Vec<Stop>> = BTreeMap::new();
    for row in stops(conn, &ids).await? {
        if let Some(recorded_at) = row.recorded_at {
            agreed.entry(row.entitlement).or_default().push(Stop {
                id: row.id,
                from: row.from,
                recorded_at,
            });
        }
    }
    let deaths = deaths(conn, &persons).await?;
    let facts = rows.iter().map(|row| {
        let facts = Facts {
            case: row.case,
            class: row.class,
            division: row.division,
            from: row.from,
            recorded_at: row.recorded_at,
            stops: agreed.remove(&row.id).unwrap_or_default(),
            // A person may have had several entitlements.
            deaths: deaths.get(&row.person).cloned().unwrap_or_default(),
        };
        (row.id, facts)
    });
    Ok(facts.collect())
}
