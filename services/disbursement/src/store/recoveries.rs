//! Recoveries, their ledgers, and what officers agreed about them.

use crate::ids::AgreementId;
use crate::words::{AgreementKind, EntryKind};
use mz_casework::Stage;
use mz_contracts::events::Cause;
use mz_kernel::{
    Date, DivisionCode, EntitlementId, Fen, LineId, Month, PaymentId, PersonId, RecoveryId, RunId,
};
use mz_store::{Column as _, Conn, Json, Kind, StoreError, Table, record};
use std::collections::BTreeMap;

record! {
    /// A recovery; see the table.
    #[derive(Debug, Clone)]
    pub(crate) struct RecoveryRow {
        pub(crate) id: RecoveryId,
        pub(crate) run: RunId,
        pub(crate) run_month: Month,
        pub(crate) entitlement: EntitlementId,
        pub(crate) person: PersonId,
        pub(crate) programme: String,
        pub(crate) division: DivisionCode,
        pub(crate) amount: Fen,
        pub(crate) outstanding: Fen,
        pub(crate) months: Json<Vec<Month>>,
        pub(crate) lines: Json<Vec<LineId>>,
        /// What had ended the entitlement; none where less was owed for another reason.
        pub(crate) cause: Option<Json<Cause>>,
        pub(crate) raised_on: Date,
        pub(crate) per_month: Option<Fen>,
        pub(crate) entries: i64,
        pub(crate) version: i64,
    }
}

record! {
    /// An entry in the ledger of a recovery.
    #[derive(Debug, Clone)]
    pub(crate) struct EntryRow {
        pub(crate) recovery: RecoveryId,
        pub(crate) n: i64,
        pub(crate) kind: EntryKind,
        pub(crate) amount: Fen,
        pub(crate) entered_on: Date,
        pub(crate) payment: Option<PaymentId>,
        pub(crate) month: Month,
        pub(crate) note: Option<String>,
    }
}

record! {
    /// A proposed offset or waiver.
    #[derive(Debug, Clone)]
    pub(crate) struct AgreementRow {
        pub(crate) id: AgreementId,
        pub(crate) recovery: RecoveryId,
        pub(crate) kind: AgreementKind,
        pub(crate) amount: Fen,
        pub(crate) ground: String,
        pub(crate) stage: Json<Stage>,
        pub(crate) pending: bool,
        pub(crate) version: i64,
    }
}

macro_rules! select_recoveries {
    ($rest:literal) => {
        concat!(
            "SELECT id, run, run_month, entitlement, person, programme, division, amount, outstanding, months, lines, cause, \
             raised_on, per_month, entries, version FROM recovery ",
            $rest
        )
    };
}
const BY_ID: &str = select_recoveries!("WHERE id IN LIST($1) ORDER BY id");
const BY_RUN: &str = select_recoveries!("WHERE run IN LIST($1) AND entitlement IN LIST($2)");
const WITH_OFFSET: &str = select_recoveries!(
    "WHERE per_month > 0 AND outstanding > 0 AND programme = $1 AND run_month <= $2 AND person IN LIST($3) ORDER BY id"
);
const LISTED: &str = select_recoveries!(
    "WHERE id > $1 AND (CAST($2 AS TEXT) IS NULL OR person = $2) AND SUBSTR(division, 1, LENGTH($3)) = $3 \
     AND (CAST($4 AS BOOLEAN) IS NULL OR (outstanding > 0) = $4) ORDER BY id LIMIT $5"
);
const ENTRIES: &str = "SELECT recovery, n, kind, amount, entered_on, payment, month, note FROM recovery_entry \
    WHERE recovery = $1 ORDER BY n";
const KEPT: &str = "SELECT recovery, payment, CAST(SUM(amount) AS BIGINT) FROM recovery_entry \
    WHERE kind = $1 AND payment IN LIST($2) GROUP BY recovery, payment";
const KEPT_IN_MONTH: &str = "SELECT recovery, CAST(SUM(amount) AS BIGINT) FROM recovery_entry \
    WHERE kind = 'offset' AND month = $1 AND recovery IN LIST($2) GROUP BY recovery";
const AGREEMENT: &str = "SELECT id, recovery, kind, amount, ground, stage, pending, version FROM agreement \
    WHERE id = $1 AND recovery = $2 AND kind = $3";
