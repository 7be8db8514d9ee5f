//! Cases.

use super::bounds;
use crate::problems;
use crate::store::{self, CaseRow};
use crate::tekun::{Class, Mode};
use crate::words::State;
use mz_casework::{Pause, Stage, TimeLeft};
use mz_contracts::SocialAssistance;
use mz_http::{Caller, Page, Paged};
use mz_kernel::{Calendar, CaseId, Date, DateSchema, DivisionCode, Month, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A case, with the time that is left.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CaseView {
    case: CaseId,
    programme: String,
    person: PersonId,
    class: Class,
    mode: Mode,
    division: DivisionCode,
    #[schemars(with = "DateSchema")]
    accepted_on: Date,
    stage: State,
    /// Who did what, when and why.
    detail: Stage,
    /// The last day for a decision; none while the clock is paused.
    #[schemars(with = "Option<DateSchema>")]
    due: Option<Date>,
    /// Of a case that is open, where there is a calendar for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<TimeLeft>,
    pauses: Vec<Pause>,
    /// The first month that a grant would pay, where the proposal names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Month>,
}

impl CaseView {
    fn of(row: CaseRow, calendar: &Calendar, today: Date) -> Self {
        let is_open = !row.stage.0.is_final();
        let clock = is_open.then(|| row.clock.0.left(calendar, today).ok()).flatten();
        Self {
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
            pauses: row.clock.0.pauses().to_vec(),
            from: row.first_month,
        }
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
        Ok(CaseView::of(case, &self.calendar, tx.today()))
    }
}

/// Cases of a state within a division.
pub(crate) struct ListCases {
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) state: Option<State>,
    pub(crate) division: DivisionCode,
    pub(crate) page: Page,
}

impl Work<SocialAssistance> for ListCases {
    type Output = Paged<CaseView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Paged<CaseView>, Failure> {
        let (after, limit) = bounds(&self.page);
        let rows = store::cases(tx, after, self.state, self.division, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let today = tx.today();
        let items = items
            .into_iter()
            .map(|row| CaseView::of(row, &self.calendar, today));
        Ok(Paged {
            items: items.collect(),
            next,
        })
    }
}
