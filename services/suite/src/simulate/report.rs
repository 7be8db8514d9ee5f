//! What a simulation gave, beside what was printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mz_kernel::{Date, DivisionCode, Fen, Month};
use serde::Serialize;
use serde_json::Number;

use super::Proof;
use super::compare::{Comparison, Origin, Records, Verdict};
use super::office::{DivisionRow, IndicatorRow, Left, RunAnswer};
use crate::county::County;
use crate::scenario::Scenario;
use crate::simulate::Override;
use crate::table::{grouped, table, yuan};

/// What came out. Its JSON names are stable; money is in fen.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The county's code.
    pub county: DivisionCode,
    /// The county's name.
    pub county_name: String,
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
    /// Where the printed figures stand.
    pub document: String,
    /// What was set otherwise than in the policy, such as `tekun.standard.urban@2020-07=768.00`.
    pub what_if: Vec<String>,
    /// Each printed figure and ours.
    pub figures: Vec<Comparison>,
    /// What became of the money.
    pub proof: Proof,
    /// What the months' runs wrote.
    pub runs: Runs,
    /// What the same runs wrote when they were made again.
    pub repeated: Runs,
    /// How many events were put aside because a service could not apply them.
    pub parked: u64,
    /// How many events no other service was told of.
    pub unrelayed: u64,
    /// How many lines the runs wrote.
    pub lines: u64,
    /// How long it took, in whole seconds.
    pub seconds: u64,
    /// Whether everything came out as it had to: see [`Report::reached`].
    pub reached: bool,
}

/// What is known when the last step is done.
pub(super) struct Outcome {
    pub(super) indicators: BTreeMap<String, IndicatorRow>,
    pub(super) townships: BTreeMap<Date, Vec<DivisionRow>>,
    pub(super) proof: Proof,
    pub(super) runs: Runs,
    pub(super) repeated: Runs,
    pub(super) left: Left,
    pub(super) seconds: u64,
}

/// The sums of several runs. Taken back is money that later lines took from earlier ones, as the service states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Runs {
    /// How many.
    pub runs: u64,
    /// The lines that they wrote.
    pub lines: u64,
    /// All of it together.
    pub amount: Fen,
    /// For the months themselves.
    pub current: Fen,
    /// For earlier months, paid later.
    pub back_pay: Fen,
    /// For earlier months, taken back.
    pub take_back: Fen,
}

impl Runs {
    /// Counts a run in; none where the sums grow beyond what can be held.
    pub(super) fn count(&mut self, run: RunAnswer) -> Option<()> {
        let add = |sum: Fen, more| sum.checked_add(more).ok();
        *self = Self {
            runs: self.runs + 1,
            lines: self.lines.checked_add(run.lines)?,
            amount: add(self.amount, run.amount)?,
            current: add(self.current, run.current)?,
            back_pay: add(self.back_pay, run.back_pay)?,
            take_back: add(self.take_back, run.take_back)?,
        };
        Some(())
    }
}

impl Report {
    /// Compares.
    pub(super) fn new(
        (scenario, county, set): (&Scenario, &County, &[Override]),
        outcome: Outcome,
    ) -> Report {
        let Outcome {
            indicators,
            townships,
            proof,
            runs,
            repeated,
            left,
            seconds,
        } = outcome;
        let records = Records {
            set,
            indicators: &indicators,
            townships: &townships,
        };
        let rows = &scenario.figures.rows;
        let figures: Vec<_> = rows.iter().map(|figure| records.compare(figure)).collect();
        let at_fault = rows
            .iter()
            .zip(&figures)
            .any(|(figure, row)| row.verdict == Verdict::Differs && records.moved_by(figure).is_none());
        let reached = repeated.lines == 0
            && left.parked == 0
            && left.unrelayed == 0
            && proof.holds
            // Every fen that a run answered is in the proof.
            && proof.lined_fen == runs.amount
            && !at_fault;
        Report {
            scenario: scenario.name.clone(),
            county: county.code,
            county_name: county.name.clone(),
            from: scenario.figures.from,
            to: scenario.figures.to,
            document: scenario.figures.document.clone(),
            what_if: set.iter().map(Override::to_string).collect(),
            figures,
            proof,
            runs,
            repeated,
            parked: left.parked,
            unrelayed: left.unrelayed,
            lines: runs.lines,
            seconds,
            reached,
        }
    }

