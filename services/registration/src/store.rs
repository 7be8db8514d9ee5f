//! The only SQL of the service.

use crate::divisions::{Tree, Unit};
use crate::ids::CorrectionId;
use crate::sealed::{RESIDENT_ID, SealedNumber};
use mz_casework::Stage;
use mz_contracts::Code;
use mz_kernel::{Date, DeathId, DivisionCode, PersonId, Sex, Stamp};
use mz_store::{Column as _, Conn, Json, Kind, Migration, StoreError, Table, record};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_registration",
    sql: include_str!("../migrations/0001_registration.sql"),
}];

// Divisions.

record! {
    struct DivisionRow {
        code: DivisionCode,
        name: String,
        kind: Option<String>,
        from: Date,
        until: Option<Date>,
        successors: Json<Vec<DivisionCode>>,
    }
}

impl From<DivisionRow> for Unit {
    fn from(row: DivisionRow) -> Self {
        let DivisionRow {
            code,
            name,
            kind,
            from,
            until,
            successors: Json(successors),
        } = row;
        Self {
            code,
            name,
            kind,
            from,
            until,
            successors,
        }
    }
}

const TREE: &str = "SELECT code, name, kind, valid_from, valid_until, successors FROM division";
const DIVISION: &str =
    "SELECT code, name, kind, valid_from, valid_until, successors FROM division WHERE code = $1";
const DIVISIONS: &str = "SELECT code, name, kind, valid_from, valid_until, successors FROM division \
    WHERE valid_from <= $1 AND (valid_until IS NULL OR valid_until > $1) \
    AND SUBSTR(code, 1, LENGTH($2)) = $2 AND code > $3 ORDER BY code LIMIT $4";
const NEW_DIVISIONS: Table = Table {
    name: "division",
    columns: &[
        ("code", Kind::Text),
        ("name", Kind::Text),
        ("kind", Kind::Text),
        ("valid_from", Kind::Date),
        ("valid_until", Kind::Date),
        ("successors", Kind::Text),
    ],
    on_conflict: "",
};
const END_DIVISION: &str =
    "UPDATE division SET valid_until = $2, successors = $3 WHERE code = $1 AND valid_until IS NULL";

/// The whole tree.
pub(crate) async fn tree(conn: &mut Conn) -> Result<Tree, StoreError> {
    let rows = conn.query(TREE).all::<DivisionRow>().await?;
    Ok(rows.into_iter().map(|row| (row.code, Unit::from(row))).collect())
}

pub(crate) async fn division(conn: &mut Conn, code: DivisionCode) -> Result<Option<Unit>, StoreError> {
    let row = conn.query(DIVISION).bind(code).optional::<DivisionRow>().await?;
    Ok(row.map(Unit::from))
}

/// Up to `limit` units that are live on a day, in the order of their codes: those that lie `under` one (or are it;
/// an empty text for all), after the code `after`.
pub(crate) async fn divisions(
    conn: &mut Conn,
    on: Date,
    under: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Unit>, StoreError> {
    let query = conn.query(DIVISIONS).bind(on).bind(under).bind(after).bind(limit);
    Ok(query
        .all::<DivisionRow>()
        .await?
        .into_iter()
        .map(Unit::from)
        .collect())
}

pub(crate) async fn insert_divisions(conn: &mut Conn, units: &[Unit]) -> Result<(), StoreError> {
    let row = |unit: &Unit| {
        vec![
            unit.code.encode(),
            unit.name.encode(),
            unit.kind.encode(),
            unit.from.encode(),
            unit.until.encode(),
            Json(unit.successors.clone()).encode(),
        ]
    };
    conn.insert_all(&NEW_DIVISIONS, units.iter().map(row).collect())
        .await?;
    Ok(())
}

/// Ends a code that was live so far.
pub(crate) async fn end_division(conn: &mut Conn, unit: &Unit) -> Result<(), StoreError> {
    let successors = Json(unit.successors.clone());
    let query = conn
        .query(END_DIVISION)
        .bind(unit.code)
        .bind(unit.until)
        .bind(successors);
    query.execute_one("the division").await
}

// Persons.

record! {
    /// A person as stored.
    pub(crate) struct PersonRow {
        pub(crate) id: PersonId,
        pub(crate) name: Vec<u8>,
        pub(crate) name_hash: String,
        pub(crate) surname_hash: String,
        pub(crate) sex: Sex,
        pub(crate) birth_date: Date,
        pub(crate) division: DivisionCode,
        pub(crate) deceased_on: Option<Date>,
        pub(crate) version: i64,
    }
}

const PERSON: &str = "SELECT id, name, name_hash, surname_hash, sex, birth_date, division, deceased_on, version \
    FROM person WHERE id = $1";
const NEW_PERSON: &str = "INSERT INTO person \
    (id, name, name_hash, surname_hash, sex, birth_date, division, deceased_on, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const CORRECT_PERSON: &str =
    "UPDATE person SET sex = $3, birth_date = $4, version = version + 1 WHERE id = $1 AND version = $2";

pub(crate) async fn person(conn: &mut Conn, id: PersonId) -> Result<Option<PersonRow>, StoreError> {
    conn.query(PERSON).bind(id).optional().await
}

pub(crate) async fn insert_person(conn: &mut Conn, person: &PersonRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_PERSON)
        .bind(person.id)
        .bind(&person.name)
        .bind(&person.name_hash);
    let query = query
        .bind(&person.surname_hash)
        .bind(person.sex)
        .bind(person.birth_date);
    let query = query
        .bind(person.division)
        .bind(person.deceased_on)
        .bind(person.version);
    query.execute_one("the person").await
}

