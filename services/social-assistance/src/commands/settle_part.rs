//! Settle the next units of an open run: their lines, the events that tell of them, and how far the run has come, in
//! one transaction. A run that is interrupted goes on where it was, by what it knew at its start.

use crate::problems;
use crate::store::{self, EntitlementRow, LineRow, RunRow};
use crate::tekun::{self, Facts, PROGRAMME, Standards};
use mz_casework::{LineKind, Lined, NewLine, Run, settle};
use mz_contracts::events::{self, LineItem, LinesComputed};
use mz_contracts::{Code, SocialAssistance};
use mz_kernel::{EntitlementId, Fen, FenError, LineId, Month, RunId};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Units settled in one transaction at most.
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
        let units = store::entitlements_after(tx, PROGRAMME, &run.after, run.known_at, UNITS_MAX).await?;
        match units.last() {
            None => run.open = false,
            Some(last) => {
                run.after = last.id.to_string();
                let lines = self.settle(tx, &run, &units).await?;
                self.tell(tx, &mut run, &lines)?;
                count(&mut run, &lines).map_err(mz_http::Problem::internal)?;
                store::insert_lines(tx, &lines).await?;
            }
        }
        store::save_run(tx, &run).await?;
        run.version += 1;
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
        let ids: Vec<EntitlementId> = units.iter().map(|unit| unit.id).collect();
        let since = tekun::window_start(&self.policy, &run.division, run.month)?;
        let standards = store::adopted(tx).await?;
        let facts = store::facts(tx, units).await?;
        let lined = store::lined(tx, &ids, since).await?;
        let mut lines = Vec::new();
        for unit in units {
            let Some(facts) = facts.get(&unit.id) else {
                continue;
            };
            let lined = lined.get(&unit.id).map_or(&[][..], Vec::as_slice);
            let new = self.settle_unit(run, since, facts, &standards, lined)?;
            let mut counted = Counted::of(lined);
            for line in new {
                lines.push((
                    unit,
                    row(tx.new_id(), run.id, unit, counted.next(line.month), line),
                ));
            }
        }
        Ok(lines)
    }

    fn settle_unit(
        &self,
        run: &RunRow,
        since: Month,
        facts: &Facts,
        standards: &Standards,
        lined: &[Lined],
    ) -> Result<Vec<NewLine>, Failure> {
        let since = since.max(facts.from);
        if since > run.month {
            return Ok(Vec::new());
        }
        let window = Run {
            since,
            month: run.month,
            known_at: run.known_at,
        };
        let owed = |month, known_at| tekun::owed(facts, standards, &self.policy, month, known_at);
        settle(window, lined, owed).map_err(problems::settling)
    }

    /// One event for up to so many lines: volumes travel in parts, never as one message a line.
    fn tell(
        &self,
        tx: &mut Tx<SocialAssistance>,
        run: &mut RunRow,
        lines: &[(&EntitlementRow, LineRow)],
    ) -> Result<(), Failure> {
        for part in lines.chunks(LinesComputed::LINES_MAX) {
            run.chunks += 1;
            let event = LinesComputed {
                run: run.id,
                chunk: u32::try_from(run.chunks).unwrap_or(u32::MAX),
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

/// How many lines a unit has for each month.
struct Counted(BTreeMap<Month, i64>);

impl Counted {
    fn of(lined: &[Lined]) -> Self {
        let mut counted = Self(BTreeMap::new());
        for line in lined {
            counted.next(line.month);
        }
        counted
    }

    fn next(&mut self, month: Month) -> i64 {
        let n = self.0.entry(month).or_default();
        *n += 1;
        *n
    }
}

fn row(id: LineId, run: RunId, unit: &EntitlementRow, n: i64, line: NewLine) -> LineRow {
    let kind = match line.kind {
        LineKind::Current => "current",
        LineKind::BackPay => "back-pay",
        LineKind::TakeBack => "take-back",
    };
    LineRow {
        id,
        run,
        entitlement: unit.id,
        person: unit.person,
        month: line.month,
        n,
        amount: line.amount,
        kind: kind.to_owned(),
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
        kind: match line.kind.as_str() {
            "back-pay" => events::LineKind::BackPay,
            "take-back" => events::LineKind::TakeBack,
            _ => events::LineKind::Current,
        },
        corrects: line.corrects.0.clone(),
    }
}

fn count(run: &mut RunRow, lines: &[(&EntitlementRow, LineRow)]) -> Result<(), FenError> {
    for (_, line) in lines {
        run.lines += 1;
        let sum: &mut Fen = match line.kind.as_str() {
            "back-pay" => &mut run.back_pay,
            "take-back" => &mut run.take_back,
            _ => &mut run.current,
        };
        *sum = sum.checked_add(line.amount)?;
    }
    Ok(())
}