    /// Whether every figure that had to be reached is, the runs made again wrote no line, no event is parked or untold, and
    /// the proof holds.
    pub fn reached(&self) -> bool {
        self.reached
    }

    /// One JSON object.
    pub fn to_json(&self) -> serde_json::Value {
        // Plain data with text keys: writing it does not fail.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// A table for people, without an end of line; money in yuan.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{} ({}), {} to {}\nprinted in {}\n",
            self.county_name, self.county, self.from, self.to, self.document
        );
        for set in &self.what_if {
            // Writing into a String does not fail.
            let _ = writeln!(text, "what if {set}");
        }
        let head = ["id", "indicator", "ours", "published", "verdict"].map(str::to_owned);
        let mut rows = vec![head];
        rows.extend(self.figures.iter().map(cells));
        text.push('\n');
        text.push_str(&table(&rows, &[2, 3]));
        let Runs {
            runs,
            lines,
            amount,
            current,
            back_pay,
            take_back,
        } = self.runs;
        let _ = write!(
            text,
            "\n{runs} runs wrote {lines} lines, {} yuan: current {}, back-pay {}, taken back {}\n\
             run again, {} runs wrote {} lines\n{}\n\
             {} events parked, {} not relayed",
            yuan(amount),
            yuan(current),
            yuan(back_pay),
            yuan(take_back),
            self.repeated.runs,
            self.repeated.lines,
            self.proof,
            self.parked,
            self.unrelayed,
        );
        text
    }
}