/// Changes what follows from the number; refused when somebody changed the person since it was read.
pub(crate) async fn correct_person(
    conn: &mut Conn,
    person: &PersonRow,
    sex: Sex,
    birth_date: Date,
) -> Result<(), StoreError> {
    let query = conn
        .query(CORRECT_PERSON)
        .bind(person.id)
        .bind(person.version)
        .bind(sex)
        .bind(birth_date);
    query.execute_one("the person").await
}

// Numbers: whose they are, and when.

const HOLDER: &str = "SELECT person FROM number WHERE hash = $1 AND valid_until IS NULL";
const LIVE_NUMBER: &str =
    "SELECT hash, sealed FROM number WHERE person = $1 AND kind = $2 AND valid_until IS NULL";
const NEW_NUMBER: &str =
    "INSERT INTO number (hash, kind, person, sealed, valid_from) VALUES ($1, $2, $3, $4, $5)";
const END_NUMBER: &str =
    "UPDATE number SET valid_until = $3 WHERE person = $1 AND kind = $2 AND valid_until IS NULL";

/// Whose a number is now.
pub(crate) async fn holder(conn: &mut Conn, hash: &str) -> Result<Option<PersonId>, StoreError> {
    let found = conn.query(HOLDER).bind(hash).optional::<(PersonId,)>().await?;
    Ok(found.map(|(person,)| person))
}

/// The number that a person has now.
pub(crate) async fn number(conn: &mut Conn, person: PersonId) -> Result<Option<SealedNumber>, StoreError> {
    let query = conn.query(LIVE_NUMBER).bind(person).bind(RESIDENT_ID);
    let found = query.optional::<(String, Vec<u8>)>().await?;
    Ok(found.map(|(hash, sealed)| SealedNumber { hash, sealed }))
}

/// From `at` on the number is this person's.
pub(crate) async fn insert_number(
    conn: &mut Conn,
    person: PersonId,
    number: &SealedNumber,
    at: Stamp,
) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_NUMBER)
        .bind(&number.hash)
        .bind(RESIDENT_ID)
        .bind(person);
    query
        .bind(&number.sealed)
        .bind(at)
        .execute_one("the number")
        .await
}

/// From `at` on the person has no number; none before is no error.
pub(crate) async fn end_number(conn: &mut Conn, person: PersonId, at: Stamp) -> Result<(), StoreError> {
    conn.query(END_NUMBER)
        .bind(person)
        .bind(RESIDENT_ID)
        .bind(at)
        .execute()
        .await?;
    Ok(())
}

// Corrections of a number.

