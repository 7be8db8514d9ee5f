//! Agree to the end of an entitlement, or not 停发审批.

use crate::commands::tell_end::{end, tell_end};
use crate::facts::facts;
use crate::ids::StopId;
use crate::problems;
use crate::store::{self, EntitlementRow, StopRow};
use mz_casework::{Command, Outcome, Stage};
use mz_contracts::SocialAssistance;
use mz_http::Caller;
use mz_kernel::EntitlementId;
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct DecideStop {
    pub(crate) policy: Arc<Policy>,
    pub(crate) checker: Caller,
    pub(crate) entitlement: EntitlementId,
    pub(crate) stop: StopId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// What was decided.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StopDecided")]
pub(crate) struct Decided {
    stop: StopId,
    agreed: bool,
}

impl Work<SocialAssistance> for DecideStop {
    type Output = Decided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Decided, Failure> {
        let row = store::entitlement(tx, self.entitlement).await?;
        let row = row.ok_or_else(problems::no_entitlement)?;
        self.checker.may_see(&row.division)?;
        let stop = store::stop(tx, row.id, self.stop)
            .await?
            .ok_or_else(problems::no_stop)?;
        let command = Command::Decide {
            by: self.checker.officer,
            on: tx.today(),
            outcome: if self.agree {
                Outcome::Granted
            } else {
                Outcome::Refused
            },
            reasons: self.reasons.clone(),
        };
        let stage = mz_casework::decide(&stop.stage.0, command)?;
        if self.agree {
            self.stop(tx, &row, &stop, stage).await?;
        } else {
            store::decide_stop(tx, &stop, stage, None).await?;
        }
        Ok(Decided {
            stop: stop.id,
            agreed: self.agree,
        })
    }
}

impl DecideStop {
    async fn stop(
        &self,
        tx: &mut Tx<SocialAssistance>,
        row: &EntitlementRow,
        stop: &StopRow,
        stage: Stage,
    ) -> Result<(), Failure> {
        let rows = std::slice::from_ref(row);
        let before = facts(tx, &self.policy, rows).await?;
        let recorded_at = store::recording(tx).await?;
        store::decide_stop(tx, stop, stage, Some(recorded_at)).await?;
        let after = facts(tx, &self.policy, rows).await?;
        for (before, after) in before.iter().zip(&after) {
            // Where a death has ended it before, there is nothing new to tell.
            tell_end(tx, &self.origin, row, end(before), after)?;
        }
        Ok(())
    }
}
