//! The sums of the proof (D5), each from rows of its own, so that one that is wrong shows.
//!
//! They are of what was lined by runs up to a month, batched for months up to it, and raised by runs up to it; what
//! became of that is taken as it stands now. A batch takes lines of earlier runs only, and an offset pays for earlier
//! recoveries only: so the sums belong together.

use mz_kernel::{DivisionCode, Fen, Month};
use mz_store::{Conn, StoreError};

/// By what the sums are broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Whole,
    Township,
    Person,
}

/// A kind of sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sum {
    Lined,
    Batched,
    Held,
    /// What the lines that are in no payment say of themselves, whatever the month.
    HeldNow,
    /// The same from the rows that made them so.
    HeldNowByRows,
    Paid,
    Returned,
    Pending,
    Raised,
    OffsetInBatches,
    OffsetOfRaised,
    Repaid,
    Waived,
    Outstanding,
}

/// A statement for each level: `{key}` is what it is grouped by. `$1` is the month, `$2` the division.
macro_rules! by_level {
    ($select:literal, $rest:literal, $of:literal) => {
        [
            concat!("SELECT '', ", $select, " ", $rest),
            concat!(
                "SELECT SUBSTR(",
                $of,
                ".division, 1, 9), ",
                $select,
                " ",
                $rest,
                " GROUP BY SUBSTR(",
                $of,
                ".division, 1, 9)"
            ),
            concat!(
                "SELECT ",
                $of,
                ".person, ",
                $select,
                " ",
                $rest,
                " GROUP BY ",
                $of,
                ".person"
            ),
        ]
    };
}

