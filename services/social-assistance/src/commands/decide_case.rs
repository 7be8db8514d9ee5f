//! Decide a case 决定. A grant gives an entitlement.

use crate::facts::facts;
use crate::problems;
use crate::store::{self, CaseRow, EntitlementRow};
use crate::tekun::{self, PROGRAMME};
use crate::words::State;
use mz_casework::{Command, Decision, Outcome, Stage};
use mz_contracts::events::{self, CaseDecided, EntitlementGranted};
use mz_contracts::{Code, SocialAssistance};
use mz_http::Caller;
use mz_kernel::{CaseId, Date, EntitlementId, Month, Stamp};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct DecideCase {
    pub(crate) policy: Arc<Policy>,
    pub(crate) checker: Caller,
    pub(crate) case: CaseId,
    pub(crate) outcome: Outcome,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// What was decided, and what it gives.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CaseDecided")]
pub(crate) struct Decided {
    case: CaseId,
    stage: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlement: Option<EntitlementId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Month>,
}

impl Work<SocialAssistance> for DecideCase {
    type Output = Decided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Decided, Failure> {
        let mut case = store::case(tx, self.case).await?.ok_or_else(problems::no_case)?;
        self.checker.may_see(&case.division)?;
        let command = Command::Decide {
            by: self.checker.officer,
            on: tx.today(),
            outcome: self.outcome,
            reasons: self.reasons.clone(),
        };
        case.stage.0 = mz_casework::decide(&case.stage.0, command)?;
        store::save_case(tx, &case).await?;
        if let Stage::Decided(decision) = &case.stage.0 {
            tx.emit(&self.origin, &decided(&case, decision))?;
        }
        let granted = match self.outcome {
            Outcome::Granted => Some(self.grant(tx, &case).await?),
            Outcome::Refused => None,
        };
        Ok(Decided {
            case: case.id,
            stage: store::state(&case.stage.0),
            entitlement: granted.as_ref().map(|row| row.id),
            from: granted.map(|row| row.from),
        })
    }
}

impl DecideCase {
    async fn grant(&self, tx: &mut Tx<SocialAssistance>, case: &CaseRow) -> Result<EntitlementRow, Failure> {
        // A death may have been told since the application was accepted.
        if store::is_dead(tx, case.person).await? {
            return Err(problems::person_deceased().into());
        }
        let from = self.first_month(tx, case, tx.today()).await?;
        // Without a standard no run could settle the person. Once there is one, there is one for every later month.
        let standards = store::adopted(tx).await?;
        standards.at(case.class.standard(), &case.division, from, Stamp::MAX)?;
        let row = EntitlementRow {
            id: tx.new_id(),
            case: case.id,
            programme: case.programme.clone(),
            person: case.person,
            class: case.class,
            mode: case.mode,
            division: case.division,
            from,
            recorded_at: store::recording(tx).await?,
        };
        store::insert_entitlement(tx, &row).await?;
        let event = EntitlementGranted {
            entitlement: row.id,
            case: case.id,
            person: row.person,
            programme: Code::of(PROGRAMME),
            class: Code::of(row.class.text()),
            mode: Some(Code::of(row.mode.text())),
            division: row.division,
            from: row.from,
        };
        tx.emit(&self.origin, &event)?;
        Ok(row)
    }

    /// The month that the proposal names or the place's rule gives; but no month of an earlier entitlement of the
    /// person, which may have been stopped for a month to come.
    async fn first_month(
        &self,
        tx: &mut Tx<SocialAssistance>,
        case: &CaseRow,
        today: Date,
    ) -> Result<Month, Failure> {
        let mut first = match case.first_month {
            Some(month) => month,
            None => tekun::first_month(&self.policy, &case.division, today)?,
        };
        let rows = store::entitlements_of(tx, case.person).await?;
        for (row, facts) in rows.iter().zip(facts(tx, &self.policy, &rows).await?) {
            match facts.end(Stamp::MAX) {
                Some((end, _)) => first = first.max(end),
                None => return Err(problems::entitlement_live(row.id).into()),
            }
        }
        Ok(first)
    }
}

fn decided(case: &CaseRow, decision: &Decision) -> CaseDecided {
    CaseDecided {
        case: case.id,
        person: case.person,
        programme: Code::of(PROGRAMME),
        division: case.division,
        outcome: match decision.outcome {
            Outcome::Granted => events::Outcome::Granted,
            Outcome::Refused => events::Outcome::Refused,
        },
        reasons: tekun::told(decision.outcome, &decision.reasons),
        decided_on: decision.on,
    }
}
