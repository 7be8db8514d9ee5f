//! Standards.

use crate::ids::StandardId;
use crate::tekun::{Standard, StandardKey, Standards};
use mz_casework::Stage;
use mz_contracts::Code;
use mz_contracts::events::StandardAdopted;
use mz_kernel::{DivisionCode, Fen, Month, Stamp};
use mz_store::{Conn, Json, StoreError, record};

record! {
    /// A standard on its way, or adopted.
    #[derive(Debug, Clone)]
    pub(crate) struct StandardRow {
        pub(crate) id: StandardId,
        pub(crate) key: StandardKey,
        pub(crate) division: DivisionCode,
        pub(crate) from: Month,
        pub(crate) amount: Fen,
        pub(crate) document: String,
        /// None for one that was taken over from the county's policy.
        pub(crate) stage: Option<Json<Stage>>,
        pub(crate) pending: bool,
        pub(crate) adopted_at: Option<Stamp>,
        pub(crate) version: i64,
    }
}

const STANDARD: &str = "SELECT id, key, division, first_month, amount, document, stage, pending, adopted_at, version \
    FROM standard WHERE id = $1";
const STANDARDS: &str = "SELECT id, key, division, first_month, amount, document, stage, pending, adopted_at, version \
    FROM standard WHERE CAST($1 AS TEXT) IS NULL OR key = $1 ORDER BY key, division, first_month, id";
const NEW_STANDARD: &str = "INSERT INTO standard \
    (id, key, division, first_month, amount, document, stage, pending, adopted_at, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const DECIDE_STANDARD: &str = "UPDATE standard SET stage = $3, pending = $4, adopted_at = $5, version = version + 1 \
    WHERE id = $1 AND version = $2";

pub(crate) async fn standard(conn: &mut Conn, id: StandardId) -> Result<Option<StandardRow>, StoreError> {
    conn.query(STANDARD).bind(id).optional().await
}

/// The standards of a key, or all. They are few: a county adopts some a year.
pub(crate) async fn standard_rows(
    conn: &mut Conn,
    key: Option<StandardKey>,
) -> Result<Vec<StandardRow>, StoreError> {
    conn.query(STANDARDS).bind(key).all().await
}

pub(crate) async fn insert_standard(conn: &mut Conn, row: &StandardRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_STANDARD)
        .bind(row.id)
        .bind(row.key)
        .bind(row.division)
        .bind(row.from);
    let query = query
        .bind(row.amount)
        .bind(&row.document)
        .bind(&row.stage)
        .bind(row.pending);
    query
        .bind(row.adopted_at)
        .bind(row.version)
        .execute_one("the standard")
        .await
}

/// Writes a decision; `adopted_at` is set where the standard was agreed.
pub(crate) async fn decide_standard(
    conn: &mut Conn,
    row: &StandardRow,
    stage: Stage,
    adopted_at: Option<Stamp>,
) -> Result<(), StoreError> {
    let query = conn
        .query(DECIDE_STANDARD)
        .bind(row.id)
        .bind(row.version)
        .bind(Json(stage))
        .bind(false);
    query.bind(adopted_at).execute_one("the standard").await
}

/// The adopted standards.
pub(crate) async fn adopted(conn: &mut Conn) -> Result<Standards, StoreError> {
    let mut standards = Standards::default();
    for row in standard_rows(conn, None).await? {
        if let Some(adopted_at) = row.adopted_at {
            standards.adopt(row.key, row.division, row.adopted(adopted_at));
        }
    }
    Ok(standards)
}

impl StandardRow {
    /// The standard that it is from an instant on.
    pub(crate) fn adopted(&self, recorded_at: Stamp) -> Standard {
        Standard {
            id: self.id,
            from: self.from,
            amount: self.amount,
            recorded_at,
        }
    }

    /// What others are told once it is adopted.
    pub(crate) fn event(&self) -> StandardAdopted {
        StandardAdopted {
            key: Code::of(self.key.text()),
            division: self.division,
            from: self.from,
            amount: self.amount,
            unit: Code::of("person-month"),
            document: self.document.clone(),
        }
    }
}
