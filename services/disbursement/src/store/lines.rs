//! Lines, and what take-backs took from them.

use mz_kernel::{DivisionCode, EntitlementId, Fen, LineId, Month, PaymentId, PersonId, RecoveryId, RunId};
use mz_store::{Column as _, Conn, Json, Kind, StoreError, Table, record};
use std::collections::BTreeMap;

record! {
    /// A line; see the table.
    #[derive(Debug, Clone)]
    pub(crate) struct LineRow {
        pub(crate) id: LineId,
        pub(crate) run: RunId,
        pub(crate) run_month: Month,
        pub(crate) entitlement: EntitlementId,
        pub(crate) person: PersonId,
        pub(crate) programme: String,
        pub(crate) division: DivisionCode,
        pub(crate) month: Month,
        pub(crate) amount: Fen,
        pub(crate) rest: Fen,
        pub(crate) held: bool,
        pub(crate) corrects: Json<Vec<LineId>>,
    }
}

/// Of which lines it is told that they are held.
#[derive(Debug, Clone)]
pub(crate) struct HeldFilter {
    pub(crate) division: DivisionCode,
    pub(crate) programme: Option<String>,
    /// The last run that counts.
    pub(crate) month: Option<Month>,
}

/// A part of a take-back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NettingRow {
    pub(crate) take_back: LineId,
    pub(crate) n: i64,
    pub(crate) line: Option<LineId>,
    pub(crate) amount: Fen,
    pub(crate) recovery: Option<RecoveryId>,
}

macro_rules! select_lines {
    ($rest:literal) => {
        concat!(
            "SELECT id, run, run_month, entitlement, person, programme, line.division, line.month, line.amount, rest, \
             held, corrects FROM line ",
            $rest
        )
    };
}

const OF_ENTITLEMENTS: &str = select_lines!("WHERE entitlement IN LIST($1) ORDER BY run_month, id");
const HELD: &str = select_lines!(
    "WHERE held AND rest > 0 AND programme = $1 AND run_month <= $2 AND SUBSTR(division, 1, LENGTH($3)) = $3 ORDER BY id"
);
/// Entitlements of which a line may be held; what the facts say, the rules decide. Those that can be paid as they are
/// need not be read for it.
const MAY_BE_HELD: &str = "SELECT DISTINCT line.entitlement FROM line \
    LEFT JOIN entitlement ON entitlement.id = line.entitlement LEFT JOIN payee ON payee.person = line.person \
    WHERE held AND rest > 0 AND line.entitlement > $1 AND SUBSTR(line.division, 1, LENGTH($2)) = $2 \
    AND (CAST($3 AS TEXT) IS NULL OR line.programme = $3) AND (CAST($4 AS TEXT) IS NULL OR run_month <= $4) \
    AND (until_month IS NOT NULL OR entitlement.id IS NULL OR payee.id IS NULL \
    OR EXISTS (SELECT 1 FROM death WHERE death.person = line.person AND NOT annulled)) \
    ORDER BY line.entitlement LIMIT $5";
const HELD_OF: &str = select_lines!(
    "WHERE held AND rest > 0 AND entitlement IN LIST($1) AND SUBSTR(division, 1, LENGTH($2)) = $2 \
     AND (CAST($3 AS TEXT) IS NULL OR run_month <= $3) ORDER BY month, id"
);
const OF_PAYMENTS: &str =
    select_lines!("JOIN payment_line ON line = id WHERE payment IN LIST($1) ORDER BY month, id");
const WAITING: &str =
    "SELECT DISTINCT entitlement FROM line WHERE held AND rest < 0 AND entitlement IN LIST($1)";
const MOVE: &str = "UPDATE line SET division = $2 WHERE entitlement = $1";
const HOLD: &str = "UPDATE line SET held = $2 WHERE id IN LIST($1)";
const CLAIMED: &str = "SELECT line, recovery, CAST(SUM(amount) AS BIGINT) FROM netting \
    WHERE recovery IS NOT NULL AND line IN LIST($1) GROUP BY line, recovery";
