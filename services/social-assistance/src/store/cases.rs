//! Cases.

use crate::tekun::{Class, Mode};
use crate::words::State;
use mz_casework::{CaseClock, Outcome, Stage};
use mz_kernel::{CaseId, Date, DivisionCode, Month, PersonId};
use mz_store::{Conn, Json, StoreError, record};

record! {
    /// A case.
    #[derive(Debug)]
    pub(crate) struct CaseRow {
        pub(crate) id: CaseId,
        pub(crate) programme: String,
        pub(crate) person: PersonId,
        pub(crate) class: Class,
        pub(crate) mode: Mode,
        pub(crate) division: DivisionCode,
        pub(crate) accepted_on: Date,
        /// The last day for a decision; none while the clock is paused.
        pub(crate) due: Option<Date>,
        pub(crate) clock: Json<CaseClock>,
        pub(crate) stage: Json<Stage>,
        /// The first month that the proposal names, if it names one.
        pub(crate) first_month: Option<Month>,
        pub(crate) version: i64,
    }
}

const CASE: &str = "SELECT id, programme, person, class, mode, division, accepted_on, due, clock, stage, first_month, \
    version FROM assistance_case WHERE id = $1";
const CASES: &str = "SELECT id, programme, person, class, mode, division, accepted_on, due, clock, stage, first_month, \
    version FROM assistance_case WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR state = $2) \
    AND SUBSTR(division, 1, LENGTH($3)) = $3 ORDER BY id LIMIT $4";
const OPEN_CASE: &str = "SELECT id FROM assistance_case WHERE person = $1 AND programme = $2 AND open";
const NEW_CASE: &str = "INSERT INTO assistance_case \
    (id, programme, person, class, mode, division, accepted_on, due, clock, stage, state, first_month, open, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const SAVE_CASE: &str = "UPDATE assistance_case SET due = $3, clock = $4, stage = $5, state = $6, first_month = $7, \
    open = $8, version = version + 1 WHERE id = $1 AND version = $2";

/// The word by which lists are filtered.
pub(crate) fn state(stage: &Stage) -> State {
    match stage {
        Stage::Accepted => State::Accepted,
        Stage::Proposed(_) => State::Proposed,
        Stage::Decided(decision) if decision.outcome == Outcome::Granted => State::Granted,
        Stage::Decided(_) => State::Refused,
        Stage::Withdrawn(_) => State::Withdrawn,
    }
}

fn is_open(stage: &Stage) -> bool {
    matches!(stage, Stage::Accepted | Stage::Proposed(_))
}

pub(crate) async fn case(conn: &mut Conn, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
    conn.query(CASE).bind(id).optional().await
}

/// Up to `limit` cases after the case `after`, of a state or of all, and within a division.
pub(crate) async fn cases(
    conn: &mut Conn,
    after: &str,
    state: Option<State>,
    division: DivisionCode,
    limit: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    conn.query(CASES)
        .bind(after)
        .bind(state)
        .bind(division)
        .bind(limit)
        .all()
        .await
}

/// The case of a person that is not decided yet.
pub(crate) async fn open_case(
    conn: &mut Conn,
    person: PersonId,
    programme: &str,
) -> Result<Option<CaseId>, StoreError> {
    let found = conn
        .query(OPEN_CASE)
        .bind(person)
        .bind(programme)
        .optional::<(CaseId,)>()
        .await?;
    Ok(found.map(|(id,)| id))
}

pub(crate) async fn insert_case(conn: &mut Conn, row: &CaseRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_CASE)
        .bind(row.id)
        .bind(&row.programme)
        .bind(row.person)
        .bind(row.class);
    let query = query
        .bind(row.mode)
        .bind(row.division)
        .bind(row.accepted_on)
        .bind(row.due);
    let query = query
        .bind(&row.clock)
        .bind(&row.stage)
        .bind(state(&row.stage.0))
        .bind(row.first_month);
    query
        .bind(is_open(&row.stage.0))
        .bind(row.version)
        .execute_one("the case")
        .await
}

/// Writes clock, stage and month; refused when somebody else changed the case since it was read.
pub(crate) async fn save_case(conn: &mut Conn, row: &CaseRow) -> Result<(), StoreError> {
    let query = conn
        .query(SAVE_CASE)
        .bind(row.id)
        .bind(row.version)
        .bind(row.due)
        .bind(&row.clock);
    let query = query
        .bind(&row.stage)
        .bind(state(&row.stage.0))
        .bind(row.first_month);
    query.bind(is_open(&row.stage.0)).execute_one("the case").await
}
