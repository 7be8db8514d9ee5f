//! Decide a case 决定. A grant gives an entitlement.

use crate::problems;
use crate::store::{self, CaseRow, EntitlementRow};
use crate::tekun;
use mz_casework::{Command, Outcome};
use mz_contracts::events::{self, CaseDecided, EntitlementGranted};
use mz_contracts::{Code, SocialAssistance};
use mz_http::Caller;
use mz_kernel::{CaseId, Date, EntitlementId, Month};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct DecideCase {
    pub(crate) policy: Arc<Policy>,
    pub(crate) checker: Caller,
    pub(crate) case: CaseId,
    pub(crate) outcome: Outcome,
    /// In the programme's words, so that they can be told to others.
    pub(crate) reasons: Vec<Code>,
    pub(crate) origin: Origin,
}

/// What was decided, and what it gives.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Decided {
    case: CaseId,
    stage: String,
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
        let (today, by) = (tx.today(), self.checker.officer);
        let reasons = self.reasons.iter().map(|code| code.as_str().to_owned()).collect();
        let command = Command::Decide {
            by,
            on: today,
            outcome: self.outcome,
            reasons,
        };
        case.stage.0 = mz_casework::decide(&case.stage.0, command)?;
        store::save_case(tx, &case).await?;
        self.tell(tx, &case, today)?;
        let granted = match self.outcome {
            Outcome::Granted => Some(self.grant(tx, &case, today).await?),
            Outcome::Refused => None,
        };
        Ok(Decided {
            case: case.id,
            stage: store::state(&case.stage.0).to_owned(),
            entitlement: granted.as_ref().map(|row| row.id),
            from: granted.map(|row| row.from),
        })
    }
}

impl DecideCase {
    fn tell(&self, tx: &mut Tx<SocialAssistance>, case: &CaseRow, today: Date) -> Result<(), Failure> {
        let event = CaseDecided {
            case: case.id,
            person: case.person,
            programme: Code::of(tekun::PROGRAMME),
            division: case.division,
            outcome: match self.outcome {
                Outcome::Granted => events::Outcome::Granted,
                Outcome::Refused => events::Outcome::Refused,
            },
            reasons: self.reasons.clone(),
            decided_on: today,
        };
        tx.emit(&self.origin, &event)?;
        Ok(())
    }

    async fn grant(
        &self,
        tx: &mut Tx<SocialAssistance>,
        case: &CaseRow,
        today: Date,
    ) -> Result<EntitlementRow, Failure> {
        let now = tx.now();
        // A death may have been told since the application was accepted.
        let deaths = store::deaths(tx, &[case.person]).await?;
        if deaths.into_values().flatten().any(|death| death.holds(now)) {
            return Err(problems::person_deceased().into());
        }
        let usual = tekun::first_month(&self.policy, &case.division, today)?;
        let row = EntitlementRow {
            id: tx.new_id(),
            case: case.id,
            programme: case.programme.clone(),
            person: case.person,
            class: case.class,
            mode: case.mode,
            division: case.division,
            from: case.first_month.unwrap_or(usual),
            recorded_at: now,
        };
        store::insert_entitlement(tx, &row).await?;
        let event = EntitlementGranted {
            entitlement: row.id,
            case: case.id,
            person: row.person,
            programme: Code::of(tekun::PROGRAMME),
            class: Code::of(row.class.text()),
            mode: Some(Code::of(row.mode.text())),
            division: row.division,
            from: row.from,
        };
        tx.emit(&self.origin, &event)?;
        Ok(row)
    }
}
