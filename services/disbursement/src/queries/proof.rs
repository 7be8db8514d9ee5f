//! The proof (D5): whether the books hold together, at every level.

use crate::moves::MoveError;
use crate::store::{self, Level, Sum};
use mz_contracts::Disbursement;
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The sums of what was lined, batched and raised up to a month, in fen. `holds`: lined + raised − offset = batched +
/// held; batched = paid + returned + pending; raised = repaid + offset + waived + outstanding.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProofView {
    /// The township or the person; absent for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<ProofView>>,
}

impl ProofView {
    fn of(of: Option<String>, sums: &BTreeMap<Sum, Fen>) -> Result<Self, MoveError> {
        let get = |sum: Sum| sums.get(&sum).copied().unwrap_or(Fen::ZERO);
        let owed = get(Sum::Lined)
            .checked_add(get(Sum::Raised))?
            .checked_sub(get(Sum::OffsetInBatches))?;
        let placed = get(Sum::Batched).checked_add(get(Sum::Held))?;
        let sent = Fen::checked_sum([Sum::Paid, Sum::Returned, Sum::Pending].map(get))?;
        let ends = [Sum::Repaid, Sum::OffsetOfRaised, Sum::Waived, Sum::Outstanding];
        let ended = Fen::checked_sum(ends.map(get))?;
        Ok(Self {
            of,
            lined_fen: get(Sum::Lined),
            batched_fen: get(Sum::Batched),
            held_fen: get(Sum::Held),
            paid_fen: get(Sum::Paid),
            returned_fen: get(Sum::Returned),
            pending_fen: get(Sum::Pending),
            recovery_raised_fen: get(Sum::Raised),
            offset_fen: get(Sum::OffsetInBatches),
            repaid_fen: get(Sum::Repaid),
            waived_fen: get(Sum::Waived),
            outstanding_fen: get(Sum::Outstanding),
            holds: owed == placed
                && get(Sum::Batched) == sent
                && get(Sum::Raised) == ended
                && get(Sum::HeldNow) == get(Sum::HeldNowByRows),
            rows: None,
        })
    }
}

/// The proof through a month, for a division and all below it.
pub(crate) struct ShowProof {
    pub(crate) through: Month,
    pub(crate) division: DivisionCode,
    pub(crate) level: Level,
}

impl Work<Disbursement> for ShowProof {
    type Output = ProofView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<ProofView, Failure> {
        let whole = store::proof_sums(tx, self.through, self.division, Level::Whole).await?;
        let whole = whole.into_iter().map(|(_, sum, amount)| (sum, amount));
        let mut view = ProofView::of(None, &whole.collect())?;
        if self.level != Level::Whole {
            let sums = store::proof_sums(tx, self.through, self.division, self.level).await?;
            let mut by: BTreeMap<String, BTreeMap<Sum, Fen>> = BTreeMap::new();
            for (of, sum, amount) in sums {
                by.entry(of).or_default().insert(sum, amount);
            }
            let rows = by.into_iter().map(|(of, sums)| ProofView::of(Some(of), &sums));
            let rows = rows.collect::<Result<Vec<_>, MoveError>>()?;
            view.holds = view.holds && rows.iter().all(|row| row.holds);
            view.rows = Some(rows);
        }
        Ok(view)
    }
}
