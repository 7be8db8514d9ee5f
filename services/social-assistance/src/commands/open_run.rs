//! Open a month's run, or find the one that was interrupted. What is known now is what the run goes by.

use crate::problems;
use crate::store::{self, RunRow};
use crate::tekun::{self, PROGRAMME};
use mz_contracts::SocialAssistance;
use mz_http::Problem;
use mz_kernel::{DivisionCode, Fen, Month, RunId};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use std::sync::Arc;

pub(crate) struct OpenRun {
    pub(crate) policy: Arc<Policy>,
    pub(crate) division: DivisionCode,
    pub(crate) month: Month,
}

impl Work<SocialAssistance> for OpenRun {
    type Output = RunId;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<RunId, Failure> {
        let this_month = Month::of(tx.today());
        if self.month > this_month {
            let detail = format!(
                "{} has not begun; the legal date lies in {this_month}.",
                self.month
            );
            return Err(Problem::invalid("month", detail).into());
        }
        if let Some(open) = store::open_run(tx, PROGRAMME).await? {
            // Interrupted, or being run by another officer at this moment: both are carried to the end together.
            return if open.month == self.month {
                Ok(open.id)
            } else {
                Err(problems::run_open(open.id, open.month).into())
            };
        }
        let row = RunRow {
            id: tx.new_id(),
            programme: PROGRAMME.to_owned(),
            division: self.division,
            month: self.month,
            since: tekun::window_start(&self.policy, &self.division, self.month)?,
            known_at: store::recording(tx).await?,
            open: true,
            settled_to: String::new(),
            parts: 0,
            lines: 0,
            current: Fen::ZERO,
            back_pay: Fen::ZERO,
            take_back: Fen::ZERO,
            version: 1,
        };
        store::insert_run(tx, &row).await?;
        Ok(row.id)
    }
}
