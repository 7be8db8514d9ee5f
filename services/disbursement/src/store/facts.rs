//! What other services told: entitlements with their ends, and deaths.

use crate::rules::standing::Facts;
use crate::store::LineRow;
use mz_contracts::events::Cause;
use mz_kernel::{Date, DeathId, DivisionCode, EntitlementId, Month, PersonId};
use mz_store::{Conn, Json, StoreError, record};
use std::collections::{BTreeMap, BTreeSet};

record! {
    /// An entitlement with its present end.
    #[derive(Debug, Clone)]
    pub(crate) struct EntitlementRow {
        pub(crate) id: EntitlementId,
        pub(crate) person: PersonId,
        pub(crate) division: DivisionCode,
        pub(crate) until: Option<Month>,
        pub(crate) ended_by: Option<Json<Cause>>,
    }
}

const ENTITLEMENTS: &str =
    "SELECT id, person, division, until_month, ended_by FROM entitlement WHERE id IN LIST($1)";
const GRANT: &str = "INSERT INTO entitlement (id, person, programme, division) VALUES ($1, $2, $3, $4)";
const END: &str = "UPDATE entitlement SET until_month = $2, ended_by = $3 WHERE id = $1";
const NEW_DEATH: &str = "INSERT INTO death (id, person, died_on, annulled) VALUES ($1, $2, $3, $4)";
const ANNUL_DEATH: &str = "UPDATE death SET annulled = $2 WHERE id = $1";
const DEATHS: &str = "SELECT person, id, died_on FROM death WHERE NOT annulled AND person IN LIST($1)";
const WITH_ACCOUNT: &str = "SELECT person FROM payee WHERE person IN LIST($1)";

pub(crate) async fn entitlements(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = EntitlementId>,
) -> Result<BTreeMap<EntitlementId, EntitlementRow>, StoreError> {
    let rows: Vec<EntitlementRow> = conn.query(ENTITLEMENTS).bind_list(ids).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub(crate) async fn grant(
    conn: &mut Conn,
    id: EntitlementId,
    person: PersonId,
    programme: &str,
    division: DivisionCode,
) -> Result<(), StoreError> {
    let query = conn.query(GRANT).bind(id).bind(person).bind(programme);
    query.bind(division).execute_one("the entitlement").await
}

/// Sets the present end of an entitlement, or takes it away; false where the entitlement is not known.
pub(crate) async fn end(
    conn: &mut Conn,
    id: EntitlementId,
    end: Option<(Month, Cause)>,
) -> Result<bool, StoreError> {
    let (until, cause) = end.unzip();
    let query = conn.query(END).bind(id).bind(until).bind(cause.map(Json));
    Ok(query.execute().await? == 1)
}

pub(crate) async fn record_death(
    conn: &mut Conn,
    id: DeathId,
    person: PersonId,
    died_on: Date,
) -> Result<(), StoreError> {
    let query = conn.query(NEW_DEATH).bind(id).bind(person).bind(died_on);
    query.bind(false).execute_one("the death").await
}

/// Records that a death is none; false when it was never recorded.
pub(crate) async fn annul_death(conn: &mut Conn, id: DeathId) -> Result<bool, StoreError> {
    Ok(conn.query(ANNUL_DEATH).bind(id).bind(true).execute().await? == 1)
}

/// The facts about each entitlement of some lines; three statements for all of them.
pub(crate) async fn facts_of(
    conn: &mut Conn,
    lines: &[LineRow],
) -> Result<BTreeMap<EntitlementId, Facts>, StoreError> {
    let persons: BTreeMap<EntitlementId, PersonId> =
        lines.iter().map(|line| (line.entitlement, line.person)).collect();
    let unique: BTreeSet<PersonId> = persons.values().copied().collect();
    let mut granted = entitlements(conn, persons.keys().copied()).await?;
    let mut deaths: BTreeMap<PersonId, Vec<(DeathId, Date)>> = BTreeMap::new();
    let rows: Vec<(PersonId, DeathId, Date)> =
        conn.query(DEATHS).bind_list(unique.iter().copied()).all().await?;
    for (person, id, died_on) in rows {
        deaths.entry(person).or_default().push((id, died_on));
    }
    let accounts: Vec<(PersonId,)> = conn.query(WITH_ACCOUNT).bind_list(unique).all().await?;
    let accounts: BTreeSet<PersonId> = accounts.into_iter().map(|(person,)| person).collect();
    let facts = persons.into_iter().map(|(entitlement, person)| {
        let row = granted.remove(&entitlement);
        let facts = Facts {
            granted: row.is_some(),
            end: row.and_then(|row| row.until.zip(row.ended_by.map(|cause| cause.0))),
            deaths: deaths.get(&person).cloned().unwrap_or_default(),
            has_account: accounts.contains(&person),
        };
        (entitlement, facts)
    });
    Ok(facts.collect())
}
