//! The console's first page.

use crate::store;
use mz_contracts::{Code, Insight};
use mz_http::Problem;
use mz_kernel::{CaseId, Date, DateSchema, DivisionCode, Fen, Month, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many months back the series begins: it has twelve.
const BEFORE: i32 = -11;
/// Cases shown as near their term.
const NEAR_DUE_MAX: usize = 10;

/// The month of the legal date in a division, and what is open there.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct OverviewView {
    /// Cases accepted in this month.
    accepted: i64,
    /// 人次 that the bank paid for in the batches of this month.
    person_times: i64,
    /// What it paid, in fen.
    paid: Fen,
    /// Cases that wait for a decision, by township; townships without one are left out.
    open: Vec<OpenView>,
    /// The last twelve months, the oldest first.
    series: Vec<MonthView>,
    /// What was paid, by programme.
    money: Vec<MoneyView>,
    /// The open cases whose term is nearest: overdue ones first, paused ones last.
    near_due: Vec<CaseView>,
}

/// Open cases of a township.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct OpenView {
    division: DivisionCode,
    cases: i64,
}

/// Cases of a month.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MonthOfCases")]
struct MonthView {
    month: Month,
    accepted: i64,
    /// Decided, whichever way.
    finished: i64,
}

/// Money of a programme.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MoneyOfProgramme")]
struct MoneyView {
    programme: Code,
    /// In fen.
    amount: Fen,
}

/// An open case, as social-assistance tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OpenCase")]
pub(crate) struct CaseView {
    case: CaseId,
    person: PersonId,
    programme: String,
    class: String,
    division: DivisionCode,
    stage: String,
    #[schemars(with = "DateSchema")]
    accepted_on: Date,
    /// The last day for a decision; none while the clock is paused.
    #[schemars(with = "Option<DateSchema>")]
    due: Option<Date>,
    /// None where there is no calendar for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockView>,
}

/// What the legal clock of a case shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ClockOfCase")]
struct ClockView {
    /// `running`, `paused` or `overdue`.
    state: String,
    /// Days left, in the unit of the term.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u32>,
    /// Days overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<u32>,
}

/// Puts the overview together.
pub(crate) struct ShowOverview {
    pub(crate) division: DivisionCode,
    /// The cases of the division that are not decided.
    pub(crate) open: Vec<CaseView>,
}

impl Work<Insight> for ShowOverview {
    type Output = OverviewView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<OverviewView, Failure> {
        let this = Month::of(tx.today());
        let months = (this.plus(BEFORE), this);
        let accepted = by_month(store::accepted(tx, months, self.division).await?);
        let decided = by_month(store::decided(tx, months, self.division).await?);
        let of = |cases: &BTreeMap<Month, i64>, month| cases.get(&month).copied().unwrap_or(0);
        let series = Month::range(months.0, this).map(|month| MonthView {
            month,
            accepted: of(&accepted, month),
            finished: of(&decided, month),
        });
        let money = store::paid(tx, this, self.division).await?;
        let paid = Fen::checked_sum(money.iter().map(|row| row.amount)).map_err(Problem::internal)?;
        let money = money.into_iter().map(|row| MoneyView {
            programme: row.programme,
            amount: row.amount,
        });
        Ok(OverviewView {
            accepted: of(&accepted, this),
            person_times: store::paid_person_times(tx, this, self.division).await?,
            paid,
            open: by_township(&self.open),
            series: series.collect(),
            money: money.collect(),
            near_due: nearest(self.open.clone()),
        })
    }
}

fn by_month(rows: Vec<store::CasesRow>) -> BTreeMap<Month, i64> {
    rows.into_iter().map(|row| (row.month, row.cases)).collect()
}

/// Cases of villages count with their township; cases of a county stay with it.
fn by_township(open: &[CaseView]) -> Vec<OpenView> {
    let mut by: BTreeMap<DivisionCode, i64> = BTreeMap::new();
    for case in open {
        let township = case.division.at(mz_kernel::Level::Township);
        *by.entry(township.unwrap_or(case.division)).or_default() += 1;
    }
    let views = by
        .into_iter()
        .map(|(division, cases)| OpenView { division, cases });
    views.collect()
}

fn nearest(mut open: Vec<CaseView>) -> Vec<CaseView> {
    open.sort_by_key(|case| (urgency(case), case.case));
    open.truncate(NEAR_DUE_MAX);
    open
}

/// The less, the more urgent: first how the clock stands, then its days.
fn urgency(case: &CaseView) -> (u8, i64) {
    let Some(clock) = &case.clock else {
        return (3, 0);
    };
    match (clock.state.as_str(), clock.left, clock.by) {
        ("overdue", _, by) => (0, -i64::from(by.unwrap_or(0))),
        ("running", left, _) => (1, i64::from(left.unwrap_or(0))),
        (_, left, _) => (2, i64::from(left.unwrap_or(0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn case(number: u32, division: &str, clock: &serde_json::Value) -> CaseView {
        serde_json::from_value(json!({
            "case": format!("case_01e5cg0000000000000000c{number:03}"), "person": "per_01e5cg0000000000000000p001",
            "programme": "tekun", "class": "rural", "mode": "dispersed", "division": division, "stage": "accepted",
            "accepted_on": "2020-03-02", "due": null, "clock": clock,
        }))
        .unwrap()
    }

    #[test]
    fn the_most_overdue_case_comes_first_and_a_paused_one_last() {
        let open = vec![
            case(
                1,
                "513335100",
                &json!({ "state": "paused", "reason": "verification", "left": 1 }),
            ),
            case(
                2,
                "513335100",
                &json!({ "state": "running", "due": "2020-04-20", "left": 9 }),
            ),
            case(
                3,
                "513335100",
                &json!({ "state": "running", "due": "2020-04-11", "left": 0 }),
            ),
            case(
                4,
                "513335100",
                &json!({ "state": "overdue", "due": "2020-04-01", "by": 2 }),
            ),
            case(
                5,
                "513335100",
                &json!({ "state": "overdue", "due": "2020-03-01", "by": 30 }),
            ),
        ];
        let order: Vec<usize> = nearest(open.clone())
            .iter()
            .map(|near| open.iter().position(|case| case == near).unwrap() + 1)
            .collect();
        assert_eq!(order, [5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_village_counts_with_its_township() {
        let clock = json!({ "state": "running", "left": 3 });
        let open =
            ["513335100", "513335100201", "513335101", "513335"].map(|division| case(1, division, &clock));
        let open: Vec<_> = by_township(&open)
            .into_iter()
            .map(|row| (row.division.to_string(), row.cases))
            .collect();
        let expected = [("513335", 1), ("513335100", 2), ("513335101", 1)];
        assert_eq!(
            open,
            expected.map(|(division, cases)| (division.to_owned(), cases))
        );
    }
}
