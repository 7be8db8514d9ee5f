//! The same notices go to the same readers in the end, in whatever order the events come.

use super::Issuer;
use crate::store;
use mz_bus::{ReactionError, Witness as _};
use mz_contracts::events::{DeathRegistered, EntitlementGranted, EntitlementStopped};
use mz_contracts::{Actor, CATALOGUE, Envelope, Event as _, Notification};
use mz_kernel::{IdSource, PersonId, Stamp};
use mz_store::{Db, Origin, StoreError, Tx, Work};
use mz_testkit::Stage;
use std::sync::Arc;

mz_testkit::stories![every_order_ends_the_same];

/// An event is heard.
struct Hear(Envelope);

impl Work<Notification> for Hear {
    type Output = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<(), StoreError> {
        let origin = Origin {
            actor: Actor::System,
            correlation: self.0.correlation.clone(),
            causation: Some(self.0.id),
            trace: self.0.trace,
        };
        let issuer = Issuer {
            policy: Arc::default(),
        };
        match issuer.witness(tx, &self.0, &origin).await {
            Ok(()) => Ok(()),
            Err(ReactionError::Store(error)) => Err(error),
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Templates and recipients of the notices to or about a person.
struct Told(PersonId);

impl Work<Notification> for Told {
    type Output = Vec<String>;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<Vec<String>, StoreError> {
        let rows = store::of_person(tx, self.0, None, 100).await?;
        let mut told: Vec<_> = rows
            .iter()
            .map(|row| format!("{} {}", row.template, store::word(row.recipient())))
            .collect();
        told.sort();
        Ok(told)
    }
}

/// The sample of a type, about the n-th person and the n-th death.
fn sample(ids: &IdSource, event_type: &str, n: usize) -> Envelope {
    let entry = CATALOGUE
        .iter()
        .find(|entry| entry.event_type == event_type)
        .unwrap();
    let data = (entry.sample)().unwrap().to_string();
    let data = data
        .replace("0p001", &format!("0p00{n}"))
        .replace("0d001", &format!("0d00{n}"));
    Envelope {
        id: ids.next(Stamp::from_micros(1_586_300_000_000_000)),
        source: format!("/civil/513335/{}", entry.service),
        event_type: event_type.to_owned(),
        subject: format!("subject-{n}"),
        time: Stamp::from_micros(1_586_300_000_000_000),
        legal_date: "2020-04-08".parse().unwrap(),
        sequence: 1,
        division: "513335100".parse().unwrap(),
        actor: Actor::System,
        correlation: "story".to_owned(),
        causation: None,
        trace: None,
        data,
    }
}

async fn every_order_ends_the_same(stage: Stage) {
    let setting = stage.setting("notification").await;
    let opened = Db::<Notification>::open(&setting.database, store::MIGRATIONS, setting.surroundings).await;
    let db = opened.unwrap();
    let ids = IdSource::seeded(7);
    let [granted, stopped, died] = [
        EntitlementGranted::TYPE,
        EntitlementStopped::TYPE,
        DeathRegistered::TYPE,
    ];
    let orders = [
        [granted, stopped, died],
        [granted, died, stopped],
        [stopped, granted, died],
        [stopped, died, granted],
        [died, granted, stopped],
        [died, stopped, granted],
    ];
    for (n, order) in orders.iter().enumerate() {
        for event_type in order {
            db.write(Hear(sample(&ids, event_type, n))).await.unwrap();
        }
        let person = format!("per_01e5cg0000000000000000p00{n}").parse().unwrap();
        let expected = [
            "burial-relief family",
            "death-check office",
            "entitlement-granted family",
            "entitlement-stopped family",
        ];
        assert_eq!(db.read(Told(person)).await.unwrap(), expected, "{order:?}");
    }
    stage.finish(&[]).await;
}