const AGREEMENTS: &str = "SELECT id, recovery, kind, amount, ground, stage, pending, version FROM agreement \
    WHERE recovery = $1 ORDER BY id";
const NEW_AGREEMENT: &str = "INSERT INTO agreement (id, recovery, kind, amount, ground, stage, pending, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const DECIDE_AGREEMENT: &str = "UPDATE agreement SET stage = $3, pending = $4, version = version + 1 \
    WHERE id = $1 AND version = $2";
const CHECK_VERSION: &str = "UPDATE recovery SET version = version + 1 WHERE id = $1 AND version = $2";

const RECOVERY: Table = Table {
    name: "recovery",
    columns: &[
        ("id", Kind::Text),
        ("run", Kind::Text),
        ("run_month", Kind::Text),
        ("entitlement", Kind::Text),
        ("person", Kind::Text),
        ("programme", Kind::Text),
        ("division", Kind::Text),
        ("amount", Kind::Int),
        ("outstanding", Kind::Int),
        ("months", Kind::Text),
        ("lines", Kind::Text),
        ("cause", Kind::Text),
        ("raised_on", Kind::Date),
        ("per_month", Kind::Int),
        ("entries", Kind::Int),
        ("version", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (id) DO UPDATE SET amount = EXCLUDED.amount, outstanding = EXCLUDED.outstanding, \
        months = EXCLUDED.months, lines = EXCLUDED.lines, cause = EXCLUDED.cause, per_month = EXCLUDED.per_month, \
        entries = EXCLUDED.entries, version = recovery.version + 1",
};
const ENTRY: Table = Table {
    name: "recovery_entry",
    columns: &[
        ("recovery", Kind::Text),
        ("n", Kind::Int),
        ("kind", Kind::Text),
        ("amount", Kind::Int),
        ("entered_on", Kind::Date),
        ("payment", Kind::Text),
        ("month", Kind::Text),
        ("note", Kind::Text),
    ],
    on_conflict: "",
};

/// Which recoveries are listed.
#[derive(Debug, Clone)]
pub(crate) struct RecoveryFilter {
    pub(crate) person: Option<PersonId>,
    pub(crate) division: DivisionCode,
    /// Whether something is outstanding.
    pub(crate) open: Option<bool>,
}

pub(crate) async fn recovery(conn: &mut Conn, id: RecoveryId) -> Result<Option<RecoveryRow>, StoreError> {
    conn.query(BY_ID).bind_list([id]).optional().await
}

pub(crate) async fn recoveries(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = RecoveryId>,
) -> Result<BTreeMap<RecoveryId, RecoveryRow>, StoreError> {
    let rows: Vec<RecoveryRow> = conn.query(BY_ID).bind_list(ids).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The recoveries that runs raised for entitlements.
pub(crate) async fn raised(
    conn: &mut Conn,
    of: impl Iterator<Item = (RunId, EntitlementId)> + Clone,
) -> Result<BTreeMap<(RunId, EntitlementId), RecoveryRow>, StoreError> {
    let query = conn.query(BY_RUN).bind_list(of.clone().map(|(run, _)| run));
    let rows: Vec<RecoveryRow> = query
        .bind_list(of.map(|(_, entitlement)| entitlement))
        .all()
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.run, row.entitlement), row))
        .collect())
}

