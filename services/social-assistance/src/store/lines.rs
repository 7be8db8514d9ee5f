//! Lines.

use crate::store::EntitlementRow;
use crate::tekun::Kind as LineKind;
use mz_casework::{Cause, Lined};
use mz_kernel::{DivisionCode, EntitlementId, Fen, LineId, Month, PersonId, RunId};
use mz_store::{Column as _, Conn, Json, Kind, StoreError, Table, record};
use std::collections::BTreeMap;

record! {
    /// A line.
    #[derive(Debug, Clone)]
    pub(crate) struct LineRow {
        pub(crate) id: LineId,
        pub(crate) run: RunId,
        pub(crate) entitlement: EntitlementId,
        pub(crate) person: PersonId,
        pub(crate) month: Month,
        /// 1, 2, 3 … among the lines of the entitlement and month.
        pub(crate) n: i64,
        pub(crate) amount: Fen,
        pub(crate) kind: LineKind,
        pub(crate) corrects: Json<Vec<LineId>>,
        pub(crate) causes: Json<Vec<Cause>>,
    }
}

/// Which lines are asked for.
#[derive(Debug, Clone)]
pub(crate) struct LineFilter {
    pub(crate) month: Option<Month>,
    pub(crate) person: Option<PersonId>,
    pub(crate) run: Option<RunId>,
    /// Only lines of this division and below.
    pub(crate) division: DivisionCode,
}

macro_rules! select_lines {
    ($which:literal) => {
        concat!(
            "SELECT id, run, entitlement, person, month, n, amount, kind, corrects, causes FROM line WHERE ",
            $which,
            " AND (CAST($2 AS TEXT) IS NULL OR month = $2) AND (CAST($3 AS TEXT) IS NULL OR person = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR run = $4) AND SUBSTR(division, 1, LENGTH($5)) = $5 \
             ORDER BY id LIMIT $6"
        )
    };
}

// One statement for each index: which one is used must not hang on the value of a parameter.
const LINES: &str = select_lines!("id > $1");
const LINES_OF_MONTH: &str = select_lines!("month = $2 AND id > $1");
const LINES_OF_PERSON: &str = select_lines!("person = $3 AND id > $1");
const LINES_OF_RUN: &str = select_lines!("run = $4 AND id > $1");
const LINED: &str =
    "SELECT entitlement, id, month, amount FROM line WHERE entitlement IN LIST($1) AND month >= $2";

const LINE: Table = Table {
    name: "line",
    columns: &[
        ("id", Kind::Text),
        ("run", Kind::Text),
        ("entitlement", Kind::Text),
        ("person", Kind::Text),
        ("division", Kind::Text),
        ("programme", Kind::Text),
        ("class", Kind::Text),
        ("mode", Kind::Text),
        ("month", Kind::Text),
        ("n", Kind::Int),
        ("amount", Kind::Int),
        ("kind", Kind::Text),
        ("corrects", Kind::Text),
        ("causes", Kind::Text),
    ],
    on_conflict: "",
};

/// What was lined for entitlements since a month.
pub(crate) async fn lined(
    conn: &mut Conn,
    of: impl IntoIterator<Item = EntitlementId>,
    since: Month,
) -> Result<BTreeMap<EntitlementId, Vec<Lined>>, StoreError> {
    let rows: Vec<(EntitlementId, LineId, Month, Fen)> =
        conn.query(LINED).bind_list(of).bind(since).all().await?;
    let mut lined: BTreeMap<EntitlementId, Vec<Lined>> = BTreeMap::new();
    for (entitlement, id, month, amount) in rows {
        lined
            .entry(entitlement)
            .or_default()
            .push(Lined { id, month, amount });
    }
    Ok(lined)
}

/// Writes lines, each with the entitlement that it is owed under.
pub(crate) async fn insert_lines(
    conn: &mut Conn,
    lines: &[(&EntitlementRow, LineRow)],
) -> Result<(), StoreError> {
    let rows = lines.iter().map(|(of, line)| {
        vec![
            line.id.encode(),
            line.run.encode(),
            line.entitlement.encode(),
            line.person.encode(),
            of.division.encode(),
            of.programme.encode(),
            of.class.encode(),
            of.mode.encode(),
            line.month.encode(),
            line.n.encode(),
            line.amount.encode(),
            line.kind.encode(),
            line.corrects.encode(),
            line.causes.encode(),
        ]
    });
    conn.insert_all(&LINE, rows.collect()).await.map(|_| ())
}

/// Up to `limit` lines after the line `after`, in the order in which they were written.
pub(crate) async fn lines(
    conn: &mut Conn,
    filter: &LineFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<LineRow>, StoreError> {
    let LineFilter {
        month,
        person,
        run,
        division,
    } = *filter;
    let statement = match (person, run, month) {
        (Some(_), _, _) => LINES_OF_PERSON,
        (None, Some(_), _) => LINES_OF_RUN,
        (None, None, Some(_)) => LINES_OF_MONTH,
        (None, None, None) => LINES,
    };
    let query = conn
        .query(statement)
        .bind(after)
        .bind(month)
        .bind(person)
        .bind(run);
    query.bind(division).bind(limit).all().await
}