const LINE: Table = Table {
    name: "line",
    columns: &[
        ("id", Kind::Text),
        ("run", Kind::Text),
        ("run_month", Kind::Text),
        ("entitlement", Kind::Text),
        ("person", Kind::Text),
        ("programme", Kind::Text),
        ("division", Kind::Text),
        ("month", Kind::Text),
        ("amount", Kind::Int),
        ("rest", Kind::Int),
        ("held", Kind::Bool),
        ("corrects", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (id) DO UPDATE SET rest = EXCLUDED.rest, held = EXCLUDED.held",
};
const NETTING: Table = Table {
    name: "netting",
    columns: &[
        ("take_back", Kind::Text),
        ("n", Kind::Int),
        ("line", Kind::Text),
        ("amount", Kind::Int),
        ("recovery", Kind::Text),
    ],
    on_conflict: "",
};

/// Writes lines; of those that are there, how they stand.
pub(crate) async fn save_lines<'l>(
    conn: &mut Conn,
    lines: impl IntoIterator<Item = &'l LineRow>,
) -> Result<(), StoreError> {
    let rows = lines.into_iter().map(|line| {
        vec![
            line.id.encode(),
            line.run.encode(),
            line.run_month.encode(),
            line.entitlement.encode(),
            line.person.encode(),
            line.programme.encode(),
            line.division.encode(),
            line.month.encode(),
            line.amount.encode(),
            line.rest.encode(),
            line.held.encode(),
            line.corrects.encode(),
        ]
    });
    conn.insert_all(&LINE, rows.collect()).await.map(|_| ())
}

/// All lines of entitlements, in the order of their runs.
pub(crate) async fn lines_of(conn: &mut Conn, of: &[EntitlementId]) -> Result<Vec<LineRow>, StoreError> {
    conn.query(OF_ENTITLEMENTS)
        .bind_list(of.iter().copied())
        .all()
        .await
}

/// Lines above zero that are in no payment, of runs up to a month, in a division and below.
pub(crate) async fn held_lines(
    conn: &mut Conn,
    programme: &str,
    month: Month,
    division: DivisionCode,
) -> Result<Vec<LineRow>, StoreError> {
    let query = conn.query(HELD).bind(programme).bind(month).bind(division);
    query.all().await
}

/// Up to `limit` entitlements after the entitlement `after` of which a line may be held.
pub(crate) async fn may_be_held(
    conn: &mut Conn,
    filter: &HeldFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<EntitlementId>, StoreError> {
    let query = conn.query(MAY_BE_HELD).bind(after).bind(filter.division);
    let query = query.bind(filter.programme.as_deref()).bind(filter.month);
    let rows: Vec<(EntitlementId,)> = query.bind(limit).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The lines of entitlements that are above zero and in no payment.
pub(crate) async fn held_lines_of(
    conn: &mut Conn,
    filter: &HeldFilter,
    of: impl IntoIterator<Item = EntitlementId>,
) -> Result<Vec<LineRow>, StoreError> {
    let query = conn.query(HELD_OF).bind_list(of).bind(filter.division);
    query.bind(filter.month).all().await
}

/// The lines in payments.
pub(crate) async fn lines_in(
    conn: &mut Conn,
    payments: impl IntoIterator<Item = PaymentId>,
) -> Result<Vec<LineRow>, StoreError> {
    conn.query(OF_PAYMENTS).bind_list(payments).all().await
}

/// Which of the entitlements have a take-back that was not netted yet.
pub(crate) async fn waiting(
    conn: &mut Conn,
    of: impl IntoIterator<Item = EntitlementId>,
) -> Result<Vec<EntitlementId>, StoreError> {
    let rows: Vec<(EntitlementId,)> = conn.query(WAITING).bind_list(of).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Gives an entitlement's lines its division, once that is known.
pub(crate) async fn move_lines(
    conn: &mut Conn,
    of: EntitlementId,
    to: DivisionCode,
) -> Result<(), StoreError> {
    conn.query(MOVE).bind(of).bind(to).execute().await.map(|_| ())
}

/// Lines come into payments, or leave them.
pub(crate) async fn hold_lines(
    conn: &mut Conn,
    lines: impl IntoIterator<Item = LineId>,
    held: bool,
) -> Result<(), StoreError> {
    conn.query(HOLD)
        .bind_list(lines)
        .bind(held)
        .execute()
        .await
        .map(|_| ())
}

pub(crate) async fn insert_netting(conn: &mut Conn, rows: &[NettingRow]) -> Result<(), StoreError> {
    let rows = rows.iter().map(|row| {
        vec![
            row.take_back.encode(),
            row.n.encode(),
            row.line.encode(),
            row.amount.encode(),
            row.recovery.encode(),
        ]
    });
    conn.insert_all(&NETTING, rows.collect()).await.map(|_| ())
}

/// What recoveries claim of lines that were paid.
pub(crate) async fn claims(
    conn: &mut Conn,
    of: impl IntoIterator<Item = LineId>,
) -> Result<BTreeMap<LineId, Vec<(RecoveryId, Fen)>>, StoreError> {
    let rows: Vec<(LineId, RecoveryId, Fen)> = conn.query(CLAIMED).bind_list(of).all().await?;
    let mut claims: BTreeMap<LineId, Vec<(RecoveryId, Fen)>> = BTreeMap::new();
    for (line, recovery, amount) in rows {
        claims.entry(line).or_default().push((recovery, amount));
    }
    Ok(claims)
}