/// Recoveries of persons, by runs up to a month, that are kept back from their payments.
pub(crate) async fn with_offset(
    conn: &mut Conn,
    programme: &str,
    month: Month,
    persons: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<RecoveryRow>, StoreError> {
    let query = conn.query(WITH_OFFSET).bind(programme).bind(month);
    query.bind_list(persons).all().await
}

/// Up to `limit` recoveries after the recovery `after`.
pub(crate) async fn recoveries_listed(
    conn: &mut Conn,
    filter: &RecoveryFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<RecoveryRow>, StoreError> {
    let query = conn
        .query(LISTED)
        .bind(after)
        .bind(filter.person)
        .bind(filter.division);
    query.bind(filter.open).bind(limit).all().await
}

pub(crate) async fn save_recoveries<'r>(
    conn: &mut Conn,
    rows: impl IntoIterator<Item = &'r RecoveryRow>,
) -> Result<(), StoreError> {
    let rows = rows.into_iter().map(|row| {
        vec![
            row.id.encode(),
            row.run.encode(),
            row.run_month.encode(),
            row.entitlement.encode(),
            row.person.encode(),
            row.programme.encode(),
            row.division.encode(),
            row.amount.encode(),
            row.outstanding.encode(),
            row.months.encode(),
            row.lines.encode(),
            row.cause.encode(),
            row.raised_on.encode(),
            row.per_month.encode(),
            row.entries.encode(),
            row.version.encode(),
        ]
    });
    conn.insert_all(&RECOVERY, rows.collect()).await.map(|_| ())
}

/// Refused when somebody changed the recovery since it was read.
pub(crate) async fn check_recovery(conn: &mut Conn, row: &RecoveryRow) -> Result<(), StoreError> {
    let query = conn.query(CHECK_VERSION).bind(row.id).bind(row.version);
    query.execute_one("the recovery").await
}

pub(crate) async fn insert_entries(conn: &mut Conn, rows: &[EntryRow]) -> Result<(), StoreError> {
    let rows = rows.iter().map(|row| {
        vec![
            row.recovery.encode(),
            row.n.encode(),
            row.kind.encode(),
            row.amount.encode(),
            row.entered_on.encode(),
            row.payment.encode(),
            row.month.encode(),
            row.note.encode(),
        ]
    });
    conn.insert_all(&ENTRY, rows.collect()).await.map(|_| ())
}

/// The ledger of a recovery.
pub(crate) async fn entries(conn: &mut Conn, of: RecoveryId) -> Result<Vec<EntryRow>, StoreError> {
    conn.query(ENTRIES).bind(of).all().await
}

/// What was entered for payments, by recovery: kept back from them, or absorbed when they came back.
pub(crate) async fn entered_for(
    conn: &mut Conn,
    kind: EntryKind,
    payments: impl IntoIterator<Item = PaymentId>,
) -> Result<BTreeMap<PaymentId, BTreeMap<RecoveryId, Fen>>, StoreError> {
    let rows: Vec<(RecoveryId, PaymentId, Fen)> =
        conn.query(KEPT).bind(kind).bind_list(payments).all().await?;
    let mut entered: BTreeMap<PaymentId, BTreeMap<RecoveryId, Fen>> = BTreeMap::new();
    for (recovery, payment, amount) in rows {
        entered.entry(payment).or_default().insert(recovery, amount);
    }
    Ok(entered)
}

/// What was kept back for recoveries in a month.
pub(crate) async fn kept_in_month(
    conn: &mut Conn,
    month: Month,
    of: impl IntoIterator<Item = RecoveryId>,
) -> Result<BTreeMap<RecoveryId, Fen>, StoreError> {
    let rows: Vec<(RecoveryId, Fen)> = conn.query(KEPT_IN_MONTH).bind(month).bind_list(of).all().await?;
    Ok(rows.into_iter().collect())
}

pub(crate) async fn agreement(
    conn: &mut Conn,
    recovery: RecoveryId,
    kind: AgreementKind,
    id: AgreementId,
) -> Result<Option<AgreementRow>, StoreError> {
    let query = conn.query(AGREEMENT).bind(id).bind(recovery).bind(kind);
    query.optional().await
}

/// What was proposed about a recovery, the oldest first.
pub(crate) async fn agreements(conn: &mut Conn, of: RecoveryId) -> Result<Vec<AgreementRow>, StoreError> {
    conn.query(AGREEMENTS).bind(of).all().await
}

pub(crate) async fn insert_agreement(conn: &mut Conn, row: &AgreementRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_AGREEMENT)
        .bind(row.id)
        .bind(row.recovery)
        .bind(row.kind);
    let query = query.bind(row.amount).bind(&row.ground).bind(&row.stage);
    query
        .bind(row.pending)
        .bind(row.version)
        .execute_one("the agreement")
        .await
}

pub(crate) async fn decide_agreement(
    conn: &mut Conn,
    row: &AgreementRow,
    stage: Stage,
) -> Result<(), StoreError> {
    let query = conn.query(DECIDE_AGREEMENT).bind(row.id).bind(row.version);
    query
        .bind(Json(stage))
        .bind(false)
        .execute_one("the agreement")
        .await
}
