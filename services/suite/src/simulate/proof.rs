//! The proof of the money that a simulation ends with.

use std::fmt;

use mz_kernel::{Fen, Month};
use serde::{Deserialize, Serialize};

use crate::table::yuan;

/// The sums of the proof, as insight joins them from the services, in fen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The last month.
    pub through: Month,
    /// What is owed, computed anew from the facts.
    pub owed_fen: Fen,
    /// What was lined.
    pub lined_fen: Fen,
    /// What was put into payments.
    pub batched_fen: Fen,
    /// What of the lines is in no payment.
    pub held_fen: Fen,
    /// What the bank paid.
    pub paid_fen: Fen,
    /// What came back and was not issued again.
    pub returned_fen: Fen,
    /// What the bank has not answered for yet.
    pub pending_fen: Fen,
    /// What was paid and is not owed.
    pub recovery_raised_fen: Fen,
    /// What of it was kept back from later payments.
    pub offset_fen: Fen,
    /// What of it was paid back.
    pub repaid_fen: Fen,
    /// What of it was given up.
    pub waived_fen: Fen,
    /// What of it is still to be paid back.
    pub outstanding_fen: Fen,
    /// Whether every equation holds, for the county and for each township.
    pub holds: bool,
}

/// The equations with their sums, in yuan, without an end of line.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = if self.holds { "holds" } else { "DOES NOT HOLD" };
        writeln!(f, "the proof through {} {holds}", self.through)?;
        writeln!(
            f,
            "  owed {} = lined {}",
            yuan(self.owed_fen),
            yuan(self.lined_fen)
        )?;
        writeln!(
            f,
            "  lined {} + to be recovered {} - offset {} = batched {} + held {}",
            yuan(self.lined_fen),
            yuan(self.recovery_raised_fen),
            yuan(self.offset_fen),
            yuan(self.batched_fen),
            yuan(self.held_fen),
        )?;
        writeln!(
            f,
            "  batched {} = paid {} + returned {} + pending {}",
            yuan(self.batched_fen),
            yuan(self.paid_fen),
            yuan(self.returned_fen),
            yuan(self.pending_fen),
        )?;
        write!(
            f,
            "  to be recovered {} = repaid {} + offset {} + waived {} + outstanding {}",
            yuan(self.recovery_raised_fen),
            yuan(self.repaid_fen),
            yuan(self.offset_fen),
            yuan(self.waived_fen),
            yuan(self.outstanding_fen),
        )
    }
}