record! {
    /// A correction as stored. Without hash and number the person is to have none.
    pub(crate) struct CorrectionRow {
        pub(crate) id: CorrectionId,
        pub(crate) person: PersonId,
        pub(crate) hash: Option<String>,
        pub(crate) sealed: Option<Vec<u8>>,
        pub(crate) sex: Option<Sex>,
        pub(crate) birth_date: Option<Date>,
        pub(crate) reason: Code,
        pub(crate) stage: Json<Stage>,
        pub(crate) version: i64,
    }
}

impl CorrectionRow {
    /// The number that is right.
    pub(crate) fn number(&self) -> Option<SealedNumber> {
        let (hash, sealed) = (self.hash.clone()?, self.sealed.clone()?);
        Some(SealedNumber { hash, sealed })
    }
}

const CORRECTION: &str = "SELECT id, person, hash, sealed, sex, birth_date, reason, stage, version \
    FROM number_correction WHERE id = $1 AND person = $2";
const PENDING_CORRECTION: &str =
    "SELECT id FROM number_correction WHERE person = $1 AND kind = $2 AND pending";
const NEW_CORRECTION: &str = "INSERT INTO number_correction \
    (id, person, kind, hash, sealed, sex, birth_date, reason, stage, pending, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const DECIDE_CORRECTION: &str = "UPDATE number_correction SET stage = $3, pending = $4, version = version + 1 \
    WHERE id = $1 AND version = $2";

pub(crate) async fn correction(
    conn: &mut Conn,
    person: PersonId,
    id: CorrectionId,
) -> Result<Option<CorrectionRow>, StoreError> {
    conn.query(CORRECTION).bind(id).bind(person).optional().await
}

/// The correction of a person that nobody has decided yet.
pub(crate) async fn pending_correction(
    conn: &mut Conn,
    person: PersonId,
) -> Result<Option<CorrectionId>, StoreError> {
    let query = conn.query(PENDING_CORRECTION).bind(person).bind(RESIDENT_ID);
    Ok(query.optional::<(CorrectionId,)>().await?.map(|(id,)| id))
}

pub(crate) async fn insert_correction(conn: &mut Conn, row: &CorrectionRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_CORRECTION)
        .bind(row.id)
        .bind(row.person)
        .bind(RESIDENT_ID);
    let query = query
        .bind(&row.hash)
        .bind(&row.sealed)
        .bind(row.sex)
        .bind(row.birth_date);
    let query = query
        .bind(&row.reason)
        .bind(&row.stage)
        .bind(true)
        .bind(row.version);
    query.execute_one("the correction").await
}

/// Writes the decision; refused when somebody else decided since it was read.
pub(crate) async fn decide_correction(
    conn: &mut Conn,
    row: &CorrectionRow,
    stage: Stage,
) -> Result<(), StoreError> {
    let query = conn
        .query(DECIDE_CORRECTION)
        .bind(row.id)
        .bind(row.version)
        .bind(Json(stage))
        .bind(false);
    query.execute_one("the correction").await
}

// Deaths, as funeral-reform tells them.

const RECORD_DEATH: &str = "INSERT INTO death (id, person, died_on) VALUES ($1, $2, $3)";
const ANNUL_DEATH: &str = "UPDATE death SET annulled_on = $2 WHERE id = $1";
const FOLLOW_DEATHS: &str = "UPDATE person SET version = version + 1, deceased_on = \
    (SELECT MIN(died_on) FROM death WHERE person = $1 AND annulled_on IS NULL) WHERE id = $1";

pub(crate) async fn record_death(
    conn: &mut Conn,
    death: DeathId,
    person: PersonId,
    died_on: Date,
) -> Result<(), StoreError> {
    conn.query(RECORD_DEATH)
        .bind(death)
        .bind(person)
        .bind(died_on)
        .execute()
        .await?;
    Ok(())
}

/// False when the death was never recorded.
pub(crate) async fn annul_death(conn: &mut Conn, death: DeathId, on: Date) -> Result<bool, StoreError> {
    Ok(conn.query(ANNUL_DEATH).bind(death).bind(on).execute().await? == 1)
}

/// Works out a person's day of death from the deaths that hold; false when the person is not in the register.
pub(crate) async fn follow_deaths(conn: &mut Conn, person: PersonId) -> Result<bool, StoreError> {
    Ok(conn.query(FOLLOW_DEATHS).bind(person).execute().await? == 1)
}
