//! The proof of the money (D5) over two services: what social-assistance owes and lined, and what disbursement made of
//! the lines. Neither is taken from the other, and nothing of it from here.

use mz_kernel::{Fen, FenError, Month};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `social-assistance GET /proof`: of all months up to one, what is owed and what was lined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Assistance {
    owed_fen: Fen,
    lined_fen: Fen,
    holds: bool,
}

/// `disbursement GET /proof`: of all that runs up to a month lined, where it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Books {
    /// The township; none for the whole.
    pub(crate) of: Option<String>,
    lined_fen: Fen,
    batched_fen: Fen,
    held_fen: Fen,
    paid_fen: Fen,
    returned_fen: Fen,
    pending_fen: Fen,
    recovery_raised_fen: Fen,
    offset_fen: Fen,
    repaid_fen: Fen,
    waived_fen: Fen,
    outstanding_fen: Fen,
    holds: bool,
    #[serde(default)]
    pub(crate) rows: Vec<Books>,
}

/// Both sides of the proof, in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ProofSums")]
pub(crate) struct Sums {
    /// What is owed for all months up to `through`, computed anew from the facts.
    owed_fen: Fen,
    /// What was lined for these months.
    lined_fen: Fen,
    /// What runs up to `through` lined, as disbursement heard it. The same, where no later run was.
    lined_by_runs_fen: Fen,
    /// What is in batches.
    batched_fen: Fen,
    /// Lined and in no batch.
    held_fen: Fen,
    paid_fen: Fen,
    /// Came back and is in no later batch, or paid a recovery.
    returned_fen: Fen,
    /// In batches, and the bank did not answer yet.
    pending_fen: Fen,
    /// Recoveries 追缴.
    recovery_raised_fen: Fen,
    /// Kept back from payments.
    offset_fen: Fen,
    repaid_fen: Fen,
    waived_fen: Fen,
    outstanding_fen: Fen,
    /// Whether each service's own proof holds, owed is lined, and both lined the same.
    holds: bool,
}

/// The proof of a division.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Proof")]
pub(crate) struct ProofView {
    /// The last month.
    pub(crate) through: Month,
    #[serde(flatten)]
    pub(crate) sums: Sums,
    /// The same of each township, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<Vec<ProofRow>>,
}

/// The proof of a township.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProofRow {
    /// The township.
    pub(crate) of: String,
    #[serde(flatten)]
    pub(crate) sums: Sums,
}

impl Assistance {
    /// What is left for a division itself when the parts of it are told apart.
    pub(crate) fn without(self, parts: &[Self]) -> Result<Self, FenError> {
        let rest = |whole: Fen, pick: fn(&Self) -> Fen| {
            Fen::checked_sum(parts.iter().map(pick)).and_then(|sum| whole.checked_sub(sum))
        };
        Ok(Self {
            owed_fen: rest(self.owed_fen, |part| part.owed_fen)?,
            lined_fen: rest(self.lined_fen, |part| part.lined_fen)?,
            holds: self.holds,
        })
    }
}

impl Sums {
    /// `later` is what runs after the last month lined for months up to it (back-pay and take-back): social-assistance
    /// counts it, as its proof goes by the month that is owed, and disbursement does not, as its proof goes by the run.
    pub(crate) fn join(owed: Assistance, books: &Books, later: Fen) -> Result<Self, FenError> {
        let same = owed.lined_fen == books.lined_fen.checked_add(later)?;
        Ok(Self {
            owed_fen: owed.owed_fen,
            lined_fen: owed.lined_fen,
            lined_by_runs_fen: books.lined_fen,
            batched_fen: books.batched_fen,
            held_fen: books.held_fen,
            paid_fen: books.paid_fen,
            returned_fen: books.returned_fen,
            pending_fen: books.pending_fen,
            recovery_raised_fen: books.recovery_raised_fen,
            offset_fen: books.offset_fen,
            repaid_fen: books.repaid_fen,
            waived_fen: books.waived_fen,
            outstanding_fen: books.outstanding_fen,
            holds: same && owed.owed_fen == owed.lined_fen && owed.holds && books.holds,
        })
    }
}

impl ProofView {
    /// The whole holds only where each of its parts does, and they add up to it.
    pub(crate) fn of(through: Month, mut sums: Sums, rows: Option<Vec<ProofRow>>) -> Result<Self, FenError> {
        if let Some(rows) = &rows {
            let added = |pick: fn(&Sums) -> Fen| Fen::checked_sum(rows.iter().map(|row| pick(&row.sums)));
            sums.holds &= rows.iter().all(|row| row.sums.holds)
                && added(|sums| sums.owed_fen)? == sums.owed_fen
                && added(|sums| sums.lined_by_runs_fen)? == sums.lined_by_runs_fen
                && added(|sums| sums.paid_fen)? == sums.paid_fen;
        }
        Ok(Self { through, sums, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn fen(amount: i64) -> Fen {
        Fen::new(amount)
    }

    fn owed(owed: i64, lined: i64) -> Assistance {
        Assistance {
            owed_fen: fen(owed),
            lined_fen: fen(lined),
            holds: owed == lined,
        }
    }

    fn books(lined: i64, holds: bool) -> Books {
        Books {
            of: None,
            lined_fen: fen(lined),
            batched_fen: fen(lined),
            held_fen: Fen::ZERO,
            paid_fen: fen(lined),
            returned_fen: Fen::ZERO,
            pending_fen: Fen::ZERO,
            recovery_raised_fen: Fen::ZERO,
            offset_fen: Fen::ZERO,
            repaid_fen: Fen::ZERO,
            waived_fen: Fen::ZERO,
            outstanding_fen: Fen::ZERO,
            holds,
            rows: Vec::new(),
        }
    }

    fn holds(owes: Assistance, books: &Books, later: i64) -> bool {
        Sums::join(owes, books, fen(later)).unwrap().holds
    }

    #[test]
    fn it_holds_only_where_every_identity_does() {
        assert!(holds(owed(702, 702), &books(702, true), 0));
        assert!(!holds(owed(702, 702), &books(700, true), 0), "lined elsewhere");
        assert!(!holds(owed(702, 700), &books(700, true), 0), "owed and not lined");
        assert!(!holds(owed(702, 702), &books(702, false), 0), "their own");
    }

    #[test]
    fn what_a_later_run_lined_for_these_months_explains_the_difference() {
        assert!(holds(owed(767, 767), &books(702, true), 65));
        assert!(!holds(owed(767, 767), &books(702, true), 0));
    }

    #[test]
    fn what_belongs_to_no_township_is_the_rest_of_the_whole() {
        let rest = owed(10, 9).without(&[owed(3, 3), owed(4, 4)]).unwrap();
        assert_eq!(
            (rest.owed_fen, rest.lined_fen, rest.holds),
            (fen(3), fen(2), false)
        );
    }

    #[test]
    fn townships_that_do_not_add_up_break_the_whole() {
        let through = "2020-04".parse().unwrap();
        let sums = |amount| Sums::join(owed(amount, amount), &books(amount, true), fen(0)).unwrap();
        let row = |amount| ProofRow {
            of: "513335100".to_owned(),
            sums: sums(amount),
        };
        let holds = |rows| ProofView::of(through, sums(3), rows).unwrap().sums.holds;
        assert!(holds(None));
        assert!(holds(Some(vec![row(1), row(2)])));
        assert!(!holds(Some(vec![row(1), row(1)])));
    }
}
