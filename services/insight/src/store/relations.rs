//! The relations of facts that indicators measure, each as one SELECT with the same columns:
//! `id, person, division, programme, class, mode, month, amount, word`.
//!
//! `$1` and `$2` are the first and the last month. A fact belongs to the division and the class of its entitlement; as
//! long as that was not heard of, to its event's division and the class `unknown`: it is shown and not left out. What is
//! joined at reading does not depend on which event was heard first.

use crate::indicators::Facts;

/// An entitlement's month.
macro_rules! cell {
    () => {
        "line.month || '.' || line.entitlement AS id, MIN(line.person) AS person, \
            COALESCE(MIN(entitlement.division), MIN(line.division)) AS division, MIN(line.programme) AS programme, \
            COALESCE(MIN(entitlement.class), 'unknown') AS class, COALESCE(MIN(entitlement.mode), '') AS mode, \
            line.month AS month, CAST(SUM(line.amount) AS BIGINT) AS "
    };
}

/// The same with what of its lines is where.
///
/// `open`: above zero and not answered by the bank; `returned`: come back and not paid since; `set_off`: taken back and
/// in no recovery, so set against what was not paid; `claimed`: taken back and in a recovery, `partly` where that is
/// less than its lines, so that a part was set against what was not paid.
macro_rules! cells {
    () => {
        concat!(
            "SELECT ",
            cell!(),
            "lined, \
            SUM(CASE WHEN line.amount > 0 AND settlement.line IS NULL THEN line.amount ELSE 0 END) AS open, \
            SUM(CASE WHEN line.amount > 0 AND NOT settlement.paid THEN line.amount ELSE 0 END) AS returned, \
            SUM(CASE WHEN line.amount < 0 AND claim.line IS NULL THEN -line.amount ELSE 0 END) AS set_off, \
            SUM(CASE WHEN line.amount < 0 AND claim.line IS NOT NULL THEN -line.amount ELSE 0 END) AS claimed, \
            MAX(CASE WHEN recovery.amount < (SELECT SUM(-taken.amount) FROM heard_claim AS other \
                JOIN heard_line AS taken ON taken.id = other.line WHERE other.recovery = recovery.id) \
                THEN 1 ELSE 0 END) AS partly \
            FROM heard_line AS line \
            LEFT JOIN heard_entitlement AS entitlement ON entitlement.id = line.entitlement \
            LEFT JOIN heard_settlement AS settlement ON settlement.line = line.id \
            LEFT JOIN heard_claim AS claim ON claim.line = line.id \
            LEFT JOIN heard_recovery AS recovery ON recovery.id = claim.recovery \
            WHERE line.month BETWEEN $1 AND $2 GROUP BY line.month, line.entitlement"
        )
    };
}

/// The same with `unpaid`: what of it still has to reach the person.
///
/// Take-backs were set against what was not paid; and what came back from the bank pays the recovery that claims it.
macro_rules! balances {
    () => {
        concat!(
            "SELECT id, person, division, programme, class, mode, month, lined, \
                CAST(CASE WHEN waiting > 0 THEN waiting ELSE 0 END AS BIGINT) AS unpaid \
            FROM (SELECT id, person, division, programme, class, mode, month, lined, open + returned - set_off \
                - CASE WHEN returned < claimed THEN returned ELSE claimed END \
                - CASE WHEN partly = 0 THEN 0 WHEN open < claimed THEN open ELSE claimed END AS waiting \
            FROM (",
            cells!(),
            ") AS cell) AS balance"
        )
    };
}

macro_rules! settled_months {
    ($amount:literal) => {
        concat!(
            "SELECT id, person, division, programme, class, mode, month, ",
            $amount,
            " AS amount, '' AS word FROM (",
            balances!(),
            ") AS settled"
        )
    };
}

macro_rules! lined_months {
    () => {
        concat!(
            "SELECT ",
            cell!(),
            "amount, '' AS word FROM heard_line AS line \
            LEFT JOIN heard_entitlement AS entitlement ON entitlement.id = line.entitlement \
            WHERE line.month BETWEEN $1 AND $2 GROUP BY line.month, line.entitlement"
        )
    };
}

