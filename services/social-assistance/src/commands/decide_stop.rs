//! Agree to the end of an entitlement, or not 停发审批.

use crate::ids::StopId;
use crate::problems;
use crate::store;
use crate::tekun::PROGRAMME;
use mz_casework::{Command, Outcome};
use mz_contracts::events::{Cause, EntitlementStopped};
use mz_contracts::{Code, SocialAssistance};
use mz_http::Caller;
use mz_kernel::EntitlementId;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use serde::{Deserialize, Serialize};

pub(crate) struct DecideStop {
    pub(crate) checker: Caller,
    pub(crate) entitlement: EntitlementId,
    pub(crate) stop: StopId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// What was decided.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Decided {
    stop: StopId,
    agreed: bool,
}

impl Work<SocialAssistance> for DecideStop {
    type Output = Decided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Decided, Failure> {
        let row = store::entitlement(tx, self.entitlement)
            .await?
            .ok_or_else(problems::no_entitlement)?;
        self.checker.may_see(&row.division)?;
        let stop = store::stop(tx, row.id, self.stop)
            .await?
            .ok_or_else(problems::no_stop)?;
        let (now, today) = (tx.now(), tx.today());
        let outcome = if self.agree {
            Outcome::Granted
        } else {
            Outcome::Refused
        };
        let (by, reasons) = (self.checker.officer, self.reasons.clone());
        let stage = mz_casework::decide(
            &stop.stage.0,
            Command::Decide {
                by,
                on: today,
                outcome,
                reasons,
            },
        )?;
        store::decide_stop(tx, &stop, stage, self.agree.then_some(now)).await?;
        if self.agree {
            let event = EntitlementStopped {
                entitlement: row.id,
                person: row.person,
                programme: Code::of(PROGRAMME),
                division: row.division,
                from: stop.from,
                reason: stop.reason.clone(),
                cause: Cause {
                    fact: Code::of("stop"),
                    id: stop.id.to_string(),
                    on: today,
                },
            };
            tx.emit(&self.origin, &event)?;
        }
        Ok(Decided {
            stop: stop.id,
            agreed: self.agree,
        })
    }
}
