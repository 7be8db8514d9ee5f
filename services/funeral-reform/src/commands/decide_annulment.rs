//! Decide whether an entry in the register of deaths is wrong, as another officer proposed. Agreed, it does not hold
//! any more, and whatever it stopped in other services goes on.

use crate::ids::AnnulmentId;
use crate::problems;
use crate::store;
use mz_casework::{Command, Outcome};
use mz_contracts::FuneralReform;
use mz_contracts::events::DeathAnnulled;
use mz_http::Caller;
use mz_kernel::DeathId;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct DecideAnnulment {
    pub(crate) checker: Caller,
    pub(crate) death: DeathId,
    pub(crate) annulment: AnnulmentId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// The annulment, and what was decided.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Decided {
    annulment: AnnulmentId,
    agreed: bool,
}

impl Work<FuneralReform> for DecideAnnulment {
    type Output = Decided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<FuneralReform>) -> Result<Decided, Failure> {
        let (today, agreed) = (tx.today(), self.agree);
        let death = store::death(tx, self.death)
            .await?
            .ok_or_else(problems::no_death)?;
        self.checker.may_see(&death.division)?;
        let annulment = store::annulment(tx, death.id, self.annulment).await?;
        let annulment = annulment.ok_or_else(problems::no_annulment)?;
        let decision = Command::Decide {
            by: self.checker.officer,
            on: today,
            outcome: if agreed {
                Outcome::Granted
            } else {
                Outcome::Refused
            },
            reasons: self.reasons.clone(),
        };
        let stage = mz_casework::decide(&annulment.stage.0, decision)?;
        store::decide_annulment(tx, &annulment, stage).await?;
        if agreed {
            store::annul_death(tx, &death, today).await?;
            let event = DeathAnnulled {
                death: death.id,
                person: death.person,
                annulled_on: today,
                reason: annulment.reason,
                division: death.division,
            };
            tx.emit(&self.origin, &event)?;
        }
        Ok(Decided {
            annulment: annulment.id,
            agreed,
        })
    }
}
