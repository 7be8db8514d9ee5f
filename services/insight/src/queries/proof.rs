//! What later runs lined, which the two sides of the proof count differently.

use crate::store;
use mz_contracts::Insight;
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use std::collections::BTreeMap;

/// What runs after a month lined for months up to it, by township.
pub(crate) struct LinedLater {
    pub(crate) through: Month,
    pub(crate) division: DivisionCode,
}

impl Work<Insight> for LinedLater {
    type Output = BTreeMap<String, Fen>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<BTreeMap<String, Fen>, Failure> {
        let rows = store::lined_later(tx, self.through, self.division).await?;
        Ok(rows.into_iter().collect())
    }
}
