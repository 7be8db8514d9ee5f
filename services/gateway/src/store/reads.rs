//! Who read about whom. Nothing here changes or removes a row.

use crate::ids::PersonReadId;
use crate::purpose::Purpose;
use mz_kernel::{Date, OfficerId, PersonId, Stamp};
use mz_store::{Conn, StoreError, record};

record! {
    /// A reading; see the table.
    pub(crate) struct ReadRow {
        pub(crate) id: PersonReadId,
        pub(crate) read_at: Stamp,
        pub(crate) read_on: Date,
        pub(crate) officer: OfficerId,
        pub(crate) officer_name: Option<String>,
        pub(crate) person: PersonId,
        pub(crate) purpose: Option<Purpose>,
        pub(crate) what: String,
    }
}

/// Which readings; both days are included.
pub(crate) struct ReadFilter {
    pub(crate) person: Option<PersonId>,
    pub(crate) officer: Option<OfficerId>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

const NEW: &str = "INSERT INTO person_read (id, read_at, read_on, officer, person, purpose, what) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const LISTED: &str = "SELECT r.id, r.read_at, r.read_on, r.officer, a.name, r.person, r.purpose, r.what \
    FROM person_read r LEFT JOIN account a ON a.id = r.officer \
    WHERE (CAST($1 AS TEXT) IS NULL OR r.id < $1) AND (CAST($2 AS TEXT) IS NULL OR r.person = $2) \
    AND (CAST($3 AS TEXT) IS NULL OR r.officer = $3) AND (CAST($4 AS DATE) IS NULL OR r.read_on >= $4) \
    AND (CAST($5 AS DATE) IS NULL OR r.read_on <= $5) ORDER BY r.id DESC LIMIT $6";

pub(crate) async fn insert_read(conn: &mut Conn, row: &ReadRow) -> Result<(), StoreError> {
    let query = conn.query(NEW).bind(row.id).bind(row.read_at).bind(row.read_on);
    let query = query.bind(row.officer).bind(row.person).bind(row.purpose);
    query.bind(&row.what).execute_one("the reading").await
}

/// Readings, the latest first, from before an id on.
pub(crate) async fn reads(
    conn: &mut Conn,
    filter: &ReadFilter,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<ReadRow>, StoreError> {
    let query = conn
        .query(LISTED)
        .bind(before)
        .bind(filter.person)
        .bind(filter.officer);
    query.bind(filter.from).bind(filter.to).bind(limit).all().await
}
