//! The same notices go to the same readers in the end, in whatever order the events come: by when they were recorded.

use super::Issuer;
use crate::store;
use mz_bus::{ReactionError, Witness as _};
use mz_contracts::events::{
    CaseDecided, DeathAnnulled, DeathRegistered, EntitlementGranted, EntitlementStopped,
};
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

/// The sample of a type, about the n-th person and the n-th death, recorded so many minutes into the story.
fn sample(ids: &IdSource, event_type: &str, n: usize, minute: i64) -> Envelope {
    let entry = CATALOGUE
        .iter()
        .find(|entry| entry.event_type == event_type)
        .unwrap();
    let data = (entry.sample)().unwrap().to_string();
    let data = data
        .replace("0p001", &format!("0p{n:03}"))
        .replace("0d001", &format!("0d{n:03}"));
    let time = Stamp::from_micros(1_586_300_000_000_000 + minute * 60_000_000);
    Envelope {
        id: ids.next(time),
        source: format!("/civil/513335/{}", entry.service),
        event_type: event_type.to_owned(),
        subject: format!("subject-{n}"),
        time,
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

/// Every order of some events, the one in which they were recorded first.
fn orders(events: &[(&'static str, i64)]) -> Vec<Vec<(&'static str, i64)>> {
    let Some((first, rest)) = events.split_first() else {
        return vec![vec![]];
    };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut order = order.clone();
            order.insert(at, *first);
            all.push(order);
        }
    }
    all
}

async fn every_order_ends_the_same(stage: Stage) {
    let setting = stage.setting("notification").await;
    let opened = Db::<Notification>::open(&setting.database, store::MIGRATIONS, setting.surroundings).await;
    let db = opened.unwrap();
    let ids = IdSource::seeded(7);
    // What a person was told, a death, a stop because of it, a decision beside it, and that it was all a mistake.
    let recorded = [
        (EntitlementGranted::TYPE, 0),
        (DeathRegistered::TYPE, 1),
        (EntitlementStopped::TYPE, 2),
        (CaseDecided::TYPE, 3),
        (DeathAnnulled::TYPE, 4),
    ];
    let dead = &recorded[..4];
    let orders = orders(dead).into_iter().chain(orders(&recorded));
    for (n, order) in orders.enumerate() {
        for (event_type, minute) in &order {
            db.write(Hear(sample(&ids, event_type, n, *minute)))
                .await
                .unwrap();
        }
        let person = format!("per_01e5cg0000000000000000p{n:03}").parse().unwrap();
        let annulled = (order.len() > dead.len()).then_some("death-annulled office");
        let expected: Vec<_> = ["burial-relief family", "case-decided family"]
            .into_iter()
            .chain(annulled)
            .chain([
                "death-check office",
                "entitlement-granted person",
                "entitlement-stopped family",
            ])
            .collect();
        assert_eq!(db.read(Told(person)).await.unwrap(), expected, "{order:?}");
    }
    stage.finish(&[]).await;
}
