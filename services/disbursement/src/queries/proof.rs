//! The proof (D5): whether the books hold together, at every level.

use crate::moves::MoveError;
use crate::store::{self, Level, Sum};
use mz_casework::Proof;
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
    /// Neither repaid nor waived, nor kept back by a batch up to the month.
    outstanding_fen: Fen,
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<ProofView>>,
}

impl ProofView {
    fn of(of: Option<String>, sums: &BTreeMap<Sum, Fen>) -> Result<Self, MoveError> {
        let get = |sum: Sum| sums.get(&sum).copied().unwrap_or(Fen::ZERO);
        // What batches of later months kept back was outstanding then.
        let later = get(Sum::OffsetOfRaised).checked_sub(get(Sum::OffsetInBatches))?;
        let proof = Proof {
            // Whether that is what was owed is for social-assistance to prove.
            owed: get(Sum::Lined),
            lined: get(Sum::Lined),
            raised: get(Sum::Raised),
            offset: get(Sum::OffsetInBatches),
            batched: get(Sum::Batched),
            held: get(Sum::Held),
            paid: get(Sum::Paid),
            returned: get(Sum::Returned),
            pending: get(Sum::Pending),
            repaid: get(Sum::Repaid),
            waived: get(Sum::Waived),
            outstanding: get(Sum::Outstanding).checked_add(later)?,
        };
        Ok(Self {
            of,
            lined_fen: proof.lined,
            batched_fen: proof.batched,
            held_fen: proof.held,
            paid_fen: proof.paid,
            returned_fen: proof.returned,
            pending_fen: proof.pending,
            recovery_raised_fen: proof.raised,
            offset_fen: proof.offset,
            repaid_fen: proof.repaid,
            waived_fen: proof.waived,
            outstanding_fen: proof.outstanding,
            holds: proof.gaps()?.is_empty() && get(Sum::HeldNow) == get(Sum::HeldNowByRows),
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