fn cells(row: &Comparison) -> [String; 5] {
    let number = |number: &Number| number.as_i64().map_or_else(|| number.to_string(), grouped);
    let origin = match (&row.ours, row.origin) {
        (None, _) => "",
        (_, Origin::Entered) => "entered, ",
        (_, Origin::Derived) => "derived, ",
    };
    let verdict = match row.verdict {
        Verdict::Equal => "equal",
        Verdict::Differs => "DIFFERS",
        Verdict::Inconsistent => "inconsistent",
        Verdict::Absent => "absent",
    };
    let why = row
        .why
        .as_ref()
        .map_or_else(String::new, |why| format!(": {why}"));
    [
        row.id.clone(),
        row.indicator.clone(),
        row.ours.as_ref().map_or_else(|| "-".to_owned(), number),
        number(&row.published),
        format!("{origin}{verdict}{why}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The year as it has to come out.
    fn indicators(urban: i64, july: i64) -> BTreeMap<String, IndicatorRow> {
        let row = |id: &str, unit: &str, value: i64| {
            let kind = if id < "F000-018" { "parameter" } else { "flow" };
            let row = json!({ "unit": unit, "kind": kind, "value": value });
            (id.to_owned(), serde_json::from_value(row).unwrap())
        };
        BTreeMap::from([
            row("F000-014", "fen", 50_000),
            row("F000-015", "fen", 50_700),
            row("F000-016", "fen", 70_200),
            row("F000-017", "fen", july),
            row("F000-018", "person-times", 3_581),
            row("F000-019", "fen", 180_179_100),
            row("F000-020", "person-times", 2_269),
            row("F000-021", "fen", urban),
            row("F000-034", "persons", 18),
            row("F000-035", "persons", 23),
        ])
    }

    fn row(code: &str, kind: &str) -> DivisionRow {
        serde_json::from_value(json!({ "code": code, "kind": kind })).unwrap()
    }

    fn townships(towns: usize, townships: usize) -> Vec<DivisionRow> {
        let towns = (0..towns).map(|at| row(&format!("5133351{at:02}"), "镇"));
        let kept = (0..townships).map(|at| row(&format!("5133352{at:02}"), "乡"));
        towns.chain(kept).collect()
    }

    /// Everything is paid and nothing overpaid.
    fn proof(amount: Fen) -> Proof {
        let nothing = Fen::ZERO;
        Proof {
            through: Month::new(2020, 11).unwrap(),
            owed_fen: amount,
            lined_fen: amount,
            batched_fen: amount,
            held_fen: nothing,
            paid_fen: amount,
            returned_fen: nothing,
            pending_fen: nothing,
            recovery_raised_fen: nothing,
            offset_fen: nothing,
            repaid_fen: nothing,
            waived_fen: nothing,
            outstanding_fen: nothing,
            holds: true,
        }
    }

    fn report(urban: i64, set: &[&str], lines_again: u64, parked: u64) -> Report {
        let scenario = Scenario::find("batang-2020").unwrap();
        let set: Vec<Override> = set.iter().map(|text| text.parse().unwrap()).collect();
        let county = crate::county::what_if(County::find("batang").unwrap(), &set).unwrap();
        let amount = Fen::new(180_179_100 + urban);
        let runs = Runs {
            runs: 11,
            lines: 6_000,
            amount,
            current: amount,
            ..Runs::default()
        };
        let repeated = Runs {
            runs: 11,
            lines: lines_again,
            ..Runs::default()
        };
        let outcome = Outcome {
            indicators: indicators(urban, if set.is_empty() { 76_700 } else { 76_800 }),
            townships: BTreeMap::from([
                (Date::constant(2020, 6, 18), townships(3, 16)),
                (Date::constant(2020, 6, 19), townships(5, 12)),
            ]),
            runs,
            repeated,
            proof: proof(amount),
            left: Left { parked, unrelayed: 0 },
            seconds: 1,
        };
        Report::new((&scenario, &county, &set), outcome)
    }

    fn verdict(report: &Report, id: &str) -> Verdict {
        report.figures.iter().find(|row| row.id == id).unwrap().verdict
    }

    #[test]
    fn the_published_year_is_equal_but_for_what_cannot_be() {
        let report = report(165_861_800, &[], 0, 0);
        assert!(report.reached());
        let equal = (14..=18).chain(20..=21).chain(34..=42);
        for id in equal.map(|number| format!("F000-{number:03}")) {
            assert_eq!(verdict(&report, &id), Verdict::Equal, "{id}");
        }
        assert_eq!(verdict(&report, "F000-019"), Verdict::Inconsistent);
        let json = report.to_json();
        assert_eq!(
            json["figures"][20],
            json!({
                "id": "F000-021", "indicator": "tekun_urban_paid", "title": "城市特困发放资金",
                "period": "2020-01..2020-11", "published": 1_658_618, "ours": 1_658_618, "unit": "yuan",
                "origin": "derived", "verdict": "equal", "why": null,
            })
        );
        assert_eq!(json["figures"][36]["ours"], json!(10.5));
    }

    #[test]
    fn another_amount_is_a_fault_unless_it_was_set() {
        let fault = report(165_963_000, &[], 0, 0);
        assert_eq!(
            (verdict(&fault, "F000-021"), fault.reached()),
            (Verdict::Differs, false)
        );
        let what_if = report(165_963_000, &["tekun.urban@2020-07=768"], 0, 0);
        assert_eq!(
            (verdict(&what_if, "F000-021"), what_if.reached()),
            (Verdict::Differs, true)
        );
        assert_eq!(verdict(&what_if, "F000-017"), Verdict::Differs);
        let elsewhere = report(165_963_000, &["tekun.rural@2020-07=508"], 0, 0);
        assert!(!elsewhere.reached());
    }

    #[test]
    fn a_run_that_writes_again_and_a_parked_event_are_faults() {
        assert!(!report(165_861_800, &[], 1, 0).reached());
        assert!(!report(165_861_800, &[], 0, 1).reached());
    }

    #[test]
    fn people_read_an_aligned_table() {
        let text = report(165_861_800, &[], 0, 0).to_text();
        assert!(text.contains("1,658,618  derived, equal\n"), "{text}");
        assert!(text.contains("inconsistent: X2: 3,581"), "{text}");
        assert!(
            text.contains("run again, 11 runs wrote 0 lines\nthe proof through 2020-11 holds\n"),
            "{text}"
        );
        assert!(text.ends_with("0 events parked, 0 not relayed"), "{text}");
    }
}
