//! What events tell, as typed rows. Written again, a row stays what it is.

use mz_contracts::Event;
use mz_contracts::events::{
    BatchSettled, CaseAccepted, CaseDecided, CaseWithdrawn, EntitlementGranted, EntitlementResumed,
    EntitlementStopped, LinesComputed, Outcome, PaymentOutcome, RecoveryIncreased, RecoveryRaised,
    RecoveryReduced, StandardAdopted,
};
use mz_kernel::{LineId, Month, RecoveryId};
use mz_store::{Column, Conn, Kind, StoreError, Table};
use std::collections::BTreeMap;

/// An event that is kept as rows.
pub(crate) trait Fact: Event {
    /// Writes its rows. False when the rows that it changes are not there: what makes them comes before it in the order
    /// of its aggregate, so somebody has to look.
    fn hear(&self, conn: &mut Conn) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

const NEW_CASE: &str = "INSERT INTO heard_case (id, person, programme, division, accepted_month) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
const DECIDE_CASE: &str = "UPDATE heard_case SET decided_month = $2, outcome = $3 WHERE id = $1";
const WITHDRAW_CASE: &str = "UPDATE heard_case SET withdrawn_month = $2 WHERE id = $1";
const NEW_ENTITLEMENT: &str = "INSERT INTO heard_entitlement \
    (id, case_id, person, programme, class, mode, division, first_month) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
const END: &str =
    "UPDATE heard_entitlement SET ended_from = $2, end_reason = $3, end_month = $4 WHERE id = $1";
const NEW_STANDARD: &str = "INSERT INTO heard_standard (division, key, first_month, amount, document) \
    VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (division, key, first_month) DO UPDATE SET amount = excluded.amount, document = excluded.document";
const NEW_RECOVERY: &str = "INSERT INTO heard_recovery \
    (id, person, programme, division, entitlement, raised_month, amount, outstanding) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO NOTHING";
const INCREASE_RECOVERY: &str = "UPDATE heard_recovery SET amount = $2, outstanding = $3 WHERE id = $1";
const REDUCE_RECOVERY: &str = "UPDATE heard_recovery SET outstanding = $2 WHERE id = $1";

const LINE: Table = Table {
    name: "heard_line",
    columns: &[
        ("id", Kind::Text),
        ("entitlement", Kind::Text),
        ("person", Kind::Text),
        ("programme", Kind::Text),
        ("division", Kind::Text),
        ("month", Kind::Text),
        ("run_month", Kind::Text),
        ("amount", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (id) DO NOTHING",
};

const PAYMENT: Table = Table {
    name: "heard_payment",
    columns: &[
        ("id", Kind::Text),
        ("batch", Kind::Text),
        ("person", Kind::Text),
        ("programme", Kind::Text),
        ("division", Kind::Text),
        ("month", Kind::Text),
        ("amount", Kind::Int),
        ("outcome", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (id, batch) DO NOTHING",
};

const PAYMENT_LINE: Table = Table {
    name: "heard_payment_line",
    columns: &[("payment", Kind::Text), ("line", Kind::Text)],
    on_conflict: "ON CONFLICT (payment, line) DO NOTHING",
};

/// Paid stays paid, whichever answer is heard first.
const SETTLEMENT: Table = Table {
    name: "heard_settlement",
    columns: &[("line", Kind::Text), ("paid", Kind::Bool)],
    on_conflict: "ON CONFLICT (line) DO UPDATE SET paid = heard_settlement.paid OR excluded.paid",
};

const CLAIM: Table = Table {
    name: "heard_claim",
    columns: &[("line", Kind::Text), ("recovery", Kind::Text)],
    on_conflict: "ON CONFLICT (line) DO NOTHING",
};

impl Fact for CaseAccepted {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(NEW_CASE).bind(self.case).bind(self.person);
        let query = query.bind(&self.programme).bind(self.division);
        let query = query.bind(Month::of(self.accepted_on));
        query.execute().await.map(|_| true)
    }
}

impl Fact for CaseDecided {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let outcome = match self.outcome {
            Outcome::Granted => "granted",
            Outcome::Refused => "refused",
        };
        let query = conn.query(DECIDE_CASE).bind(self.case);
        let query = query.bind(Month::of(self.decided_on)).bind(outcome);
        query.execute().await.map(|changed| changed == 1)
    }
}

impl Fact for CaseWithdrawn {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(WITHDRAW_CASE).bind(self.case);
        let query = query.bind(Month::of(self.withdrawn_on));
        query.execute().await.map(|changed| changed == 1)
    }
}

impl Fact for EntitlementGranted {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(NEW_ENTITLEMENT).bind(self.entitlement);
        let query = query.bind(self.case).bind(self.person).bind(&self.programme);
        let mode = self.mode.as_ref().map_or("", |mode| mode.as_str());
        let query = query.bind(&self.class).bind(mode).bind(self.division);
        query.bind(self.from).execute().await.map(|_| true)
    }
}

impl Fact for EntitlementStopped {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(END).bind(self.entitlement).bind(Some(self.from));
        let query = query
            .bind(Some(&self.reason))
            .bind(Some(Month::of(self.cause.on)));
        query.execute().await.map(|changed| changed == 1)
    }
}

