//! The service's own problem codes, each with its page in `problems/`.

use crate::rules::account::AccountError;
use crate::rules::result_file::Fault;
use crate::store::BatchRow;
use crate::words::BatchState;
use mz_http::{Problem, RowFault};
use mz_kernel::{Date, Fen};

mz_http::problem_codes! {
    /// The identity register does not know the person.
    PERSON_UNKNOWN = "payee.person-unknown";
    /// A batch would be empty.
    NOTHING_TO_PAY = "batch.nothing-to-pay";
    /// The batch is sealed, or was cancelled.
    NOT_OPEN = "batch.not-open";
    /// The batch is not sealed.
    NOT_SEALED = "batch.not-sealed";
    /// The bank's file has faults.
    RESULTS_REFUSED = "results.refused";
    /// More than is outstanding.
    TOO_MUCH = "recovery.too-much";
    /// An agreement waits for its decision.
    PENDING = "recovery.agreement-pending";
}

pub(crate) fn account(error: &AccountError, field: &'static str) -> Problem {
    Problem::invalid(field, format!("{error}."))
}

pub(crate) fn person_unknown() -> Problem {
    Problem::refused(PERSON_UNKNOWN, "The identity register knows nobody with this id.").in_field("person")
}

/// With how many persons are held, and what is.
pub(crate) fn nothing_to_pay(persons: usize, held: Fen) -> Problem {
    let nothing = "No line is payable, and no returned payment can be issued again.";
    let detail = match persons {
        0 => nothing.to_owned(),
        1 => format!("{nothing} 1 person with {held} yuan is held: GET /held says who and why."),
        more => format!("{nothing} {more} persons with {held} yuan are held: GET /held says who and why."),
    };
    Problem::refused(NOTHING_TO_PAY, detail)
}

/// Everything left the batch again.
pub(crate) fn empty_batch() -> Problem {
    Problem::refused(NOTHING_TO_PAY, "Everything left the batch again.")
}

pub(crate) fn no_batch() -> Problem {
    Problem::not_found("There is no batch with this id.")
}

pub(crate) fn not_open(batch: &BatchRow) -> Problem {
    let number = &batch.number;
    let detail = match batch.state {
        BatchState::Cancelled => format!("Batch {number} was cancelled."),
        _ => format!("Batch {number} is sealed."),
    };
    Problem::refused(NOT_OPEN, detail)
}

pub(crate) fn not_sealed(number: &str) -> Problem {
    Problem::refused(NOT_SEALED, format!("Batch {number} is not sealed yet."))
}

pub(crate) fn no_agreement() -> Problem {
    Problem::not_found("This recovery has no such agreement.")
}

pub(crate) fn agreement_pending() -> Problem {
    Problem::refused(PENDING, "A proposal of the same kind is not decided yet.")
}

pub(crate) fn no_recovery() -> Problem {
    Problem::not_found("There is no recovery with this id.")
}

/// The receipt has its entry in the ledger already.
pub(crate) fn receipt_entered(n: i64, on: Date) -> Problem {
    let detail = format!("Entry {n} of the ledger, of {on}, has this receipt. Write the number of another.");
    Problem::invalid("receipt", detail)
}

pub(crate) fn too_much(outstanding: Fen) -> Problem {
    let detail = format!("Only {outstanding} yuan of the recovery are outstanding.");
    Problem::refused(TOO_MUCH, detail).in_field("amount")
}

/// The faults of a result file.
pub(crate) fn results_refused(faults: Vec<Fault>) -> Problem {
    let count = match faults.len() {
        1 => "1 fault".to_owned(),
        more => format!("{more} faults"),
    };
    let detail =
        format!("The file has {count}. Nothing of it was entered: have it mended and send it again.");
    let errors = faults.into_iter().map(|fault| RowFault {
        row: u64::try_from(fault.row).unwrap_or(u64::MAX),
        column: fault.column,
        reason: fault.reason,
        detail: fault.detail,
    });
    Problem::refused(RESULTS_REFUSED, detail).listing(errors.collect())
}
