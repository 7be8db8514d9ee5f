//! Lines, and the figures that come out of them.

use crate::store::EntitlementRow;
use crate::tekun::{Class, Mode};
use mz_casework::{Cause, Lined};
use mz_kernel::{EntitlementId, Fen, LineId, Month, PersonId, RunId};
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
        pub(crate) n: i64,
        pub(crate) amount: Fen,
        /// `current`, `back-pay` or `take-back`.
        pub(crate) kind: String,
        pub(crate) corrects: Json<Vec<LineId>>,
        pub(crate) causes: Json<Vec<Cause>>,
    }
}

record! {
    /// Person-times and money of a class and mode.
    #[derive(Debug, Clone)]
    pub(crate) struct FigureRow {
        pub(crate) class: Class,
        pub(crate) mode: Mode,
        pub(crate) person_times: i64,
        pub(crate) persons: i64,
        pub(crate) amount: Fen,
    }
}

/// Which lines are asked for; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineFilter {
    pub(crate) month: String,
    pub(crate) person: String,
    pub(crate) run: String,
    pub(crate) division: String,
}

const LINED: &str =
    "SELECT entitlement, id, month, amount FROM line WHERE entitlement IN LIST($1) AND month >= $2";
const LINES: &str = "SELECT id, run, entitlement, person, month, n, amount, kind, corrects, causes FROM line \
    WHERE id > $1 AND (CAST($2 AS TEXT) = '' OR month = $2) AND (CAST($3 AS TEXT) = '' OR person = $3) \
    AND (CAST($4 AS TEXT) = '' OR run = $4) AND SUBSTR(division, 1, LENGTH($5)) = $5 ORDER BY id LIMIT $6";
const FIGURES: &str = "SELECT class, mode, COUNT(*), COUNT(DISTINCT person), CAST(SUM(net) AS BIGINT) FROM \
    (SELECT class, mode, person, entitlement, month, CAST(SUM(amount) AS BIGINT) AS net FROM line \
    WHERE programme = $1 AND month >= $2 AND month <= $3 AND SUBSTR(division, 1, LENGTH($4)) = $4 \
    GROUP BY class, mode, person, entitlement, month) AS nets WHERE net > 0 GROUP BY class, mode ORDER BY class, mode";
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
    of: &[EntitlementId],
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
    let query = conn
        .query(LINES)
        .bind(after)
        .bind(&filter.month)
        .bind(&filter.person);
    query
        .bind(&filter.run)
        .bind(&filter.division)
        .bind(limit)
        .all()
        .await
}

/// Person-times (person-months with a positive net), persons and money by class and mode.
pub(crate) async fn figures(
    conn: &mut Conn,
    programme: &str,
    (from, to): (Month, Month),
    division: &str,
) -> Result<Vec<FigureRow>, StoreError> {
    conn.query(FIGURES)
        .bind(programme)
        .bind(from)
        .bind(to)
        .bind(division)
        .all()
        .await
}
