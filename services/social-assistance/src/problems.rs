//! The service's own problem codes, each with its page in `problems/`.

use crate::tekun::NoStandard;
use mz_casework::{ClockRefusal, SettleError};
use mz_http::Problem;
use mz_kernel::{CaseId, EntitlementId, Month, RunId};
use mz_runtime::Failure;

mz_http::problem_codes! {
    /// The identity register does not know the person.
    PERSON_UNKNOWN = "case.person-unknown";
    /// The person is known to be dead.
    PERSON_DECEASED = "case.person-deceased";
    /// The person has an open case or a live entitlement.
    ALREADY_OPEN = "case.already-open";
    /// A pause needs evidence.
    CLOCK_EVIDENCE = "clock.evidence-missing";
    /// The clock is paused already.
    CLOCK_PAUSED = "clock.already-paused";
    /// The clock is not paused.
    CLOCK_RUNNING = "clock.not-paused";
    /// The date lies before one that is recorded.
    CLOCK_BACKDATED = "clock.backdated";
    /// The term had been used up.
    CLOCK_USED_UP = "clock.used-up";
    /// The entitlement ends already.
    ALREADY_STOPPED = "entitlement.already-stopped";
    /// A stop waits for its decision.
    STOP_PENDING = "entitlement.stop-pending";
    /// A standard is missing.
    NO_STANDARD = "standard.missing";
    /// Another month's run is not finished.
    RUN_OPEN = "run.other-open";
}

pub(crate) fn person_unknown() -> Problem {
    Problem::refused(PERSON_UNKNOWN, "The identity register knows nobody with this id.").in_field("person")
}

pub(crate) fn person_deceased() -> Problem {
    Problem::refused(PERSON_DECEASED, "A death of this person is registered.").in_field("person")
}

pub(crate) fn case_open(case: CaseId) -> Problem {
    Problem::refused(
        ALREADY_OPEN,
        format!("Case {case} of this person is not decided yet."),
    )
}

pub(crate) fn entitlement_live(entitlement: EntitlementId) -> Problem {
    Problem::refused(
        ALREADY_OPEN,
        format!("Entitlement {entitlement} of this person has not ended."),
    )
}

pub(crate) fn no_case() -> Problem {
    Problem::not_found("There is no case with this id.")
}

pub(crate) fn no_entitlement() -> Problem {
    Problem::not_found("There is no entitlement with this id.")
}

pub(crate) fn no_stop() -> Problem {
    Problem::not_found("This entitlement has no stop with this id.")
}

pub(crate) fn no_standard() -> Problem {
    Problem::not_found("There is no standard with this id.")
}

pub(crate) fn no_run() -> Problem {
    Problem::not_found("There is no run with this id.")
}

pub(crate) fn already_stopped(from: Month) -> Problem {
    let detail = format!("The entitlement already ends: {from} is the first month that is not owed.");
    Problem::refused(ALREADY_STOPPED, detail).in_field("from")
}

pub(crate) fn stop_pending() -> Problem {
    Problem::refused(
        STOP_PENDING,
        "A stop of this entitlement waits for its decision; have it decided first.",
    )
}

pub(crate) fn run_open(run: RunId, month: Month) -> Problem {
    let detail = format!("Run {run} of {month} is not finished; post {month} again to finish it.");
    Problem::conflict(RUN_OPEN, detail)
}

/// What the legal clock refuses.
pub(crate) fn clock(refused: ClockRefusal) -> Failure {
    let code = match refused {
        ClockRefusal::EvidenceMissing => CLOCK_EVIDENCE,
        ClockRefusal::AlreadyPaused { .. } => CLOCK_PAUSED,
        ClockRefusal::NotPaused => CLOCK_RUNNING,
        ClockRefusal::Backdated { .. } => CLOCK_BACKDATED,
        ClockRefusal::UsedUp { .. } => CLOCK_USED_UP,
        ClockRefusal::Calendar(error) => return error.into(),
    };
    Problem::refused(code, format!("{refused}.")).into()
}

impl From<NoStandard> for Failure {
    fn from(missing: NoStandard) -> Self {
        Problem::refused(NO_STANDARD, format!("{missing}.")).into()
    }
}

/// Why the lines of a unit cannot be said.
pub(crate) fn settling(error: SettleError<NoStandard>) -> Failure {
    match error {
        SettleError::Owed { source, .. } => source.into(),
        error => Problem::internal(error).into(),
    }
}
