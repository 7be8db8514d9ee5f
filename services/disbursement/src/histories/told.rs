//! What the service told the others, added up as they would.

use super::office::Office;
use mz_contracts::Event as _;
use mz_contracts::events::{
    BatchSettled, PaymentOutcome, RecoveryIncreased, RecoveryRaised, RecoveryReduced,
};
use mz_kernel::{BatchId, Fen, RecoveryId};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Told {
    /// How much each recovery is, and what is left of it.
    pub(super) recoveries: BTreeMap<RecoveryId, (Fen, Fen)>,
    /// How often one was raised further.
    pub(super) increased: usize,
    pub(super) reduced: usize,
    /// What was paid, in fen.
    pub(super) paid: i64,
    /// What came back, each time that it did, in fen.
    pub(super) returned: i64,
    /// How many parts the results of each batch were told in.
    pub(super) parts: BTreeMap<BatchId, u32>,
}

impl Told {
    /// Every event of the office's journal.
    pub(super) async fn by(office: &Office) -> Self {
        while office.db.seal().await.unwrap().1 > 0 {}
        let mut told = Self::default();
        for sealed in office.db.sealed_after(0, 10_000).await.unwrap() {
            told.hear(&sealed.row.ty, &sealed.row.data);
        }
        told
    }

    fn hear(&mut self, ty: &str, data: &str) {
        match ty {
            RecoveryRaised::TYPE => {
                let event: RecoveryRaised = read(data);
                let before = self
                    .recoveries
                    .insert(event.recovery, (event.amount, event.amount));
                assert_eq!(before, None, "{} is raised twice", event.recovery);
            }
            RecoveryIncreased::TYPE => {
                let event: RecoveryIncreased = read(data);
                let (amount, left) = self.recoveries.get_mut(&event.recovery).unwrap();
                *amount = amount.checked_add(event.amount).unwrap();
                *left = left.checked_add(event.amount).unwrap();
                assert_eq!((*amount, *left), (event.total, event.outstanding), "{event:?}");
                self.increased += 1;
            }
            RecoveryReduced::TYPE => {
                let event: RecoveryReduced = read(data);
                let (_, left) = self.recoveries.get_mut(&event.recovery).unwrap();
                *left = left.checked_sub(event.amount).unwrap();
                assert_eq!(*left, event.outstanding, "{event:?}");
                self.reduced += 1;
            }
            BatchSettled::TYPE => {
                let event: BatchSettled = read(data);
                let parts = self.parts.entry(event.batch).or_default();
                *parts += 1;
                assert_eq!(*parts, event.chunk, "{event:?}");
                for payment in &event.payments {
                    match payment.outcome {
                        PaymentOutcome::Paid => self.paid += payment.amount.get(),
                        PaymentOutcome::Returned => self.returned += payment.amount.get(),
                    }
                }
            }
            _ => {}
        }
    }
}

fn read<E: DeserializeOwned>(data: &str) -> E {
    serde_json::from_str(data).unwrap()
}
