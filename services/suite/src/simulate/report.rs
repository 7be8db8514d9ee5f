//! What a simulation gave, beside what was printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mz_kernel::{DivisionCode, Fen, Month};
use serde::Serialize;

use super::office::{FiguresAnswer, RunAnswer};
use super::table::{grouped, table, yuan};
use crate::county::County;
use crate::scenario::{Class, Figure, Judged, Measure, Scenario};
use crate::simulate::Override;

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
    /// The figures that came out.
    pub classes: Vec<ClassRow>,
    /// Each printed figure and ours.
    pub comparisons: Vec<Comparison>,
    /// What the months' runs wrote.
    pub runs: Runs,
    /// What the same runs wrote when they were made again.
    pub repeated: Runs,
    /// How many events were put aside because a service could not apply them.
    pub parked: u64,
    /// Whether everything came out as it had to: see [`Report::reached`].
    pub reached: bool,
}

/// The figures of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassRow {
    /// The class.
    pub class: Class,
    /// Months of a person for which something is paid in the end.
    pub person_times: i64,
    /// What is paid in the end.
    pub amount: Fen,
}

/// A printed figure and ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The class.
    pub class: Class,
    /// What is counted.
    pub measure: Measure,
    /// Ours: person-times, or fen.
    pub ours: i64,
    /// The printed one, in the same unit.
    pub printed: i64,
    /// What we say about it.
    pub judgement: Judgement,
    /// Why no year gives the printed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How ours stands to the printed figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// They are the same.
    Reached,
    /// They had to be the same and are not: a fault of the suite or of the scenario.
    NotReached,
    /// They differ, and no year gives the printed one.
    NotThePrinted,
    /// They differ, and the standard of the class was set otherwise.
    WhatIf,
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
    /// Compares; none where a sum grows beyond what can be held.
    pub(super) fn new(
        (scenario, county, set): (&Scenario, &County, &[Override]),
        answer: &FiguresAnswer,
        (runs, repeated, parked): (Runs, Runs, u64),
    ) -> Option<Report> {
        let classes = by_class(answer)?;
        let figures = scenario.figures.rows.iter();
        let comparisons: Vec<_> = figures
            .map(|figure| compare(figure, &classes, set))
            .collect::<Option<_>>()?;
        let paid = Fen::checked_sum(classes.iter().map(|row| row.amount)).ok()?;
        // Where the figures are about all months that were run, every fen of a line is in one of them.
        let whole = scenario.figures.from == scenario.from && scenario.figures.to == scenario.to;
        let reached = repeated.lines == 0
            && parked == 0
            && (!whole || paid == runs.amount)
            && comparisons
                .iter()
                .all(|row| row.judgement != Judgement::NotReached);
        Some(Report {
            scenario: scenario.name.clone(),
            county: county.code,
            county_name: county.name.clone(),
            from: scenario.figures.from,
            to: scenario.figures.to,
            document: scenario.figures.document.clone(),
            what_if: set.iter().map(Override::to_string).collect(),
            classes,
            comparisons,
            runs,
            repeated,
            parked,
            reached,
        })
    }

    /// Whether every figure that had to be reached is, the runs made again wrote no line, no event is parked, and the
    /// lines of the runs add up to the figures.
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
            "{} ({}), tekun 特困, {} to {}\nprinted in {}\n",
            self.county_name, self.county, self.from, self.to, self.document
        );
        for set in &self.what_if {
            // Writing into a String does not fail.
            let _ = writeln!(text, "what if {set}");
        }
        let head = ["class", "figure", "ours", "printed", "comparison"].map(str::to_owned);
        let mut rows = vec![head];
        rows.extend(self.comparisons.iter().map(Comparison::cells));
        text.push('\n');
        text.push_str(&table(&rows));
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
             run again, {} runs wrote {} lines",
            yuan(amount),
            yuan(current),
            yuan(back_pay),
            yuan(take_back),
            self.repeated.runs,
            self.repeated.lines,
        );
        if self.parked > 0 {
            let _ = write!(
                text,
                "\n{} events could not be applied and are parked",
                self.parked
            );
        }
        text
    }
}

impl Comparison {
    fn cells(&self) -> [String; 5] {
        let number = |value| match self.measure {
            Measure::PersonTimes => grouped(value),
            Measure::Money => yuan(Fen::new(value)),
        };
        let class = match self.class {
            Class::Rural => "rural",
            Class::Urban => "urban",
        };
        let figure = match self.measure {
            Measure::PersonTimes => "person-times",
            Measure::Money => "money, yuan",
        };
        let judgement = match (self.judgement, &self.reason) {
            (Judgement::Reached, _) => "reached".to_owned(),
            (Judgement::NotReached, _) => "NOT REACHED".to_owned(),
            (Judgement::WhatIf, _) => "what-if".to_owned(),
            (Judgement::NotThePrinted, reason) => {
                format!("not the printed one: {}", reason.as_deref().unwrap_or_default())
            }
        };
        [
            class.to_owned(),
            figure.to_owned(),
            number(self.ours),
            number(self.printed),
            judgement,
        ]
    }
}

