//! What can be read.

use crate::ids::{StandardId, StopId};
use crate::problems;
use crate::store::{
    self, CaseRow, EntitlementRow, FigureRow, LineFilter, LineRow, RunRow, StandardRow, StopRow,
};
use crate::tekun::{self, Class, Mode, PROGRAMME};
use mz_casework::{Cause, Stage, TimeLeft};
use mz_contracts::{Code, SocialAssistance};
use mz_http::{Caller, Page, Paged};
use mz_kernel::{
    Calendar, CaseId, Date, DivisionCode, EntitlementId, Fen, LineId, Month, PersonId, RunId, Stamp,
};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use serde::Serialize;
use std::sync::Arc;

/// A case, with the time that is left.
#[derive(Debug, Serialize)]
pub(crate) struct CaseView {
    case: CaseId,
    programme: String,
    person: PersonId,
    class: Class,
    mode: Mode,
    division: DivisionCode,
    accepted_on: Date,
    stage: &'static str,
    detail: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<TimeLeft>,
}

impl CaseView {
    fn of(row: CaseRow, calendar: &Calendar, today: Date) -> Result<Self, Failure> {
        let open = matches!(row.stage.0, Stage::Accepted | Stage::Proposed(_));
        let clock = if open {
            Some(row.clock.0.left(calendar, today)?)
        } else {
            None
        };
        Ok(Self {
            case: row.id,
            programme: row.programme,
            person: row.person,
            class: row.class,
            mode: row.mode,
            division: row.division,
            accepted_on: row.accepted_on,
            stage: store::state(&row.stage.0),
            detail: row.stage.0,
            due: row.due,
            clock,
        })
    }
}

/// A case by id.
pub(crate) struct ShowCase {
    pub(crate) caller: Caller,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) case: CaseId,
}

impl Work<SocialAssistance> for ShowCase {
    type Output = CaseView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<CaseView, Failure> {
        let case = store::case(tx, self.case).await?.ok_or_else(problems::no_case)?;
        self.caller.may_see(&case.division)?;
        CaseView::of(case, &self.calendar, tx.today())
    }
}

/// Cases of a state within a division.
pub(crate) struct ListCases {
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) state: String,
    pub(crate) division: DivisionCode,
    pub(crate) page: Page,
}

impl Work<SocialAssistance> for ListCases {
    type Output = Paged<CaseView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Paged<CaseView>, Failure> {
        let (after, limit) = bounds(&self.page);
        let rows = store::cases(tx, after, &self.state, self.division.as_str(), limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let today = tx.today();
        let items = items
            .into_iter()
            .map(|row| CaseView::of(row, &self.calendar, today));
        Ok(Paged {
            items: items.collect::<Result<_, _>>()?,
            next,
        })
    }
}

/// Where a page begins, and one more row than it has: to see whether there is a next one.
fn bounds(page: &Page) -> (&str, i64) {
    (
        page.after.as_deref().unwrap_or_default(),
        i64::from(page.limit) + 1,
    )
}

/// An entitlement, with what ends it.
#[derive(Debug, Serialize)]
pub(crate) struct EntitlementView {
    entitlement: EntitlementId,
    case: CaseId,
    programme: String,
    person: PersonId,
    class: Class,
    mode: Mode,
    division: DivisionCode,
    from: Month,
    /// The first month not owed, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Month>,
    stops: Vec<StopView>,
}

/// A stop.
#[derive(Debug, Serialize)]
struct StopView {
    stop: StopId,
    from: Month,
    reason: Code,
    state: &'static str,
}

impl From<StopRow> for StopView {
    fn from(row: StopRow) -> Self {
        let state = match (row.pending, row.recorded_at) {
            (true, _) => "proposed",
            (false, Some(_)) => "agreed",
            (false, None) => "refused",
        };
        Self {
            stop: row.id,
            from: row.from,
            reason: row.reason,
            state,
        }
    }
}

/// Which entitlements are asked for.
pub(crate) enum Which {
    One(EntitlementId),
    Of(PersonId),
}

/// Entitlements; those of other divisions than the caller's are left out.
pub(crate) struct ShowEntitlements {
    pub(crate) caller: Caller,
    pub(crate) policy: Arc<Policy>,
    pub(crate) which: Which,
}

impl Work<SocialAssistance> for ShowEntitlements {
    type Output = Vec<EntitlementView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Vec<EntitlementView>, Failure> {
        let rows = match self.which {
            Which::One(id) => {
                let row = store::entitlement(tx, id)
                    .await?
                    .ok_or_else(problems::no_entitlement)?;
                self.caller.may_see(&row.division)?;
                vec![row]
            }
            Which::Of(person) => store::entitlements_of(tx, person).await?,
        };
        let rows: Vec<EntitlementRow> = rows
            .into_iter()
            .filter(|row| self.caller.may_see(&row.division).is_ok())
            .collect();
        let ids: Vec<EntitlementId> = rows.iter().map(|row| row.id).collect();
        let stops = store::stops(tx, &ids).await?;
        let facts = store::facts(tx, &rows).await?;
        let now = tx.now();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let mut until: Option<Month> = None;
            if let Some(facts) = facts.get(&row.id) {
                let mut ends: Vec<Month> = facts.stops.iter().map(|stop| stop.from).collect();
                for death in facts.deaths.iter().filter(|death| death.holds(now)) {
                    ends.push(tekun::first_unowed(&self.policy, &row.division, death.died_on)?);
                }
                until = ends.into_iter().min();
            }
            let own = stops.iter().filter(|stop| stop.entitlement == row.id).cloned();
            views.push(EntitlementView {
                entitlement: row.id,
                case: row.case,
                programme: row.programme,
                person: row.person,
                class: row.class,
                mode: row.mode,
                division: row.division,
                from: row.from,
                until,
                stops: own.map(StopView::from).collect(),
            });
        }
        Ok(views)
    }
}

