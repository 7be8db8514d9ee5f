//! Register a death, also one that happened long ago.

use crate::deaths::{self, Person};
use crate::problems;
use crate::store::{self, DeathRow};
use mz_contracts::events::DeathRegistered;
use mz_contracts::{Code, FuneralReform};
use mz_kernel::{Calendar, Date, DeathId, PersonId};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct RegisterDeath {
    pub(crate) policy: Arc<Policy>,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) id: PersonId,
    /// As the identity register answered a moment ago.
    pub(crate) person: Person,
    pub(crate) died_on: Date,
    pub(crate) place: Option<String>,
    pub(crate) source: Option<Code>,
    pub(crate) origin: Origin,
}

/// The entry, and whether it was made after its term.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Registered {
    death: DeathId,
    late: bool,
}

impl Work<FuneralReform> for RegisterDeath {
    type Output = Registered;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<FuneralReform>) -> Result<Registered, Failure> {
        let (today, died_on, division) = (tx.today(), self.died_on, self.person.division);
        self.person.can_have_died(died_on, today)?;
        if let Some(death) = store::live_death(tx, self.id).await? {
            return Err(problems::already_registered(death).into());
        }
        let term = deaths::report_limit(&self.policy, &division, died_on)?;
        let late = deaths::is_late(died_on, today, term, &self.calendar)?;
        let death = DeathRow {
            id: tx.new_id(),
            person: self.id,
            division,
            died_on,
            place: self.place.clone(),
            source: self.source.clone(),
            registered_on: today,
            late,
            annulled_on: None,
            version: 1,
        };
        store::insert_death(tx, &death).await?;
        let event = DeathRegistered {
            death: death.id,
            person: self.id,
            died_on,
            registered_on: today,
            division,
            late,
        };
        tx.emit(&self.origin, &event)?;
        Ok(Registered {
            death: death.id,
            late,
        })
    }
}
