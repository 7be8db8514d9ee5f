//! The service's own problem codes, each with its page in `problems/`.

use crate::deaths::DayRefused;
use crate::ids::AnnulmentId;
use mz_http::Problem;
use mz_kernel::{Date, DeathId};
use mz_runtime::Failure;

mz_http::problem_codes! {
    /// The identity register does not know the person.
    PERSON_UNKNOWN = "death.person-unknown";
    /// An entry that holds says the same.
    ALREADY_REGISTERED = "death.already-registered";
    /// The entry does not hold any more.
    ALREADY_ANNULLED = "death.already-annulled";
    /// An annulment of the entry waits for its decision.
    ANNULMENT_PENDING = "death.annulment-pending";
}

pub(crate) fn person_unknown() -> Problem {
    Problem::refused(PERSON_UNKNOWN, "The identity register knows nobody with this id.").in_field("person")
}

pub(crate) fn already_registered(death: DeathId) -> Problem {
    Problem::refused(
        ALREADY_REGISTERED,
        format!("Entry {death} says that this person died."),
    )
}

pub(crate) fn already_annulled(on: Date) -> Problem {
    Problem::refused(ALREADY_ANNULLED, format!("The entry was annulled on {on}."))
}

pub(crate) fn annulment_pending(pending: AnnulmentId) -> Problem {
    let detail = format!("Annulment {pending} waits for its decision; have it decided first.");
    Problem::refused(ANNULMENT_PENDING, detail)
}

pub(crate) fn no_death() -> Problem {
    Problem::not_found("The register of deaths has no entry with this id.")
}

pub(crate) fn no_annulment() -> Problem {
    Problem::not_found("This entry has no annulment with this id.")
}

impl From<DayRefused> for Failure {
    fn from(refused: DayRefused) -> Self {
        Problem::invalid("died_on", format!("{refused}.")).into()
    }
}
