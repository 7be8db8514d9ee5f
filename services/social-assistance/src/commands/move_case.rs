//! Propose a decision 拟办, withdraw 撤回, pause and resume the clock: what moves a case without ending in money.

use crate::problems;
use crate::store::{self, CaseRow};
use crate::tekun::PROGRAMME;
use crate::words::State;
use mz_casework::{Command, PauseReason, Stage};
use mz_contracts::events::CaseWithdrawn;
use mz_contracts::{Code, SocialAssistance};
use mz_http::{Caller, Problem};
use mz_kernel::{Calendar, CaseId, Date, DateSchema, Month};
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is done to the case.
pub(crate) enum Move {
    /// Propose, with the first month that a grant would pay where it is not the usual one.
    Propose {
        outcome: mz_casework::Outcome,
        reasons: Vec<String>,
        first_month: Option<Month>,
    },
    Withdraw {
        reasons: Vec<String>,
    },
    Pause {
        reason: PauseReason,
        evidence: String,
    },
    Resume,
}

pub(crate) struct MoveCase {
    pub(crate) officer: Caller,
    pub(crate) case: CaseId,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) what: Move,
    pub(crate) origin: Origin,
}

/// Where the case stands now.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Moved {
    case: CaseId,
    stage: State,
    #[schemars(with = "Option<DateSchema>")]
    due: Option<Date>,
}

impl Work<SocialAssistance> for MoveCase {
    type Output = Moved;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Moved, Failure> {
        let mut case = store::case(tx, self.case).await?.ok_or_else(problems::no_case)?;
        self.officer.may_see(&case.division)?;
        self.apply(&mut case, tx.today())?;
        store::save_case(tx, &case).await?;
        if let Stage::Withdrawn(withdrawal) = &case.stage.0 {
            let event = CaseWithdrawn {
                case: case.id,
                person: case.person,
                programme: Code::of(PROGRAMME),
                division: case.division,
                withdrawn_on: withdrawal.on,
            };
            tx.emit(&self.origin, &event)?;
        }
        Ok(Moved {
            case: case.id,
            stage: store::state(&case.stage.0),
            due: case.due,
        })
    }
}

impl MoveCase {
    fn apply(&self, case: &mut CaseRow, on: Date) -> Result<(), Failure> {
        let by = self.officer.officer;
        match &self.what {
            Move::Propose {
                outcome,
                reasons,
                first_month,
            } => {
                check_first_month(case, *first_month, on)?;
                let (outcome, reasons) = (*outcome, reasons.clone());
                let command = Command::Propose {
                    by,
                    on,
                    outcome,
                    reasons,
                };
                case.stage.0 = mz_casework::decide(&case.stage.0, command)?;
                case.first_month = *first_month;
            }
            Move::Withdraw { reasons } => {
                let command = Command::Withdraw {
                    by,
                    on,
                    reasons: reasons.clone(),
                };
                case.stage.0 = mz_casework::decide(&case.stage.0, command)?;
            }
            Move::Pause { reason, evidence } => {
                check_undecided(&case.stage.0)?;
                let clock = &mut case.clock.0;
                clock
                    .pause(&self.calendar, on, *reason, evidence)
                    .map_err(problems::clock)?;
                case.due = clock.due(&self.calendar)?;
            }
            Move::Resume => {
                check_undecided(&case.stage.0)?;
                case.clock.0.resume(on).map_err(problems::clock)?;
                case.due = case.clock.0.due(&self.calendar)?;
            }
        }
        Ok(())
    }
}

/// A clock is of no use to a case that has ended.
fn check_undecided(stage: &Stage) -> Result<(), Failure> {
    match stage {
        Stage::Accepted | Stage::Proposed(_) => Ok(()),
        Stage::Decided(decision) => Err(mz_casework::Refusal::AlreadyDecided { on: decision.on }.into()),
        Stage::Withdrawn(withdrawal) => {
            Err(mz_casework::Refusal::AlreadyWithdrawn { on: withdrawal.on }.into())
        }
    }
}

/// A grant pays neither for months before the application nor only for some far future.
fn check_first_month(case: &CaseRow, first: Option<Month>, today: Date) -> Result<(), Failure> {
    let (earliest, latest) = (Month::of(case.accepted_on), Month::of(today).next());
    match first {
        Some(month) if month < earliest || month > latest => {
            let detail = format!("The first month lies between {earliest} and {latest}.");
            Err(Problem::invalid("from", detail).into())
        }
        _ => Ok(()),
    }
}
