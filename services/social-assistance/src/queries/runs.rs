//! Runs and lines.

use super::bounds;
use crate::problems;
use crate::store::{self, LineFilter, LineRow, RunRow};
use crate::tekun::Kind;
use mz_casework::Cause;
use mz_contracts::SocialAssistance;
use mz_http::{Page, Paged, Problem};
use mz_kernel::{EntitlementId, Fen, LineId, Month, PersonId, RunId, Stamp};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunView {
    run: RunId,
    month: Month,
    known_at: Stamp,
    finished: bool,
    lines: i64,
    amount: Fen,
    current: Fen,
    back_pay: Fen,
    take_back: Fen,
}

impl RunView {
    pub(crate) fn of(row: &RunRow) -> Result<Self, Failure> {
        let amount = Fen::checked_sum([row.current, row.back_pay, row.take_back]);
        Ok(Self {
            run: row.id,
            month: row.month,
            known_at: row.known_at,
            finished: !row.open,
            lines: row.lines,
            amount: amount.map_err(Problem::internal)?,
            current: row.current,
            back_pay: row.back_pay,
            take_back: row.take_back,
        })
    }
}

/// A run by id.
pub(crate) struct ShowRun {
    pub(crate) run: RunId,
}

impl Work<SocialAssistance> for ShowRun {
    type Output = RunView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<RunView, Failure> {
        RunView::of(&store::run(tx, self.run).await?.ok_or_else(problems::no_run)?)
    }
}

/// Runs of a month, or all.
pub(crate) struct ListRuns {
    pub(crate) month: Option<Month>,
    pub(crate) page: Page,
}

impl Work<SocialAssistance> for ListRuns {
    type Output = Paged<RunView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Paged<RunView>, Failure> {
        let (after, limit) = bounds(&self.page);
        let rows = store::runs(tx, self.month, after, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        Ok(Paged {
            items: items.iter().map(RunView::of).collect::<Result<_, _>>()?,
            next,
        })
    }
}

/// A line, with what it corrects and why it is what it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LineView {
    line: LineId,
    run: RunId,
    entitlement: EntitlementId,
    person: PersonId,
    month: Month,
    amount: Fen,
    kind: Kind,
    corrects: Vec<LineId>,
    causes: Vec<Cause>,
}

impl From<LineRow> for LineView {
    fn from(row: LineRow) -> Self {
        Self {
            line: row.id,
            run: row.run,
            entitlement: row.entitlement,
            person: row.person,
            month: row.month,
            amount: row.amount,
            kind: row.kind,
            corrects: row.corrects.0,
            causes: row.causes.0,
        }
    }
}

/// Lines, in the order in which they were written.
pub(crate) struct ListLines {
    pub(crate) filter: LineFilter,
    pub(crate) page: Page,
}

impl Work<SocialAssistance> for ListLines {
    type Output = Paged<LineView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Paged<LineView>, Failure> {
        let (after, limit) = bounds(&self.page);
        let rows = store::lines(tx, &self.filter, after, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        Ok(Paged {
            items: items.into_iter().map(LineView::from).collect(),
            next,
        })
    }
}
