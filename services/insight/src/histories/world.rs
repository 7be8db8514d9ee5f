//! What services could tell, and somebody who hears it.

use crate::figures::FigureView;
use crate::indicators::Indicators;
use crate::queries::figure;
use crate::store::{self, Fact, Stretch};
use mz_contracts::events::{
    BatchSettled, CaseAccepted, CaseDecided, EntitlementGranted, EntitlementStopped, LineItem, LinesComputed,
    PaymentOutcome, PaymentResult, RecoveryRaised, RecoveryReduced, StandardAdopted,
};
use mz_contracts::{Event as _, Insight};
use mz_kernel::{
    BatchId, CaseId, Date, EntitlementId, Fen, Id, IdSource, LineId, ManualLegalClock, ManualSystemClock,
    Month, PaymentId, PersonId, RecoveryId, Stamp,
};
use mz_runtime::Failure;
use mz_store::{Db, NoFaults, StoreError, Surroundings, Tx, Work};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

/// An event of one of the services that are listened to.
#[derive(Clone)]
pub(super) enum Told {
    Accepted(CaseAccepted),
    Decided(CaseDecided),
    Granted(EntitlementGranted),
    Stopped(EntitlementStopped),
    Standard(StandardAdopted),
    Lines(LinesComputed),
    Settled(BatchSettled),
    Raised(RecoveryRaised),
    Reduced(RecoveryReduced),
}

/// Events that come in their order, beside others that come in theirs: those of one service.
pub(super) type Stream = Vec<Told>;

pub(super) struct Hear(pub(super) Stream);

impl Work<Insight> for Hear {
    type Output = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<(), StoreError> {
        for told in &self.0 {
            let known = match told {
                Told::Accepted(event) => event.hear(tx).await?,
                Told::Decided(event) => event.hear(tx).await?,
                Told::Granted(event) => event.hear(tx).await?,
                Told::Stopped(event) => event.hear(tx).await?,
                Told::Standard(event) => event.hear(tx).await?,
                Told::Lines(event) => event.hear(tx).await?,
                Told::Settled(event) => event.hear(tx).await?,
                Told::Raised(event) => event.hear(tx).await?,
                Told::Reduced(event) => event.hear(tx).await?,
            };
            assert!(known);
        }
        Ok(())
    }
}

/// Every figure of the county from January to April, each with all its breakdowns.
struct ReadAll;

impl Work<Insight> for ReadAll {
    type Output = Vec<FigureView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Vec<FigureView>, Failure> {
        let indicators = Indicators::shipped()?;
        let mut all = Vec::new();
        for indicator in indicators.all() {
            all.push(
                figure(
                    tx,
                    indicators,
                    indicator,
                    (stretch(), None),
                    &indicator.breakdowns,
                )
                .await?,
            );
        }
        Ok(all)
    }
}

pub(super) fn stretch() -> Stretch {
    Stretch {
        from: month(1),
        to: month(4),
        division: "513335".parse().unwrap(),
    }
}

pub(super) fn month(number: i8) -> Month {
    Month::new(2020, number).unwrap()
}

pub(super) fn id<I: Id>(number: u128) -> I {
    I::from_bits(number)
}

/// The database of a listener, which lives as long as its folder.
pub(super) async fn listener() -> (Db<Insight>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let surroundings = Surroundings::new(
        Arc::new(ManualLegalClock::new(Date::constant(2020, 4, 20))),
        Arc::new(ManualSystemClock::new(Stamp::from_micros(1_000))),
        Arc::new(IdSource::seeded(1)),
        Arc::new(NoFaults),
    );
    let url = format!("sqlite:{}", folder.path().join("insight.db").display());
    let db = Db::open(&url, store::MIGRATIONS, surroundings).await.unwrap();
    (db, folder)
}

pub(super) async fn figures(order: Stream) -> Vec<FigureView> {
    let (db, _folder) = listener().await;
    db.write(Hear(order)).await.unwrap();
    let figures = db
        .read(ReadAll)
        .await
        .map_err(|Failure(problem)| problem)
        .unwrap();
    db.close().await;
    figures
}

pub(super) fn values(figures: &[FigureView]) -> BTreeMap<&str, i64> {
    let values = figures.iter();
    values
        .filter_map(|figure| Some((figure.indicator.as_str(), figure.value?)))
        .collect()
}

/// A grant with its case, which has the number of the entitlement.
pub(super) fn granted(person: u128, entitlement: u128, division: &str) -> Stream {
    let (case, person) = (id::<CaseId>(entitlement), id::<PersonId>(person));
    let division = division.parse().unwrap();
    let accepted = CaseAccepted {
        case,
        person,
        division,
        ..CaseAccepted::sample()
    };
    let decided = CaseDecided {
        case,
        person,
        division,
        decided_on: Date::constant(2020, 1, 3),
        ..CaseDecided::sample()
    };
    let granted = EntitlementGranted {
        entitlement: id(entitlement),
        case,
        person,
        division,
        ..EntitlementGranted::sample()
    };
    vec![
        Told::Accepted(accepted),
        Told::Decided(decided),
        Told::Granted(granted),
    ]
}

/// A line: its number, the entitlement's and the person's, the month, and fen.
pub(super) fn line(number: u128, (entitlement, person): (u128, u128), of: i8, amount: i64) -> LineItem {
    LineItem {
        line: id(number),
        entitlement: id(entitlement),
        person: id(person),
        month: month(of),
        amount: Fen::new(amount),
        corrects: Vec::new(),
        ..LinesComputed::sample().lines[0].clone()
    }
}

pub(super) fn lines(run: i8, lines: Vec<LineItem>) -> Told {
    Told::Lines(LinesComputed {
        month: month(run),
        lines,
        ..LinesComputed::sample()
    })
}

/// The bank's answer for one payment of a batch.
pub(super) fn settled(
    batch: u128,
    payment: u128,
    person: u128,
    amount: i64,
    is_paid: bool,
    lines: &[u128],
) -> Told {
    let outcome = if is_paid {
        PaymentOutcome::Paid
    } else {
        PaymentOutcome::Returned
    };
    let result = PaymentResult {
        payment: id::<PaymentId>(payment),
        person: id(person),
        amount: Fen::new(amount),
        outcome,
        reason: None,
        lines: lines.iter().copied().map(id::<LineId>).collect(),
    };
    Told::Settled(BatchSettled {
        batch: id::<BatchId>(batch),
        month: month(2),
        payments: vec![result],
        ..BatchSettled::sample()
    })
}

pub(super) fn raised(number: u128, (entitlement, person): (u128, u128), amount: i64, lines: &[u128]) -> Told {
    Told::Raised(RecoveryRaised {
        recovery: id::<RecoveryId>(number),
        entitlement: id::<EntitlementId>(entitlement),
        person: id(person),
        amount: Fen::new(amount),
        lines: lines.iter().copied().map(id::<LineId>).collect(),
        ..RecoveryRaised::sample()
    })
}
