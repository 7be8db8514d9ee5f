//! Propose to end an entitlement 拟停发.

use crate::ids::StopId;
use crate::problems;
use crate::store::{self, StopRow};
use crate::tekun::StopReason;
use mz_casework::{Command, Outcome, Stage};
use mz_contracts::SocialAssistance;
use mz_http::{Caller, Problem};
use mz_kernel::{EntitlementId, Month};
use mz_runtime::Failure;
use mz_store::{Json, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct ProposeStop {
    pub(crate) maker: Caller,
    pub(crate) entitlement: EntitlementId,
    /// The first month not owed.
    pub(crate) from: Month,
    pub(crate) reason: StopReason,
}

/// The proposal.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StopProposed")]
pub(crate) struct Proposed {
    stop: StopId,
}

impl Work<SocialAssistance> for ProposeStop {
    type Output = Proposed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Proposed, Failure> {
        let row = store::entitlement(tx, self.entitlement)
            .await?
            .ok_or_else(problems::no_entitlement)?;
        self.maker.may_see(&row.division)?;
        if self.from < row.from {
            let detail = format!(
                "The entitlement begins in {}; it cannot end before that.",
                row.from
            );
            return Err(Problem::invalid("from", detail).into());
        }
        let stops = store::stops(tx, [row.id]).await?;
        if stops.iter().any(|stop| stop.pending) {
            return Err(problems::stop_pending().into());
        }
        let agreed = stops.iter().filter(|stop| stop.recorded_at.is_some());
        if let Some(earlier) = agreed
            .map(|stop| stop.from)
            .filter(|from| *from <= self.from)
            .min()
        {
            return Err(problems::already_stopped(earlier).into());
        }
        let command = Command::Propose {
            by: self.maker.officer,
            on: tx.today(),
            outcome: Outcome::Granted,
            reasons: vec![self.reason.to_string()],
        };
        let stop = StopRow {
            id: tx.new_id(),
            entitlement: row.id,
            from: self.from,
            reason: self.reason,
            stage: Json(mz_casework::decide(&Stage::Accepted, command)?),
            pending: true,
            recorded_at: None,
            version: 1,
        };
        store::insert_stop(tx, &stop).await?;
        Ok(Proposed { stop: stop.id })
    }
}
