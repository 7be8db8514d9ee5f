//! Agree to a standard, or not 标准审批. Agreed, it counts for runs from now on, also for months that are past.

use crate::ids::StandardId;
use crate::problems;
use crate::store::{self, StandardRow};
use mz_casework::{Command, Outcome, Stage};
use mz_contracts::events::StandardAdopted;
use mz_contracts::{Code, SocialAssistance};
use mz_http::Caller;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use serde::{Deserialize, Serialize};

pub(crate) struct DecideStandard {
    pub(crate) checker: Caller,
    pub(crate) standard: StandardId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// What was decided.
#[derive(Debug, Serialize, Deserialize)]
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
        let now = tx.now();
        store::decide_standard(tx, &row, stage, self.agree.then_some(now)).await?;
        if self.agree {
            tx.emit(&self.origin, &adopted(&row)?)?;
        }
        Ok(Decided {
            standard: row.id,
            agreed: self.agree,
        })
    }
}

/// The event of a standard that counts from now on.
pub(crate) fn adopted(row: &StandardRow) -> Result<StandardAdopted, Failure> {
    Ok(StandardAdopted {
        key: row.key.parse().map_err(mz_http::Problem::internal)?,
        division: row.division,
        from: row.from,
        amount: row.amount,
        unit: Code::of("person-month"),
        document: row.document.clone(),
    })
}
