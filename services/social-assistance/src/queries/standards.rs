//! Standards, and what adopting one would change.

use crate::facts::facts;
use crate::ids::StandardId;
use crate::problems;
use crate::store::{self, StandardRow};
use crate::tekun::{self, Facts, PROGRAMME, StandardKey, Standards};
use mz_contracts::SocialAssistance;
use mz_http::{Caller, Problem};
use mz_kernel::{DivisionCode, Fen, FenError, Month, Stamp};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A standard.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StandardView {
    standard: StandardId,
    key: StandardKey,
    division: DivisionCode,
    from: Month,
    amount: Fen,
    document: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    adopted_at: Option<Stamp>,
}

impl From<StandardRow> for StandardView {
    fn from(row: StandardRow) -> Self {
        let state = match (row.pending, row.adopted_at) {
            (true, _) => "proposed",
            (false, Some(_)) => "adopted",
            (false, None) => "refused",
        };
        Self {
            standard: row.id,
            key: row.key,
            division: row.division,
            from: row.from,
            amount: row.amount,
            document: row.document,
            state,
            adopted_at: row.adopted_at,
        }
    }
}

/// Standards of a key, or all.
pub(crate) struct ListStandards {
    pub(crate) key: Option<StandardKey>,
}

impl Work<SocialAssistance> for ListStandards {
    type Output = Vec<StandardView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Vec<StandardView>, Failure> {
        Ok(store::standard_rows(tx, self.key)
            .await?
            .into_iter()
            .map(StandardView::from)
            .collect())
    }
}

/// What adopting a standard would change, as the next run of this month would find it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Preview {
    /// Entitlements that are owed another amount for some month.
    entitlements: u64,
    /// Entitlement-months that are owed another amount.
    months: u64,
    /// More for months before this one.
    back_pay: Fen,
    /// Less for months before this one; below zero.
    take_back: Fen,
    /// The difference for this month.
    this_month: Fen,
}

/// Computes a [`Preview`] with the arithmetic of the run, and writes nothing.
pub(crate) struct PreviewStandard {
    pub(crate) policy: Arc<Policy>,
    pub(crate) caller: Caller,
    pub(crate) area: DivisionCode,
    pub(crate) standard: StandardId,
}

/// Entitlements looked at together.
const UNITS_MAX: i64 = 2_000;

impl Work<SocialAssistance> for PreviewStandard {
    type Output = Preview;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Preview, Failure> {
        let row = store::standard(tx, self.standard)
            .await?
            .ok_or_else(problems::no_standard)?;
        self.caller.may_see(&row.division)?;
        let month = Month::of(tx.today());
        let before = store::adopted(tx).await?;
        let mut after = before.clone();
        after.adopt(row.key, row.division, row.adopted(Stamp::MAX));
        let since = tekun::window_start(&self.policy, &self.area, month)?.max(row.from);
        let concerns =
            |facts: &Facts| facts.class.standard() == row.key && row.division.contains(&facts.division);
        let mut preview = Preview::default();
        let mut to = String::new();
        loop {
            let units = store::entitlements_after(tx, PROGRAMME, (&to, Stamp::MAX), UNITS_MAX).await?;
            let Some(last) = units.last() else {
                return Ok(preview);
            };
            to = last.id.to_string();
            let facts = facts(tx, &self.policy, &units).await?;
            for facts in facts.iter().filter(|facts| concerns(facts)) {
                preview.compare(facts, (&before, &after), (since, month))?;
            }
        }
    }
}

impl Preview {
    /// Adds what changes for one entitlement in the months from `since` to this one. What was lined does not matter:
    /// it is the same either way.
    fn compare(
        &mut self,
        facts: &Facts,
        (before, after): (&Standards, &Standards),
        (since, this_month): (Month, Month),
    ) -> Result<(), Failure> {
        let mut differs = false;
        for month in Month::range(since.max(facts.from), this_month) {
            let new = facts.amount(after, month, Stamp::MAX)?;
            // Without the new standard there may be none at all.
            let old = facts.amount(before, month, Stamp::MAX).unwrap_or_default();
            if new != old {
                differs = true;
                self.add(old, new, month == this_month)
                    .map_err(Problem::internal)?;
            }
        }
        self.entitlements += u64::from(differs);
        Ok(())
    }

    fn add(&mut self, old: Fen, new: Fen, this_month: bool) -> Result<(), FenError> {
        self.months += 1;
        let sum = match (this_month, old < new) {
            (true, _) => &mut self.this_month,
            (false, true) => &mut self.back_pay,
            (false, false) => &mut self.take_back,
        };
        *sum = new.checked_sub(old).and_then(|change| sum.checked_add(change))?;
        Ok(())
    }
}