type Statements = [&'static str; 3];

const LINED: Statements = by_level!(
    "CAST(COALESCE(SUM(amount), 0) AS BIGINT)",
    "FROM line WHERE run_month <= $1 AND SUBSTR(line.division, 1, LENGTH($2)) = $2",
    "line"
);
// What of the lines neither a take-back nor a payment took: of a take-back, what it did not take yet.
const HELD: Statements = by_level!(
    "CAST(COALESCE(SUM(line.amount - COALESCE((SELECT SUM(netting.amount) FROM netting \
        JOIN line AS taker ON taker.id = netting.take_back \
        WHERE netting.line = line.id AND recovery IS NULL AND taker.run_month <= $1), 0) \
     + COALESCE((SELECT SUM(netting.amount) FROM netting WHERE netting.take_back = line.id), 0) \
     - COALESCE((SELECT SUM(payment_line.amount) FROM payment_line JOIN payment ON payment.id = payment_line.payment \
        WHERE payment_line.line = line.id AND payment.month <= $1), 0)), 0) AS BIGINT)",
    "FROM line WHERE line.run_month <= $1 AND SUBSTR(line.division, 1, LENGTH($2)) = $2",
    "line"
);
const HELD_NOW: Statements = by_level!(
    "CAST(COALESCE(SUM(rest), 0) AS BIGINT)",
    "FROM line WHERE held AND $1 <> '' AND SUBSTR(line.division, 1, LENGTH($2)) = $2",
    "line"
);
const HELD_NOW_BY_ROWS: Statements = by_level!(
    "CAST(COALESCE(SUM(line.amount - COALESCE((SELECT SUM(netting.amount) FROM netting \
        WHERE netting.line = line.id AND recovery IS NULL), 0) \
     + COALESCE((SELECT SUM(netting.amount) FROM netting WHERE netting.take_back = line.id), 0) \
     - COALESCE((SELECT SUM(payment_line.amount) FROM payment_line WHERE payment_line.line = line.id), 0)), 0) AS BIGINT)",
    "FROM line WHERE $1 <> '' AND SUBSTR(line.division, 1, LENGTH($2)) = $2",
    "line"
);
const BATCHED: Statements = by_level!(
    "CAST(COALESCE(SUM(amount), 0) AS BIGINT)",
    "FROM payment WHERE month <= $1 AND SUBSTR(payment.division, 1, LENGTH($2)) = $2",
    "payment"
);
const PAID: Statements = by_level!(
    "CAST(COALESCE(SUM(issue.amount), 0) AS BIGINT)",
    "FROM issue JOIN payment ON payment.id = issue.payment \
     WHERE outcome = 'paid' AND month <= $1 AND SUBSTR(payment.division, 1, LENGTH($2)) = $2",
    "payment"
);
const RETURNED: Statements = by_level!(
    "CAST(COALESCE(SUM(absorbed + CASE WHEN state = 'returned' THEN amount - absorbed ELSE 0 END), 0) AS BIGINT)",
    "FROM payment WHERE month <= $1 AND SUBSTR(payment.division, 1, LENGTH($2)) = $2",
    "payment"
);
// The last issue of a payment that is on its way; one that came back and is in a batch again has not left yet.
const PENDING: Statements = by_level!(
    "CAST(COALESCE(SUM(issue.amount), 0) AS BIGINT)",
    "FROM issue JOIN payment ON payment.id = issue.payment AND issue.n = payment.issues \
     WHERE outcome IS NULL AND state <> 'returned' AND month <= $1 \
     AND SUBSTR(payment.division, 1, LENGTH($2)) = $2",
    "payment"
);
const RAISED: Statements = by_level!(
    "CAST(COALESCE(SUM(netting.amount), 0) AS BIGINT)",
    "FROM netting JOIN line ON line.id = netting.take_back \
     WHERE recovery IS NOT NULL AND run_month <= $1 AND SUBSTR(line.division, 1, LENGTH($2)) = $2",
    "line"
);
const OFFSET_IN_BATCHES: Statements = by_level!(
    "CAST(COALESCE(SUM(recovery_entry.amount), 0) AS BIGINT)",
    "FROM recovery_entry JOIN recovery ON recovery.id = recovery_entry.recovery \
     WHERE kind = 'offset' AND recovery_entry.month <= $1 AND SUBSTR(recovery.division, 1, LENGTH($2)) = $2",
    "recovery"
);
const REPAID: Statements = by_level!(
    "CAST(COALESCE(SUM(recovery_entry.amount), 0) AS BIGINT)",
    "FROM recovery_entry JOIN recovery ON recovery.id = recovery_entry.recovery \
     WHERE kind IN ('repayment', 'return') AND run_month <= $1 AND SUBSTR(recovery.division, 1, LENGTH($2)) = $2",
    "recovery"
);
const WAIVED: Statements = by_level!(
    "CAST(COALESCE(SUM(recovery_entry.amount), 0) AS BIGINT)",
    "FROM recovery_entry JOIN recovery ON recovery.id = recovery_entry.recovery \
     WHERE kind = 'waiver' AND run_month <= $1 AND SUBSTR(recovery.division, 1, LENGTH($2)) = $2",
    "recovery"
);
const OFFSET_OF_RAISED: Statements = by_level!(
    "CAST(COALESCE(SUM(recovery_entry.amount), 0) AS BIGINT)",
    "FROM recovery_entry JOIN recovery ON recovery.id = recovery_entry.recovery \
     WHERE kind = 'offset' AND run_month <= $1 AND SUBSTR(recovery.division, 1, LENGTH($2)) = $2",
    "recovery"
);
const OUTSTANDING: Statements = by_level!(
    "CAST(COALESCE(SUM(outstanding), 0) AS BIGINT)",
    "FROM recovery WHERE run_month <= $1 AND SUBSTR(recovery.division, 1, LENGTH($2)) = $2",
    "recovery"
);

const ALL: [(Sum, Statements); 14] = [
    (Sum::Lined, LINED),
    (Sum::Batched, BATCHED),
    (Sum::Held, HELD),
    (Sum::HeldNow, HELD_NOW),
    (Sum::HeldNowByRows, HELD_NOW_BY_ROWS),
    (Sum::Paid, PAID),
    (Sum::Returned, RETURNED),
    (Sum::Pending, PENDING),
    (Sum::Raised, RAISED),
    (Sum::OffsetInBatches, OFFSET_IN_BATCHES),
    (Sum::OffsetOfRaised, OFFSET_OF_RAISED),
    (Sum::Repaid, REPAID),
    (Sum::Waived, WAIVED),
    (Sum::Outstanding, OUTSTANDING),
];

/// Every sum at a level: what it is of (a township, a person, or nothing), which, and how much.
pub(crate) async fn proof_sums(
    conn: &mut Conn,
    through: Month,
    division: DivisionCode,
    level: Level,
) -> Result<Vec<(String, Sum, Fen)>, StoreError> {
    let mut sums = Vec::new();
    for (sum, [whole, township, person]) in ALL {
        let statement = match level {
            Level::Whole => whole,
            Level::Township => township,
            Level::Person => person,
        };
        let rows: Vec<(String, Fen)> = conn.query(statement).bind(through).bind(division).all().await?;
        sums.extend(rows.into_iter().map(|(of, amount)| (of, sum, amount)));
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;
    use mz_contracts::Disbursement;
    use mz_kernel::{
        BatchId, Date, EntitlementId, Id as _, IdSource, LineId, ManualLegalClock, ManualSystemClock,
    };
    use mz_kernel::{PaymentId, PersonId, RecoveryId, RunId, Stamp};
    use mz_store::{Db, NoFaults, Surroundings, Tx, Work};
    use std::sync::Arc;

    /// Asks each statement once; of an empty book every sum is nothing.
    struct AskAll;

    impl Work<Disbursement> for AskAll {
        type Output = ();
        type Error = StoreError;

        async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<(), StoreError> {
            let (month, division) = ("2020-04".parse().unwrap(), "513335".parse().unwrap());
            for level in [Level::Whole, Level::Township, Level::Person] {
                let sums = proof_sums(tx, month, division, level).await?;
                assert!(sums.iter().all(|(_, _, amount)| amount.is_zero()));
                assert_eq!(sums.len(), if level == Level::Whole { ALL.len() } else { 0 });
            }
            let (batch, person) = (BatchId::from_bits(1), PersonId::from_bits(1));
            let (payment, line) = (PaymentId::from_bits(1), LineId::from_bits(1));
            let (entitlement, recovery) = (EntitlementId::from_bits(1), RecoveryId::from_bits(1));
            assert!(store::held_lines(tx, "tekun", month, division).await?.is_empty());
            assert!(store::lines_in(tx, [payment]).await?.is_empty());
            assert!(store::lines_of(tx, &[entitlement]).await?.is_empty());
            assert!(store::waiting(tx, [entitlement]).await?.is_empty());
            assert!(store::claims(tx, [line]).await?.is_empty());
            assert!(store::payments(tx, [payment]).await?.is_empty());
            assert!(
                store::returned_payments(tx, "tekun", month, division)
                    .await?
                    .is_empty()
            );
            assert!(store::open_issues(tx, [payment]).await?.is_empty());
            assert!(store::open_payments_of(tx, &[person]).await?.is_empty());
            assert!(store::sheet(tx, batch, "", 1).await?.is_empty());
            assert!(store::sheet_of(tx, person, ("", 0), 1).await?.is_empty());
            assert!(store::transfers(tx, batch).await?.is_empty());
            assert!(store::sums(tx, batch).await?.is_empty());
            assert!(store::totals(tx, [batch]).await?.is_empty());
            assert!(
                store::sums_of_month(tx, month, "tekun", division)
                    .await?
                    .is_empty()
            );
            assert!(store::held_sums(tx, "tekun", month, division).await?.is_empty());
            assert_eq!(store::roster(tx, batch).await?, (Fen::ZERO, Fen::ZERO, Fen::ZERO));
            assert!(store::with_offset(tx, "tekun", month, [person]).await?.is_empty());
            assert!(store::kept_in_month(tx, month, [recovery]).await?.is_empty());
            let raised = [(RunId::from_bits(1), entitlement)];
            assert!(store::raised(tx, raised.into_iter()).await?.is_empty());
            store::send(tx, batch).await
        }
    }

    #[tokio::test]
    async fn every_statement_is_understood() {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings::new(
            Arc::new(ManualLegalClock::new(Date::constant(2020, 4, 8))),
            Arc::new(ManualSystemClock::new(Stamp::from_micros(1_000))),
            Arc::new(IdSource::seeded(1)),
            Arc::new(NoFaults),
        );
        let url = format!("sqlite:{}", folder.path().join("books.db").display());
        let db = Db::open(&url, store::MIGRATIONS, surroundings).await.unwrap();
        db.write(AskAll).await.unwrap();
        db.close().await;
    }
}
