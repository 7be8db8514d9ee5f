//! Settle the next units of an open run: their lines, the events that tell of them, and how far the run has come, in
//! one transaction. A run that is interrupted goes on where it was, by what it knew at its start.

use crate::facts::facts;
use crate::problems;
use crate::store::{self, EntitlementRow, LineRow, RunRow};
use crate::tekun::{self, Kind, PROGRAMME};
use mz_casework::{NewLine, Run};
use mz_contracts::events::{LineItem, LinesComputed};
use mz_contracts::{Code, SocialAssistance};
use mz_http::Problem;
use mz_kernel::{FenError, LineId, RunId};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};
use std::sync::Arc;

/// Units settled in one transaction at most: it bounds the memory, and how long others wait for the database.
const UNITS_MAX: i64 = 500;

pub(crate) struct SettlePart {
    pub(crate) policy: Arc<Policy>,
    pub(crate) run: RunId,
    pub(crate) origin: Origin,
}

impl Work<SocialAssistance> for SettlePart {
    /// The run, as it stands after this part.
    type Output = RunRow;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<RunRow, Failure> {
        let mut run = store::run(tx, self.run).await?.ok_or_else(problems::no_run)?;
        if !run.open {
            return Ok(run);
        }
        let to = (run.settled_to.as_str(), run.known_at);
        let units = store::entitlements_after(tx, PROGRAMME, to, UNITS_MAX).await?;
        if let Some(last) = units.last() {
            let lines = self.settle(tx, &run, &units).await?;
            run.settled_to = last.id.to_string();
            self.tell(tx, &mut run, &lines)?;
            for (_, line) in &lines {
                run.count(line).map_err(Problem::internal)?;
            }
            store::insert_lines(tx, &lines).await?;
        }
        run.open = i64::try_from(units.len()).is_ok_and(|units| units == UNITS_MAX);
        store::save_run(tx, &run).await?;
        Ok(run)
    }
}

impl SettlePart {
    async fn settle<'u>(
        &self,
        tx: &mut Tx<SocialAssistance>,
        run: &RunRow,
        units: &'u [EntitlementRow],
    ) -> Result<Vec<(&'u EntitlementRow, LineRow)>, Failure> {
        let standards = store::adopted(tx).await?;
        let facts = facts(tx, &self.policy, units).await?;
        let lined = store::lined(tx, units.iter().map(|unit| unit.id), run.since).await?;
        let window = Run {
            since: run.since,
            month: run.month,
            known_at: run.known_at,
        };
        let mut lines = Vec::with_capacity(units.len());
        for (unit, facts) in units.iter().zip(&facts) {
            let lined = lined.get(&unit.id).map_or(&[][..], Vec::as_slice);
            let new = tekun::lines(facts, &standards, window, lined).map_err(problems::settling)?;
            lines.extend(
                new.into_iter()
                    .map(|line| (unit, row(tx.new_id(), run.id, unit, line))),
            );
        }
        Ok(lines)
    }

    /// One event for up to so many lines: volumes travel in parts, never as one message a line.
    fn tell(
        &self,
        tx: &mut Tx<SocialAssistance>,
        run: &mut RunRow,
        lines: &[(&EntitlementRow, LineRow)],
    ) -> Result<(), Failure> {
        for part in lines.chunks(LinesComputed::LINES_MAX) {
            run.parts += 1;
            let event = LinesComputed {
                run: run.id,
                chunk: u32::try_from(run.parts).unwrap_or(u32::MAX),
                month: run.month,
                programme: Code::of(PROGRAMME),
                division: run.division,
                known_at: run.known_at,
                lines: part.iter().map(|(_, line)| item(line)).collect(),
            };
            tx.emit(&self.origin, &event)?;
        }
        Ok(())
    }
}

impl RunRow {
    fn count(&mut self, line: &LineRow) -> Result<(), FenError> {
        self.lines += 1;
        let sum = match line.kind {
            Kind::Current => &mut self.current,
            Kind::BackPay => &mut self.back_pay,
            Kind::TakeBack => &mut self.take_back,
        };
        *sum = sum.checked_add(line.amount)?;
        Ok(())
    }
}

fn row(id: LineId, run: RunId, unit: &EntitlementRow, line: NewLine) -> LineRow {
    LineRow {
        id,
        run,
        entitlement: unit.id,
        person: unit.person,
        month: line.month,
        // It corrects every line that there is of the month. A second run that read the same lines would give the same
        // number, and the table takes each number once.
        n: i64::try_from(line.corrects.len())
            .unwrap_or(i64::MAX)
            .saturating_add(1),
        amount: line.amount,
        kind: line.kind.into(),
        corrects: Json(line.corrects),
        causes: Json(line.causes),
    }
}

fn item(line: &LineRow) -> LineItem {
    LineItem {
        line: line.id,
        entitlement: line.entitlement,
        person: line.person,
        month: line.month,
        amount: line.amount,
        kind: line.kind.into(),
        corrects: line.corrects.0.clone(),
    }
}
