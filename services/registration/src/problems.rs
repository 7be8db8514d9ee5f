//! The service's own problem codes, each with its page in `problems/`.

use crate::divisions::WrongRows;
use crate::identity::Fault;
use crate::ids::CorrectionId;
use mz_http::Problem;
use mz_kernel::DivisionCode;
use mz_runtime::Failure;
use std::fmt::Write as _;

mz_http::problem_codes! {
    /// The number belongs to somebody else.
    NUMBER_HELD = "identity.number-held";
    /// A correction of the same number waits for its decision.
    CORRECTION_PENDING = "identity.correction-pending";
}

/// Says nothing about the holder: whoever types numbers must not learn whose they are.
pub(crate) fn number_held() -> Problem {
    Problem::refused(
        NUMBER_HELD,
        "Somebody else is registered with this number; compare it with the card.",
    )
}

pub(crate) fn correction_pending(pending: CorrectionId) -> Problem {
    let detail = format!("Correction {pending} waits for its decision; have it decided first.");
    Problem::refused(CORRECTION_PENDING, detail)
}

pub(crate) fn division_unknown(division: DivisionCode) -> Problem {
    Problem::invalid(
        "division",
        format!("{division} is no division that exists today; see GET /divisions."),
    )
}

pub(crate) fn no_person() -> Problem {
    Problem::not_found("Nobody in the register has this id.")
}

pub(crate) fn no_holder() -> Problem {
    Problem::not_found("Nobody whom you may see is registered with this number.")
}

pub(crate) fn no_correction() -> Problem {
    Problem::not_found("This person has no correction with this id.")
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Problem::invalid(fault.field, fault.what).into()
    }
}

/// Wrong rows named beside the first.
const ROWS_NAMED_MAX: usize = 20;

/// The first wrong row in full, and the numbers of the others: the list is mended in one go.
pub(crate) fn wrong_rows(wrong: &WrongRows) -> Problem {
    let WrongRows { first, others } = wrong;
    let mut detail = first.what.clone();
    if !others.is_empty() {
        let named: Vec<_> = others
            .iter()
            .take(ROWS_NAMED_MAX)
            .map(|wrong| wrong.row.to_string())
            .collect();
        let _ = write!(
            detail,
            " {} more rows are wrong: {}",
            others.len(),
            named.join(", ")
        );
        detail.push_str(if others.len() > ROWS_NAMED_MAX {
            " …"
        } else {
            "."
        });
    }
    let field = format!("divisions[{}].{}", first.row - 1, first.field);
    Problem::invalid(field, detail).at_row(first.row as u64)
}
