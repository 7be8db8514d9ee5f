//! Propose that a person's number was typed wrongly, and what is right. Another officer decides.

use crate::identity::Traits;
use crate::ids::CorrectionId;
use crate::problems;
use crate::sealed::seal_number;
use crate::store::{self, CorrectionRow};
use mz_casework::{Outcome, Proposal, Stage};
use mz_contracts::{Code, Registration};
use mz_http::{Caller, Problem};
use mz_kernel::{PersonId, ResidentId};
use mz_runtime::Failure;
use mz_store::{Json, Keyring, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct ProposeCorrection {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) maker: Caller,
    pub(crate) person: PersonId,
    /// None when the person has no number at all.
    pub(crate) number: Option<ResidentId>,
    /// What follows from the number, or was stated where there is none.
    pub(crate) traits: Traits,
    pub(crate) reason: Code,
}

/// The correction that waits for its decision.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Proposed {
    correction: CorrectionId,
}

impl Work<Registration> for ProposeCorrection {
    type Output = Proposed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<Proposed, Failure> {
        let person = store::person(tx, self.person)
            .await?
            .ok_or_else(problems::no_person)?;
        self.maker.may_see(&person.division)?;
        if let Some(pending) = store::pending_correction(tx, person.id).await? {
            return Err(problems::correction_pending(pending).into());
        }
        let number = self
            .number
            .as_ref()
            .map(|number| seal_number(&self.keyring, person.id, number));
        let number = number.transpose()?;
        let hash = number.as_ref().map(|number| &number.hash);
        let present = store::number(tx, person.id).await?;
        if present.as_ref().map(|number| &number.hash) == hash {
            let what = "The person is registered so already; there is nothing to correct.";
            return Err(Problem::invalid("document", what).into());
        }
        if let Some(hash) = hash
            && store::holder(tx, hash).await?.is_some()
        {
            return Err(problems::number_held().in_field("document.number").into());
        }
        let id = tx.new_id();
        let (hash, sealed) = number.map(|number| (number.hash, number.sealed)).unzip();
        let row = CorrectionRow {
            id,
            person: person.id,
            hash,
            sealed,
            sex: self.traits.sex,
            birth_date: self.traits.birth_date,
            reason: self.reason.clone(),
            stage: Json(Stage::Proposed(Proposal {
                maker: self.maker.officer,
                on: tx.today(),
                outcome: Outcome::Granted,
                reasons: vec![self.reason.to_string()].try_into()?,
            })),
            version: 1,
        };
        store::insert_correction(tx, &row).await?;
        Ok(Proposed { correction: id })
    }
}
