//! What the shared rules refuse, as problems: the same code and page in every service.

use crate::Failure;
use mz_casework::Refusal;
use mz_http::Problem;
use mz_kernel::CalendarError;
use mz_policy::PolicyError;

mz_http::problem_codes! {
    /// The checker is the maker.
    SAME_OFFICER = "case.same-officer";
    /// No reason, or only blanks.
    REASON_MISSING = "case.reason-missing";
    /// A decision without a proposal.
    NOT_PROPOSED = "case.not-proposed";
    /// What is decided does not move.
    ALREADY_DECIDED = "case.already-decided";
    /// What is withdrawn does not move.
    ALREADY_WITHDRAWN = "case.already-withdrawn";
    /// The place's packs have no usable value.
    POLICY_MISSING = "policy.missing";
    /// A year has no working-day calendar.
    CALENDAR_MISSING = "calendar.missing";
    /// A parked event failed again.
    STILL_PARKED = "parked.still";
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::SameOfficer { .. } => SAME_OFFICER,
            Refusal::ReasonMissing { .. } => REASON_MISSING,
            Refusal::NotProposed => NOT_PROPOSED,
            Refusal::AlreadyDecided { .. } => ALREADY_DECIDED,
            Refusal::AlreadyWithdrawn { .. } => ALREADY_WITHDRAWN,
        };
        let problem = Problem::refused(code, format!("{refusal}."));
        Self(match refusal {
            Refusal::ReasonMissing { field } => problem.in_field(field),
            _ => problem,
        })
    }
}

/// Not the caller's fault, and yet no defect of the program: the same command succeeds once the value is entered.
impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self(Problem::refused(POLICY_MISSING, format!("{error}.")))
    }
}

impl From<CalendarError> for Failure {
    fn from(error: CalendarError) -> Self {
        Self(Problem::refused(CALENDAR_MISSING, format!("{error}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::{Date, Id as _, OfficerId};

    #[test]
    fn a_refusal_keeps_the_code_that_the_rule_gave_it() {
        let (officer, on) = (OfficerId::from_bits(7), Date::constant(2020, 1, 2));
        for refusal in [
            Refusal::SameOfficer { officer },
            Refusal::ReasonMissing { field: "reasons" },
            Refusal::NotProposed,
            Refusal::AlreadyDecided { on },
            Refusal::AlreadyWithdrawn { on },
        ] {
            let (code, status) = (refusal.code(), 422);
            let Failure(problem) = refusal.into();
            assert_eq!((problem.body().code, problem.body().status), (code, status));
        }
    }

    #[test]
    fn a_missing_value_names_place_parameter_and_month() {
        let place = "513335".parse().unwrap();
        let month = "2020-03".parse().unwrap();
        let error = mz_policy::Policy::default()
            .days("death.report-limit", &place, month)
            .unwrap_err();
        let Failure(problem) = error.into();
        for word in ["513335", "death.report-limit", "2020-03"] {
            assert!(problem.body().detail.contains(word), "{}", problem.body().detail);
        }
    }
}
