//! Lines by the month that they are for and the month of the run that wrote them.

use mz_kernel::{DivisionCode, Fen, Month};
use mz_store::{Conn, StoreError};

const LINED_LATER: &str = "SELECT SUBSTR(division, 1, 9), CAST(SUM(amount) AS BIGINT) FROM ( \
        SELECT line.amount, COALESCE(entitlement.division, line.division) AS division FROM heard_line AS line \
        LEFT JOIN heard_entitlement AS entitlement ON entitlement.id = line.entitlement \
        WHERE line.month <= $1 AND line.run_month > $1 \
    ) AS later WHERE SUBSTR(division, 1, LENGTH($2)) = $2 GROUP BY SUBSTR(division, 1, 9)";

/// What runs after `through` lined for months up to it, by township.
pub(crate) async fn lined_later(
    conn: &mut Conn,
    through: Month,
    division: DivisionCode,
) -> Result<Vec<(String, Fen)>, StoreError> {
    conn.query(LINED_LATER).bind(through).bind(division).all().await
}
