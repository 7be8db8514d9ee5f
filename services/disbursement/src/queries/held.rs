//! Who is not paid, and why 暂缓明细.

use crate::moves::{MoveError, payable};
use crate::store::{self, HeldFilter};
use crate::words::Hold;
use mz_contracts::Disbursement;
use mz_contracts::events::Cause;
use mz_http::{Page, Paged};
use mz_kernel::{DivisionCode, EntitlementId, Fen, Month, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What of an entitlement is held for one reason.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HeldView {
    person: PersonId,
    division: DivisionCode,
    programme: String,
    entitlement: EntitlementId,
    /// The months that are owed, the earliest first.
    months: Vec<Month>,
    /// In fen.
    amount: Fen,
    reason: Hold,
    /// The fact behind it; none where a fact is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    /// The month of the first run that wrote some of it.
    since: Month,
}

/// What is held, a page at a time. A page has up to its limit of entitlements, and one that is held for two reasons stands
/// in it twice. Some may turn out to be payable, as all of their months lie before their end; but a page is not empty
/// while there is more.
pub(crate) struct ListHeld {
    pub(crate) filter: HeldFilter,
    pub(crate) page: Page,
}

impl Work<Disbursement> for ListHeld {
    type Output = Paged<HeldView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Paged<HeldView>, Failure> {
        let limit = i64::from(self.page.limit) + 1;
        let mut after = self.page.after.clone();
        loop {
            let from = after.as_deref().unwrap_or_default();
            let rows = store::may_be_held(tx, &self.filter, from, limit).await?;
            let Paged { items, next } = Paged::new(&self.page, rows, ToString::to_string);
            let items = self.held(tx, items).await?;
            if !items.is_empty() || next.is_none() {
                return Ok(Paged { items, next });
            }
            after = next;
        }
    }
}

impl ListHeld {
    async fn held(
        &self,
        tx: &mut Tx<Disbursement>,
        of: Vec<EntitlementId>,
    ) -> Result<Vec<HeldView>, Failure> {
        let lines = store::held_lines_of(tx, &self.filter, of).await?;
        let facts = store::facts_of(tx, &lines).await?;
        let mut views: BTreeMap<(EntitlementId, Hold), HeldView> = BTreeMap::new();
        for line in lines {
            let Some(held) = payable(&facts, &line) else {
                continue;
            };
            let view = views
                .entry((line.entitlement, held.reason))
                .or_insert_with(|| HeldView {
                    person: line.person,
                    division: line.division,
                    programme: line.programme,
                    entitlement: line.entitlement,
                    months: Vec::new(),
                    amount: Fen::ZERO,
                    reason: held.reason,
                    cause: held.cause,
                    since: line.run_month,
                });
            view.amount = view.amount.checked_add(line.rest).map_err(MoveError::from)?;
            view.since = view.since.min(line.run_month);
            if view.months.last() != Some(&line.month) {
                view.months.push(line.month);
            }
        }
        Ok(views.into_values().collect())
    }
}