macro_rules! paid_months {
    () => {
        settled_months!("lined - unpaid")
    };
}

macro_rules! unpaid_months {
    () => {
        settled_months!("unpaid")
    };
}

macro_rules! grants {
    () => {
        "SELECT decided.decided_month || '.' || entitlement.id AS id, entitlement.person AS person, \
            entitlement.division AS division, entitlement.programme AS programme, entitlement.class AS class, \
            entitlement.mode AS mode, decided.decided_month AS month, CAST(0 AS BIGINT) AS amount, '' AS word \
        FROM heard_case AS decided JOIN heard_entitlement AS entitlement ON entitlement.case_id = decided.id \
        WHERE decided.decided_month BETWEEN $1 AND $2"
    };
}

macro_rules! entitled {
    () => {
        "SELECT first_month || '.' || id AS id, person, division, programme, class, mode, first_month AS month, \
            CAST(0 AS BIGINT) AS amount, '' AS word \
        FROM heard_entitlement WHERE first_month <= $2 AND (ended_from IS NULL OR ended_from > $2)"
    };
}

macro_rules! ends {
    () => {
        "SELECT end_month || '.' || id AS id, person, division, programme, class, mode, end_month AS month, \
            CAST(0 AS BIGINT) AS amount, end_reason AS word \
        FROM heard_entitlement WHERE end_month BETWEEN $1 AND $2"
    };
}

macro_rules! payments {
    () => {
        "SELECT payment.month || '.' || payment.id || '.' || payment.batch AS id, payment.person AS person, \
            COALESCE(owed.division, payment.division) AS division, payment.programme AS programme, \
            COALESCE(owed.class, 'unknown') AS class, COALESCE(owed.mode, '') AS mode, payment.month AS month, \
            payment.amount AS amount, payment.outcome AS word \
        FROM heard_payment AS payment LEFT JOIN heard_entitlement AS owed ON owed.id = ( \
            SELECT MIN(line.entitlement) FROM heard_payment_line AS part JOIN heard_line AS line ON line.id = part.line \
            WHERE part.payment = payment.id) \
        WHERE payment.month BETWEEN $1 AND $2"
    };
}

macro_rules! recoveries {
    ($amount:literal, $months:literal) => {
        concat!(
            "SELECT recovery.raised_month || '.' || recovery.id AS id, recovery.person AS person, \
                recovery.division AS division, recovery.programme AS programme, \
                COALESCE(entitlement.class, 'unknown') AS class, COALESCE(entitlement.mode, '') AS mode, \
                recovery.raised_month AS month, recovery.",
            $amount,
            " AS amount, '' AS word FROM heard_recovery AS recovery \
            LEFT JOIN heard_entitlement AS entitlement ON entitlement.id = recovery.entitlement \
            WHERE recovery.raised_month ",
            $months
        )
    };
}

macro_rules! raised {
    () => {
        recoveries!("amount", "BETWEEN $1 AND $2")
    };
}

macro_rules! outstanding {
    () => {
        recoveries!("outstanding", "<= $2")
    };
}

macro_rules! cases {
    ($month:literal, $word:literal, $which:literal) => {
        concat!(
            "SELECT ",
            $month,
            " || '.' || id AS id, person, division, programme, '' AS class, '' AS mode, ",
            $month,
            " AS month, CAST(0 AS BIGINT) AS amount, ",
            $word,
            " AS word FROM heard_case WHERE ",
            $which
        )
    };
}

macro_rules! accepted_cases {
    () => {
        cases!("accepted_month", "''", "accepted_month BETWEEN $1 AND $2")
    };
}

macro_rules! decided_cases {
    () => {
        cases!("decided_month", "outcome", "decided_month BETWEEN $1 AND $2")
    };
}

