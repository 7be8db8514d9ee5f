//! Accept an application 受理: the legal clock starts.

use crate::commands::tell_end::end;
use crate::facts::facts;
use crate::problems;
use crate::store::{self, CaseRow};
use crate::tekun::{self, Class, Mode, PROGRAMME};
use mz_casework::{CaseClock, Stage, Term};
use mz_contracts::events::CaseAccepted;
use mz_contracts::{Code, SocialAssistance};
use mz_kernel::{Calendar, CaseId, Date, DateSchema, DivisionCode, PersonId, Roll};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct AcceptCase {
    pub(crate) policy: Arc<Policy>,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) person: PersonId,
    /// Whether the identity register answered a moment ago that the person is dead. Looked at here and not before: a
    /// request that comes again is to get its first answer, whatever has happened since.
    pub(crate) deceased: bool,
    pub(crate) class: Class,
    pub(crate) mode: Mode,
    pub(crate) division: DivisionCode,
    pub(crate) origin: Origin,
}

/// The case, and the last day on which it may be decided.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Accepted {
    case: CaseId,
    #[schemars(with = "DateSchema")]
    due: Date,
}

impl Work<SocialAssistance> for AcceptCase {
    type Output = Accepted;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Accepted, Failure> {
        self.check(tx).await?;
        let today = tx.today();
        let limit = tekun::decision_limit(&self.policy, &self.division, today)?;
        let clock = CaseClock::start(today, Term::new(limit, Roll::None));
        // A clock that has just started is not paused.
        let due = clock.due(&self.calendar)?.unwrap_or(today);
        let case = CaseRow {
            id: tx.new_id(),
            programme: PROGRAMME.to_owned(),
            person: self.person,
            class: self.class,
            mode: self.mode,
            division: self.division,
            accepted_on: today,
            due: Some(due),
            clock: Json(clock),
            stage: Json(Stage::Accepted),
            first_month: None,
            version: 1,
        };
        store::insert_case(tx, &case).await?;
        let event = CaseAccepted {
            case: case.id,
            person: self.person,
            programme: Code::of(PROGRAMME),
            division: self.division,
            accepted_on: today,
            due,
        };
        tx.emit(&self.origin, &event)?;
        Ok(Accepted { case: case.id, due })
    }
}

impl AcceptCase {
    async fn check(&self, tx: &mut Tx<SocialAssistance>) -> Result<(), Failure> {
        if self.deceased || store::is_dead(tx, self.person).await? {
            return Err(problems::person_deceased().into());
        }
        if let Some(case) = store::open_case(tx, self.person, PROGRAMME).await? {
            return Err(problems::case_open(case).into());
        }
        let rows = store::entitlements_of(tx, self.person).await?;
        let facts = facts(tx, &self.policy, &rows).await?;
        let live = rows.iter().zip(&facts).find(|(_, facts)| end(facts).is_none());
        match live {
            Some((row, _)) => Err(problems::entitlement_live(row.id).into()),
            None => Ok(()),
        }
    }
}
