//! The timeline of a person.

use crate::store::{self, StepRow};
use crate::timeline::{StepView, timeline};
use mz_contracts::events::StandardAdopted;
use mz_contracts::{Event as _, Insight};
use mz_http::{Caller, Page, Paged, Problem};
use mz_kernel::{EventId, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use std::collections::BTreeSet;

/// What happened to a person, as far as the caller may see it.
pub(crate) struct ShowTimeline {
    pub(crate) caller: Caller,
    pub(crate) person: PersonId,
    pub(crate) page: Page,
}

impl Work<Insight> for ShowTimeline {
    type Output = Paged<StepView>;
    type Error = Failure;

    /// A cause can be any other step, so the person's file is read as a whole: some ten steps a year.
    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Paged<StepView>, Failure> {
        let rows = seen(&self.caller, store::steps(tx, self.person).await?);
        let own: BTreeSet<EventId> = rows.iter().map(|row| row.event).collect();
        let elsewhere: Vec<EventId> = rows
            .iter()
            .filter_map(|row| row.causation)
            .filter(|cause| !own.contains(cause))
            .collect();
        let mut others = seen(&self.caller, store::events(tx, &elsewhere).await?);
        // Standards are law: whoever they are for may read them, wherever they were adopted.
        others.extend(store::events_of(tx, StandardAdopted::TYPE).await?);
        let mut steps = timeline(rows, &others);
        if let Some(after) = &self.page.after {
            let at = steps
                .iter()
                .position(|step| step.event.as_str() == after.as_str());
            let at =
                at.ok_or_else(|| Problem::invalid("after", "No step of this person ends a page here."))?;
            steps.drain(..=at);
        }
        steps.truncate(usize::from(self.page.limit) + 1);
        Ok(Paged::new(&self.page, steps, |step| step.event.to_string()))
    }
}

/// Leaves out what the caller may not see. The run and the batch of a county tell about persons of many townships:
/// their part about this person is seen by whoever may see something that is about this person alone.
fn seen(caller: &Caller, rows: Vec<StepRow>) -> Vec<StepRow> {
    let may_see = |row: &StepRow| caller.may_see(&row.division).is_ok();
    let knows_them = rows.iter().any(|row| row.whole && may_see(row));
    rows.into_iter()
        .filter(|row| may_see(row) || (!row.whole && knows_them))
        .collect()
}