macro_rules! open_cases {
    () => {
        cases!(
            "accepted_month",
            "''",
            "accepted_month <= $2 AND (decided_month IS NULL OR decided_month > $2) \
             AND (withdrawn_month IS NULL OR withdrawn_month > $2)"
        )
    };
}

/// The rows that a report kept of a figure: `$1` is the report and `$2` the indicator. What the selection asks for was
/// asked when they were kept.
macro_rules! kept {
    () => {
        "SELECT id, person, division, '' AS programme, class, mode, month, amount, word FROM report_row \
        WHERE report = $1 AND indicator = $2"
    };
}

/// What is asked of a relation. The rows of a selection: `$3` within this division, `$4` programme, `$5` class, `$6`
/// word, each any where it is empty; `$7` is `any`, or `positive` or `nonzero` amounts only.
pub(super) struct Statements {
    /// Rows, persons, person-times, and the sum of the amounts.
    pub(super) total: &'static str,
    /// The same by what `$8` names.
    pub(super) parts: &'static str,
    /// The rows after the row `$8`, at most `$9`.
    pub(super) rows: &'static str,
    /// Keeps the rows under the report `$8` and the indicator `$9`.
    pub(super) keep: &'static str,
    /// Persons and months in several townships, at most `$8`.
    pub(super) shared: &'static str,
}

macro_rules! selected {
    ($relation:ident) => {
        concat!(
            " FROM (",
            $relation!(),
            ") AS fact WHERE SUBSTR(division, 1, LENGTH($3)) = $3 AND ($4 = '' OR programme = $4) \
            AND ($5 = '' OR class = $5) AND ($6 = '' OR word = $6) \
            AND ($7 = 'any' OR amount > 0 OR ($7 = 'nonzero' AND amount <> 0))"
        )
    };
}

macro_rules! sums {
    () => {
        "COUNT(*), COUNT(DISTINCT person), COUNT(DISTINCT month || person), CAST(COALESCE(SUM(amount), 0) AS BIGINT)"
    };
}

macro_rules! statements {
    ($relation:ident) => {
        Statements {
            total: concat!("SELECT ", sums!(), selected!($relation)),
            parts: concat!(
                "SELECT part, ",
                sums!(),
                " FROM (SELECT CASE $8 WHEN 'township' THEN SUBSTR(division, 1, 9) WHEN 'class' THEN class \
                WHEN 'mode' THEN mode ELSE month END AS part, person, month, amount",
                selected!($relation),
                ") AS parted GROUP BY part ORDER BY part"
            ),
            rows: concat!(
                "SELECT id, person, division, class, mode, month, amount, word",
                selected!($relation),
                " AND id > $8 ORDER BY id LIMIT $9"
            ),
            keep: concat!(
                "INSERT INTO report_row (report, indicator, id, person, division, class, mode, month, amount, word) \
                SELECT $8, $9, id, person, division, class, mode, month, amount, word",
                selected!($relation)
            ),
            shared: concat!(
                "SELECT month, person, COUNT(DISTINCT SUBSTR(division, 1, 9))",
                selected!($relation),
                " GROUP BY month, person HAVING COUNT(DISTINCT SUBSTR(division, 1, 9)) > 1 \
                ORDER BY month, person LIMIT $8"
            ),
        }
    };
}

/// Of what a report kept.
pub(super) const KEPT: Statements = statements!(kept);

/// Of the facts as they are.
pub(super) const fn statements(of: Facts) -> Statements {
    match of {
        Facts::LinedMonths => statements!(lined_months),
        Facts::PaidMonths => statements!(paid_months),
        Facts::UnpaidMonths => statements!(unpaid_months),
        Facts::Grants => statements!(grants),
        Facts::Entitled => statements!(entitled),
        Facts::Ends => statements!(ends),
        Facts::Payments => statements!(payments),
        Facts::Recoveries => statements!(raised),
        Facts::Outstanding => statements!(outstanding),
        Facts::AcceptedCases => statements!(accepted_cases),
        Facts::DecidedCases => statements!(decided_cases),
        Facts::OpenCases => statements!(open_cases),
    }
}
