//! The proof that what was lined is what was owed (D5).

use crate::facts::facts;
use crate::store::{self, EntitlementRow, RunRow};
use crate::tekun::{PROGRAMME, Standards};
use mz_contracts::SocialAssistance;
use mz_http::Problem;
use mz_kernel::{DivisionCode, Fen, FenError, Month, Stamp};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Units that are computed at once: it bounds the memory.
const UNITS_MAX: i64 = 500;
/// More runs than a programme has in decades.
const RUNS_MAX: i64 = 10_000;

/// Both sides of the proof, in fen.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Proof {
    through: Month,
    /// What was owed for all months up to `through`, computed anew from the facts, each month as the last run that
    /// settled it knew them.
    owed_fen: Fen,
    /// The sum of the lines of these months.
    lined_fen: Fen,
    /// How many lines.
    lines: u64,
    /// Whether the two are equal for every unit and month, not only in sum.
    holds: bool,
}

/// Computes [`Proof`] from facts and lines, neither from the other.
pub(crate) struct ShowProof {
    pub(crate) policy: Arc<Policy>,
    pub(crate) through: Month,
    pub(crate) division: DivisionCode,
}

impl Work<SocialAssistance> for ShowProof {
    type Output = Proof;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Proof, Failure> {
        let mut proof = Proof {
            through: self.through,
            owed_fen: Fen::ZERO,
            lined_fen: Fen::ZERO,
            lines: 0,
            holds: true,
        };
        let mut runs = store::runs(tx, None, "", RUNS_MAX).await?;
        runs.retain(|run| run.programme == PROGRAMME && !run.open);
        let Some(known_at) = runs.iter().map(|run| run.known_at).max() else {
            return Ok(proof);
        };
        let standards = store::adopted(tx).await?;
        let mut after = String::new();
        loop {
            let units = store::entitlements_after(tx, PROGRAMME, (&after, known_at), UNITS_MAX).await?;
            let Some(last) = units.last() else {
                return Ok(proof);
            };
            after = last.id.to_string();
            let own: Vec<EntitlementRow> = units
                .into_iter()
                .filter(|unit| self.division.contains(&unit.division))
                .collect();
            self.add(tx, &mut proof, &runs, &standards, &own).await?;
        }
    }
}

impl ShowProof {
    async fn add(
        &self,
        tx: &mut Tx<SocialAssistance>,
        proof: &mut Proof,
        runs: &[RunRow],
        standards: &Standards,
        units: &[EntitlementRow],
    ) -> Result<(), Failure> {
        let Some(first) = runs.iter().map(|run| run.since).min() else {
            return Ok(());
        };
        let facts = facts(tx, &self.policy, units).await?;
        let lined = store::lined(tx, units.iter().map(|unit| unit.id), first).await?;
        for (unit, facts) in units.iter().zip(&facts) {
            let lines = lined.get(&unit.id).map_or(&[][..], Vec::as_slice);
            let lines: Vec<_> = lines.iter().filter(|line| line.month <= self.through).collect();
            proof.lines += lines.len() as u64;
            for month in Month::range(unit.from, self.through) {
                let owed = match settled_at(runs, month) {
                    Some(known_at) => facts.amount(standards, month, known_at)?,
                    None => Fen::ZERO,
                };
                let of_month = lines.iter().filter(|line| line.month == month);
                let lined = sum(of_month.map(|line| line.amount)).map_err(Problem::internal)?;
                proof.holds &= owed == lined;
                proof.owed_fen = proof.owed_fen.checked_add(owed).map_err(Problem::internal)?;
                proof.lined_fen = proof.lined_fen.checked_add(lined).map_err(Problem::internal)?;
            }
            // A line for a month before the first one is owed to nobody.
            let early = lines.iter().filter(|line| line.month < unit.from);
            let early = sum(early.map(|line| line.amount)).map_err(Problem::internal)?;
            proof.holds &= early == Fen::ZERO;
            proof.lined_fen = proof.lined_fen.checked_add(early).map_err(Problem::internal)?;
        }
        Ok(())
    }
}

/// By what the last run that settled a month went.
fn settled_at(runs: &[RunRow], month: Month) -> Option<Stamp> {
    let settling = runs.iter().filter(|run| run.since <= month && month <= run.month);
    settling.map(|run| run.known_at).max()
}

fn sum(mut amounts: impl Iterator<Item = Fen>) -> Result<Fen, FenError> {
    amounts.try_fold(Fen::ZERO, Fen::checked_add)
}
