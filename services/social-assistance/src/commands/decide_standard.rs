//! Agree to a standard, or not 标准审批. Agreed, it counts for runs from now on, also for months that are past.

use crate::ids::StandardId;
use crate::problems;
use crate::store;
use mz_casework::{Command, Outcome, Stage};
use mz_contracts::SocialAssistance;
use mz_http::Caller;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct DecideStandard {
    pub(crate) checker: Caller,
    pub(crate) standard: StandardId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// What was decided.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StandardDecided")]
pub(crate) struct Decided {
    standard: StandardId,
    agreed: bool,
}

impl Work<SocialAssistance> for DecideStandard {
    type Output = Decided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Decided, Failure> {
        let row = store::standard(tx, self.standard)
            .await?
            .ok_or_else(problems::no_standard)?;
        self.checker.may_see(&row.division)?;
        let outcome = if self.agree {
            Outcome::Granted
        } else {
            Outcome::Refused
        };
        let (by, reasons) = (self.checker.officer, self.reasons.clone());
        let command = Command::Decide {
            by,
            on: tx.today(),
            outcome,
            reasons,
        };
        // One from the county's policy has no stage, and nothing to decide.
        let stage = row.stage.as_ref().map_or(&Stage::Accepted, |stage| &stage.0);
        let stage = mz_casework::decide(stage, command)?;
        let adopted_at = if self.agree {
            Some(store::recording(tx).await?)
        } else {
            None
        };
        store::decide_standard(tx, &row, stage, adopted_at).await?;
        if self.agree {
            tx.emit(&self.origin, &row.event())?;
        }
        Ok(Decided {
            standard: row.id,
            agreed: self.agree,
        })
    }
}