/// A standard.
#[derive(Debug, Serialize)]
pub(crate) struct StandardView {
    standard: StandardId,
    key: String,
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
    pub(crate) key: String,
}

impl Work<SocialAssistance> for ListStandards {
    type Output = Vec<StandardView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Vec<StandardView>, Failure> {
        Ok(store::standard_rows(tx, &self.key)
            .await?
            .into_iter()
            .map(StandardView::from)
            .collect())
    }
}

/// What adopting a standard would change, as the next run of this month would find it.
#[derive(Debug, Default, Serialize)]
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
        let (now, month) = (tx.now(), Month::of(tx.today()));
        let before = store::adopted(tx).await?;
        let mut after = before.clone();
        after.record(&row.key, row.division, store::fact(&row, now));
        let since = tekun::window_start(&self.policy, &self.area, month)?.max(row.from);
        let mut preview = Preview::default();
        let mut cursor = String::new();
        loop {
            let units = store::entitlements_after(tx, PROGRAMME, &cursor, now, UNITS_MAX).await?;
            let Some(last) = units.last() else {
                return Ok(preview);
            };
            cursor = last.id.to_string();
            for facts in store::facts(tx, &units).await?.values() {
                let mut differs = false;
                for of in Month::range(since.max(facts.from), month) {
                    let old = tekun::owed(facts, &before, &self.policy, of, now)
                        .map_or(Fen::ZERO, |owed| owed.amount);
                    let new = tekun::owed(facts, &after, &self.policy, of, now)?.amount;
                    let change = new.checked_sub(old).map_err(mz_http::Problem::internal)?;
                    if !change.is_zero() {
                        differs = true;
                        preview.add(change, of == month)?;
                    }
                }
                preview.entitlements += u64::from(differs);
            }
        }
    }
}

impl Preview {
    fn add(&mut self, change: Fen, this_month: bool) -> Result<(), Failure> {
        self.months += 1;
        let sum = if this_month {
            &mut self.this_month
        } else if change > Fen::ZERO {
            &mut self.back_pay
        } else {
            &mut self.take_back
        };
        *sum = sum.checked_add(change).map_err(mz_http::Problem::internal)?;
        Ok(())
    }
}

/// A run.
#[derive(Debug, Serialize)]
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
            amount: amount.map_err(mz_http::Problem::internal)?,
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
    pub(crate) month: String,
    pub(crate) page: Page,
}

impl Work<SocialAssistance> for ListRuns {
    type Output = Paged<RunView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Paged<RunView>, Failure> {
        let (after, limit) = bounds(&self.page);
        let rows = store::runs(tx, &self.month, after, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        Ok(Paged {
            items: items.iter().map(RunView::of).collect::<Result<_, _>>()?,
            next,
        })
    }
}

/// A line, with what it corrects and why it is what it is.
#[derive(Debug, Serialize)]
pub(crate) struct LineView {
    line: LineId,
    run: RunId,
    entitlement: EntitlementId,
    person: PersonId,
    month: Month,
    amount: Fen,
    kind: String,
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

/// Person-times 人次 and money of a stretch of months.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    from: Month,
    to: Month,
    rows: Vec<FigureView>,
    totals: Vec<TotalView>,
}

#[derive(Debug, Serialize)]
struct FigureView {
    class: Class,
    mode: Mode,
    person_times: i64,
    persons: i64,
    amount: Fen,
}

#[derive(Debug, Serialize)]
struct TotalView {
    class: Class,
    person_times: i64,
    amount: Fen,
}

/// Computes [`Figures`] from the lines.
pub(crate) struct ShowFigures {
    pub(crate) from: Month,
    pub(crate) to: Month,
    pub(crate) division: DivisionCode,
}

impl Work<SocialAssistance> for ShowFigures {
    type Output = Figures;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Figures, Failure> {
        let rows = store::figures(tx, PROGRAMME, (self.from, self.to), self.division.as_str()).await?;
        let mut totals = Vec::new();
        for class in [Class::Rural, Class::Urban] {
            let own = || rows.iter().filter(|row| row.class == class);
            let amount = Fen::checked_sum(own().map(|row| row.amount)).map_err(mz_http::Problem::internal)?;
            totals.push(TotalView {
                class,
                person_times: own().map(|row| row.person_times).sum(),
                amount,
            });
        }
        let rows = rows.into_iter().map(
            |FigureRow {
                 class,
                 mode,
                 person_times,
                 persons,
                 amount,
             }| FigureView {
                class,
                mode,
                person_times,
                persons,
                amount,
            },
        );
        Ok(Figures {
            from: self.from,
            to: self.to,
            rows: rows.collect(),
            totals,
        })
    }
}