impl Fact for EntitlementResumed {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(END).bind(self.entitlement);
        let query = query.bind(None::<Month>).bind(None::<String>).bind(None::<Month>);
        query.execute().await.map(|changed| changed == 1)
    }
}

impl Fact for StandardAdopted {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(NEW_STANDARD).bind(self.division).bind(&self.key);
        let query = query.bind(self.from).bind(self.amount).bind(&self.document);
        query.execute().await.map(|_| true)
    }
}

impl Fact for LinesComputed {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let rows = self.lines.iter().map(|line| {
            vec![
                line.line.encode(),
                line.entitlement.encode(),
                line.person.encode(),
                self.programme.encode(),
                self.division.encode(),
                line.month.encode(),
                self.month.encode(),
                line.amount.encode(),
            ]
        });
        conn.insert_all(&LINE, rows.collect()).await.map(|_| true)
    }
}

impl Fact for BatchSettled {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let (mut payments, mut within) = (Vec::new(), Vec::new());
        let mut settled: BTreeMap<LineId, bool> = BTreeMap::new();
        for result in &self.payments {
            let is_paid = result.outcome == PaymentOutcome::Paid;
            payments.push(vec![
                result.payment.encode(),
                self.batch.encode(),
                result.person.encode(),
                self.programme.encode(),
                self.division.encode(),
                self.month.encode(),
                result.amount.encode(),
                if is_paid { "paid" } else { "returned" }.encode(),
            ]);
            for line in &result.lines {
                within.push(vec![result.payment.encode(), line.encode()]);
                *settled.entry(*line).or_default() |= is_paid;
            }
        }
        let settled = settled
            .iter()
            .map(|(line, is_paid)| vec![line.encode(), is_paid.encode()]);
        conn.insert_all(&SETTLEMENT, settled.collect()).await?;
        conn.insert_all(&PAYMENT, payments).await?;
        conn.insert_all(&PAYMENT_LINE, within).await.map(|_| true)
    }
}

impl Fact for RecoveryRaised {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(NEW_RECOVERY).bind(self.recovery).bind(self.person);
        let query = query.bind(&self.programme).bind(self.division);
        let query = query.bind(self.entitlement).bind(Month::of(self.raised_on));
        query.bind(self.amount).execute().await?;
        claim(conn, self.recovery, &self.lines).await.map(|()| true)
    }
}

async fn claim(conn: &mut Conn, of: RecoveryId, lines: &[LineId]) -> Result<(), StoreError> {
    let claims = lines.iter().map(|line| vec![line.encode(), of.encode()]);
    conn.insert_all(&CLAIM, claims.collect()).await.map(|_| ())
}

impl Fact for RecoveryIncreased {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(INCREASE_RECOVERY).bind(self.recovery);
        let query = query.bind(self.total).bind(self.outstanding);
        let changed = query.execute().await?;
        claim(conn, self.recovery, &self.lines).await?;
        Ok(changed == 1)
    }
}

impl Fact for RecoveryReduced {
    async fn hear(&self, conn: &mut Conn) -> Result<bool, StoreError> {
        let query = conn.query(REDUCE_RECOVERY).bind(self.recovery);
        let query = query.bind(self.outstanding);
        query.execute().await.map(|changed| changed == 1)
    }
}