fn by_class(answer: &FiguresAnswer) -> Option<Vec<ClassRow>> {
    let mut classes = BTreeMap::<Class, (i64, Fen)>::new();
    for row in &answer.rows {
        let (person_times, amount) = classes.entry(row.class).or_default();
        *person_times = person_times.checked_add(row.person_times)?;
        *amount = amount.checked_add(row.amount).ok()?;
    }
    let row = |(class, (person_times, amount))| ClassRow {
        class,
        person_times,
        amount,
    };
    Some(classes.into_iter().map(row).collect())
}

fn compare(figure: &Figure, classes: &[ClassRow], set: &[Override]) -> Option<Comparison> {
    let row = classes.iter().find(|row| row.class == figure.class);
    let ours = row.map_or(0, |row| match figure.measure {
        Measure::PersonTimes => row.person_times,
        Measure::Money => row.amount.get(),
    });
    let printed = figure.value()?;
    let changed = set.iter().any(|row| row.key == figure.class.standard_key());
    let judgement = match figure.judged {
        _ if ours == printed => Judgement::Reached,
        Judged::NotReachable => Judgement::NotThePrinted,
        // Another standard moves the money of its class, and nothing else.
        Judged::Exact if figure.measure == Measure::Money && changed => Judgement::WhatIf,
        Judged::Exact => Judgement::NotReached,
    };
    let reason = figure
        .reason
        .clone()
        .filter(|_| judgement == Judgement::NotThePrinted);
    let (class, measure) = (figure.class, figure.measure);
    Some(Comparison {
        class,
        measure,
        ours,
        printed,
        judgement,
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The year as it has to come out; urban persons have both modes.
    fn figures(urban: i64) -> FiguresAnswer {
        let rows = json!({ "rows": [
            { "class": "rural", "mode": "dispersed", "person_times": 3_581, "persons": 341, "amount": 180_179_100 },
            { "class": "urban", "mode": "centralised", "person_times": 1_000, "persons": 100, "amount": 70_000_000 },
            { "class": "urban", "mode": "dispersed", "person_times": 1_269, "persons": 119, "amount": urban - 70_000_000 },
        ] });
        serde_json::from_value(rows).unwrap()
    }

    fn report(urban: i64, set: &[&str], lines_again: u64) -> Report {
        let (scenario, county) = (
            Scenario::find("batang-2020").unwrap(),
            County::find("batang").unwrap(),
        );
        let set: Vec<Override> = set.iter().map(|text| text.parse().unwrap()).collect();
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
        Report::new((&scenario, &county, &set), &figures(urban), (runs, repeated, 0)).unwrap()
    }

    fn judgements(report: &Report) -> Vec<Judgement> {
        report.comparisons.iter().map(|row| row.judgement).collect()
    }

    #[test]
    fn the_printed_year_is_reached_but_for_what_cannot_be() {
        use Judgement::{NotThePrinted, Reached};
        let report = report(165_861_800, &[], 0);
        assert!(report.reached());
        assert_eq!(judgements(&report), [Reached, Reached, Reached, NotThePrinted]);
        let json = report.to_json();
        assert_eq!(
            json["classes"][1],
            json!({ "class": "urban", "person_times": 2_269, "amount": 165_861_800 })
        );
        assert_eq!(json["comparisons"][3]["judgement"], "not-the-printed");
        assert_eq!(json["reached"], true);
    }

    #[test]
    fn another_amount_is_a_fault_unless_it_was_set() {
        let fault = report(165_963_000, &[], 0);
        assert_eq!(
            (judgements(&fault)[1], fault.reached()),
            (Judgement::NotReached, false)
        );
        let what_if = report(165_963_000, &["tekun.urban@2020-07=768"], 0);
        assert_eq!(
            (judgements(&what_if)[1], what_if.reached()),
            (Judgement::WhatIf, true)
        );
        assert_eq!(
            what_if.to_json()["what_if"],
            json!(["tekun.standard.urban@2020-07=768.00"])
        );
        let elsewhere = report(165_963_000, &["tekun.rural@2020-07=508"], 0);
        assert_eq!(judgements(&elsewhere)[1], Judgement::NotReached);
    }

    #[test]
    fn a_run_that_writes_again_a_parked_event_and_lines_that_are_in_no_figure_are_faults() {
        assert!(!report(165_861_800, &[], 1).reached());
        let (scenario, county) = (
            Scenario::find("batang-2020").unwrap(),
            County::find("batang").unwrap(),
        );
        let reached = |fen, parked| {
            let runs = Runs {
                amount: Fen::new(fen),
                ..Runs::default()
            };
            let told = (runs, Runs::default(), parked);
            let report = Report::new((&scenario, &county, &[]), &figures(165_861_800), told);
            report.unwrap().reached()
        };
        assert!(reached(346_040_900, 0));
        assert!(!reached(346_040_901, 0));
        assert!(!reached(346_040_900, 1));
    }

    #[test]
    fn people_read_an_aligned_table_in_yuan() {
        let text = report(165_861_800, &[], 0).to_text();
        assert!(
            text.contains("urban  person-times         2,269         2,269  reached\n"),
            "{text}"
        );
        assert!(
            text.contains("urban  money, yuan   1,658,618.00  1,658,618.00  reached\n"),
            "{text}"
        );
        assert!(
            text.contains("rural  money, yuan   1,801,791.00  1,697,629.00  not the printed one: 3,581"),
            "{text}"
        );
        assert!(text.ends_with("run again, 11 runs wrote 0 lines"), "{text}");
    }
}
