//! Propose that an entry in the register of deaths is wrong. Another officer decides.

use crate::ids::AnnulmentId;
use crate::problems;
use crate::store::{self, AnnulmentRow};
use mz_casework::{Outcome, Proposal, Stage};
use mz_contracts::{Code, FuneralReform};
use mz_http::Caller;
use mz_kernel::DeathId;
use mz_runtime::Failure;
use mz_store::{Json, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct ProposeAnnulment {
    pub(crate) maker: Caller,
    pub(crate) death: DeathId,
    pub(crate) reason: Code,
}

/// The annulment that waits for its decision.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Proposed {
    annulment: AnnulmentId,
}

impl Work<FuneralReform> for ProposeAnnulment {
    type Output = Proposed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<FuneralReform>) -> Result<Proposed, Failure> {
        let death = store::death(tx, self.death)
            .await?
            .ok_or_else(problems::no_death)?;
        self.maker.may_see(&death.division)?;
        if let Some(on) = death.annulled_on {
            return Err(problems::already_annulled(on).into());
        }
        if let Some(pending) = store::pending_annulment(tx, death.id).await? {
            return Err(problems::annulment_pending(pending).into());
        }
        let row = AnnulmentRow {
            id: tx.new_id(),
            death: death.id,
            reason: self.reason.clone(),
            stage: Json(Stage::Proposed(Proposal {
                maker: self.maker.officer,
                on: tx.today(),
                outcome: Outcome::Granted,
                reasons: vec![self.reason.to_string()].try_into()?,
            })),
            version: 1,
        };
        store::insert_annulment(tx, &row).await?;
        Ok(Proposed { annulment: row.id })
    }
}
