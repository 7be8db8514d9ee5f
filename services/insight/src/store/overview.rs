//! What the console's first page shows.

use mz_contracts::Code;
use mz_kernel::{DivisionCode, Fen, Month};
use mz_store::{Conn, StoreError, record};

record! {
    /// Cases of one month.
    #[derive(Debug)]
    pub(crate) struct CasesRow {
        pub(crate) month: Month,
        pub(crate) cases: i64,
    }
}

record! {
    /// Money of one programme.
    #[derive(Debug)]
    pub(crate) struct MoneyRow {
        pub(crate) programme: Code,
        pub(crate) amount: Fen,
    }
}

const ACCEPTED: &str = "SELECT accepted_month, COUNT(*) FROM heard_case \
    WHERE accepted_month BETWEEN $1 AND $2 AND SUBSTR(division, 1, LENGTH($3)) = $3 GROUP BY accepted_month";
const DECIDED: &str = "SELECT decided_month, COUNT(*) FROM heard_case \
    WHERE decided_month BETWEEN $1 AND $2 AND SUBSTR(division, 1, LENGTH($3)) = $3 GROUP BY decided_month";
/// A payment belongs where its lines' entitlements do; as long as they are not heard of, to its batch's division.
const PAID: &str = "SELECT programme, CAST(SUM(amount) AS BIGINT) FROM ( \
        SELECT payment.programme, payment.amount, COALESCE((SELECT MIN(entitlement.division) FROM heard_payment_line AS part \
            JOIN heard_line AS line ON line.id = part.line \
            JOIN heard_entitlement AS entitlement ON entitlement.id = line.entitlement \
            WHERE part.payment = payment.id), payment.division) AS division \
        FROM heard_payment AS payment WHERE payment.month = $1 AND payment.outcome = 'paid' \
    ) AS paid WHERE SUBSTR(division, 1, LENGTH($2)) = $2 GROUP BY programme ORDER BY programme";
const PAID_PERSON_TIMES: &str = "SELECT COUNT(*) FROM ( \
        SELECT DISTINCT line.person, line.month FROM heard_payment AS payment \
        JOIN heard_payment_line AS part ON part.payment = payment.id \
        JOIN heard_line AS line ON line.id = part.line \
        LEFT JOIN heard_entitlement AS entitlement ON entitlement.id = line.entitlement \
        WHERE payment.month = $1 AND payment.outcome = 'paid' AND line.amount > 0 \
        AND SUBSTR(COALESCE(entitlement.division, payment.division), 1, LENGTH($2)) = $2 \
    ) AS paid";

/// Cases that were accepted, by month; months without one are left out.
pub(crate) async fn accepted(
    conn: &mut Conn,
    (from, to): (Month, Month),
    division: DivisionCode,
) -> Result<Vec<CasesRow>, StoreError> {
    let query = conn.query(ACCEPTED).bind(from).bind(to);
    query.bind(division).all().await
}

/// Cases that were decided, by month; months without one are left out.
pub(crate) async fn decided(
    conn: &mut Conn,
    (from, to): (Month, Month),
    division: DivisionCode,
) -> Result<Vec<CasesRow>, StoreError> {
    let query = conn.query(DECIDED).bind(from).bind(to);
    query.bind(division).all().await
}

/// What the bank paid for the batches of a month, by programme.
pub(crate) async fn paid(
    conn: &mut Conn,
    month: Month,
    division: DivisionCode,
) -> Result<Vec<MoneyRow>, StoreError> {
    conn.query(PAID).bind(month).bind(division).all().await
}

/// The person-times 人次 that the bank paid for in the batches of a month: persons' months, each once.
pub(crate) async fn paid_person_times(
    conn: &mut Conn,
    month: Month,
    division: DivisionCode,
) -> Result<i64, StoreError> {
    let query = conn.query(PAID_PERSON_TIMES).bind(month).bind(division);
    query.scalar().await
}
