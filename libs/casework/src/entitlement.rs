//! Owed minus lined: how a month's run turns dated facts into lines, without any programme in it.
//!
//! What a unit (a person or a household) is owed under a programme for a month is a function of the facts
//! known at an instant. A run asks that function for every month in its window and writes a signed line for
//! the difference to what was lined before. The first payment, the back-pay after a raised standard, the
//! take-back after a late death and the corrected income are this one rule; a run that changes nothing
//! writes nothing.

use std::collections::BTreeMap;

use mz_kernel::{Fen, FenError, LineId, Month, Stamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cause::Cause;

/// One execution for a month: everything from `since` to `month` is settled as known at `known_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first month that is settled again.
    pub since: Month,
    /// The run's month, the last of its window.
    pub month: Month,
    /// Facts recorded later are left to a later run.
    pub known_at: Stamp,
}

/// What a unit is owed for a month, and by which facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The amount; never negative.
    pub amount: Fen,
    /// The facts that it follows from.
    pub causes: Vec<Cause>,
}

/// A line that was written before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lined {
    /// The line.
    pub id: LineId,
    /// The month that it is about.
    pub month: Month,
    /// Its signed amount.
    pub amount: Fen,
}

/// A line to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The month that it is about.
    pub month: Month,
    /// What is owed minus what was lined; not nothing.
    pub amount: Fen,
    /// How it reads on a ledger.
    pub kind: LineKind,
    /// The earlier lines of the month, which it corrects, in the order of their ids.
    pub corrects: Vec<LineId>,
    /// The facts that what is now owed follows from.
    pub causes: Vec<Cause>,
}

/// How a line reads on a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// For the run's own month 当月.
    Current,
    /// For an earlier month 补发.
    BackPay,
    /// Less than was lined before 追回, whatever the month.
    TakeBack,
}

/// Why a unit cannot be settled. Nothing of it is lined then.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError<E> {
    /// What is owed could not be said.
    #[error("what is owed for {month} cannot be said")]
    Owed {
        /// The month.
        month: Month,
        /// Why.
        #[source]
        source: E,
    },
    /// A programme owes less than nothing: a mistake in the programme.
    #[error("{amount} yuan are owed for {month}; nobody can be owed less than nothing")]
    Negative {
        /// The month.
        month: Month,
        /// The amount.
        amount: Fen,
    },
    /// A sum does not fit.
    #[error("the lines of {month} cannot be added up")]
    Sum {
        /// The month.
        month: Month,
        /// Why.
        #[source]
        source: FenError,
    },
}

/// The lines that a run writes for one unit and programme, by month.
///
/// `lined` are the lines written so far, in any order (those of months outside the window are left alone);
/// `owed` is asked once for each month of the window, with the run's `known_at`.
pub fn settle<E>(
    run: Run,
    lined: &[Lined],
    mut owed: impl FnMut(Month, Stamp) -> Result<Owed, E>,
) -> Result<Vec<NewLine>, SettleError<E>> {
    let mut lines = Vec::new();
    for month in Month::range(run.since, run.month) {
        let Owed { amount: now, causes } =
            owed(month, run.known_at).map_err(|source| SettleError::Owed { month, source })?;
        if now < Fen::ZERO {
            return Err(SettleError::Negative { month, amount: now });
        }
        let earlier = lined.iter().filter(|line| line.month == month);
        let amount = Fen::checked_sum(earlier.clone().map(|line| line.amount))
            .and_then(|before| now.checked_sub(before))
            .map_err(|source| SettleError::Sum { month, source })?;
        if amount.is_zero() {
            continue;
        }
        let mut corrects: Vec<LineId> = earlier.map(|line| line.id).collect();
        corrects.sort_unstable();
        let kind = LineKind::of(amount, month, run.month);
        lines.push(NewLine {
            month,
            amount,
            kind,
            corrects,
            causes,
        });
    }
    Ok(lines)
}

impl LineKind {
    fn of(amount: Fen, month: Month, run: Month) -> LineKind {
        if amount < Fen::ZERO {
            LineKind::TakeBack
        } else if month < run {
            LineKind::BackPay
        } else {
            LineKind::Current
        }
    }
}

/// What the lines of one unit and programme come to for each month.
pub fn net_by_month(lines: impl IntoIterator<Item = (Month, Fen)>) -> Result<BTreeMap<Month, Fen>, FenError> {
    let mut net = BTreeMap::new();
    for (month, amount) in lines {
        let sum: &mut Fen = net.entry(month).or_default();
        *sum = sum.checked_add(amount)?;
    }
    Ok(net)
}

/// Person-times 人次: the unit-months whose lines come to more than nothing. A month that was lined, taken
/// back and lined again counts once; one that was lined and taken back does not count.
pub fn person_times<U: Ord>(lines: impl IntoIterator<Item = (U, Month, Fen)>) -> Result<usize, FenError> {
    let mut net: BTreeMap<(U, Month), Fen> = BTreeMap::new();
    for (unit, month, amount) in lines {
        let sum = net.entry((unit, month)).or_default();
        *sum = sum.checked_add(amount)?;
    }
    Ok(net.into_values().filter(|net| *net > Fen::ZERO).count())
}

#[cfg(test)]
mod tests {
    use mz_kernel::Id;
    use proptest::prelude::*;

    use super::*;
    use crate::timeline::{Dated, Timeline};

    fn month(number: i32) -> Month {
        Month::new(2020, 1).unwrap().plus(number - 1)
    }

    fn run(since: i32, to: i32, known_at: i64) -> Run {
        Run {
            since: month(since),
            month: month(to),
            known_at: Stamp::from_micros(known_at),
        }
    }

    /// What one unit was lined, as a service would keep it.
    #[derive(Clone, Default)]
    struct Ledger(Vec<Lined>);

    impl Ledger {
        fn settle(&mut self, run: Run, amounts: &Timeline<i64>) -> Vec<NewLine> {
            let lines = settle(run, &self.0, |month, known_at| owed(amounts, month, known_at)).unwrap();
            for line in &lines {
                let id = LineId::from_bits(self.0.len() as u128);
                self.0.push(Lined {
                    id,
                    month: line.month,
                    amount: line.amount,
                });
            }
            lines
        }

        fn net(&self) -> BTreeMap<Month, Fen> {
            net_by_month(self.0.iter().map(|line| (line.month, line.amount))).unwrap()
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "has the shape that `settle` asks for")]
    fn owed(
        amounts: &Timeline<i64>,
        month: Month,
        known_at: Stamp,
    ) -> Result<Owed, std::convert::Infallible> {
        let fact = amounts.at(month, known_at);
        Ok(Owed {
            amount: Fen::new(fact.map_or(0, |fact| fact.value)),
            causes: fact.map(|fact| fact.cause.clone()).into_iter().collect(),
        })
    }

    fn fact(key: &str, from: i32, until: Option<i32>, recorded: i64, fen: i64) -> Dated<i64> {
        Dated {
            key: key.to_owned(),
            from: month(from),
            until: until.map(month),
            recorded_at: Stamp::from_micros(recorded),
            value: fen,
            cause: Cause::new("fact", key),
        }
    }

    #[test]
    fn a_late_raise_a_late_death_and_its_correction() {
        use LineKind::{BackPay, Current, TakeBack};
        let mut amounts: Timeline<i64> = [fact("grant", 1, None, 1, 70_200)].into_iter().collect();
        let mut ledger = Ledger::default();
        let mut told: Vec<(i32, i64, LineKind, usize, String)> = Vec::new();
        let mut settle = |amounts: &Timeline<i64>, to: i32, known_at: i64| {
            told.clear();
            for line in ledger.settle(run(1, to, known_at), amounts) {
                let number = i32::from(line.month.number());
                told.push((
                    number,
                    line.amount.get(),
                    line.kind,
                    line.corrects.len(),
                    line.causes[0].id.clone(),
                ));
            }
            told.clone()
        };
        let line = |month, fen, kind, corrects, cause: &str| (month, fen, kind, corrects, cause.to_owned());

        assert_eq!(settle(&amounts, 1, 10), [line(1, 70_200, Current, 0, "grant")]);
        assert_eq!(settle(&amounts, 2, 20), [line(2, 70_200, Current, 0, "grant")]);
        amounts.record(fact("raise", 2, None, 30, 76_700));
        assert_eq!(
            settle(&amounts, 3, 30),
            [
                line(2, 6_500, BackPay, 1, "raise"),
                line(3, 76_700, Current, 0, "raise")
            ]
        );
        amounts.record(fact("death", 3, None, 40, 0));
        assert_eq!(settle(&amounts, 4, 40), [line(3, -76_700, TakeBack, 1, "death")]);
        assert_eq!(settle(&amounts, 4, 41), []);
        amounts.record(fact("mistaken", 3, None, 50, 76_700));
        assert_eq!(
            settle(&amounts, 4, 50),
            [
                line(3, 76_700, BackPay, 2, "mistaken"),
                line(4, 76_700, Current, 0, "mistaken")
            ]
        );
    }

    #[test]
    fn a_line_names_what_it_corrects() {
        let amounts: Timeline<i64> = [fact("grant", 1, None, 1, 100)].into_iter().collect();
        let lined = |id, number, fen| Lined {
            id: LineId::from_bits(id),
            month: month(number),
            amount: Fen::new(fen),
        };
        let before = [lined(9, 1, 30), lined(2, 1, 20), lined(5, 2, 100), lined(1, 3, 7)];
        let lines = settle(run(1, 2, 1), &before, |month, known_at| {
            owed(&amounts, month, known_at)
        })
        .unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].corrects, [LineId::from_bits(2), LineId::from_bits(9)]);
        assert_eq!(lines[0].amount, Fen::new(50));
    }

    #[test]
    fn person_times_are_months_with_a_positive_net() {
        let lines = [
            ("a", 1, 70_200),
            ("a", 2, 70_200),
            ("a", 2, 6_500),
            ("b", 1, 70_200),
            ("b", 1, -70_200),
            ("b", 2, 70_200),
            ("b", 2, -70_200),
            ("b", 2, 70_200),
        ];
        let lines = lines.map(|(unit, number, fen)| (unit, month(number), Fen::new(fen)));
        assert_eq!(person_times(lines), Ok(3));
        assert_eq!(
            person_times([("a", month(1), Fen::new(i64::MAX)); 2]),
            Err(FenError::Overflow)
        );
    }

    #[test]
    fn a_unit_that_cannot_be_settled_gets_no_line() {
        let at = run(1, 2, 1);
        let owing = |fen| {
            move |_, _| {
                Ok::<_, &'static str>(Owed {
                    amount: Fen::new(fen),
                    causes: vec![],
                })
            }
        };
        let missing = |asked: Month, _| {
            if asked == month(2) {
                Err("no standard")
            } else {
                owing(100)(asked, at.known_at)
            }
        };
        assert_eq!(
            settle(at, &[], missing),
            Err(SettleError::Owed {
                month: month(2),
                source: "no standard"
            })
        );
        assert_eq!(
            settle(at, &[], owing(-1)),
            Err(SettleError::Negative {
                month: month(1),
                amount: Fen::new(-1)
            })
        );
        let least = Lined {
            id: LineId::from_bits(1),
            month: month(1),
            amount: Fen::new(i64::MIN),
        };
        assert_eq!(
            settle(at, &[least], owing(0)),
            Err(SettleError::Sum {
                month: month(1),
                source: FenError::Overflow
            })
        );
    }

    fn facts() -> impl Strategy<Value = Vec<Dated<i64>>> {
        let fact_parts = (
            1..13,
            prop::option::of(1..13),
            0_i64..20,
            prop_oneof![Just(0), 1_i64..100_000],
        );
        prop::collection::vec(fact_parts, 0..8).prop_map(|facts| {
            facts
                .into_iter()
                .zip(0..)
                .map(|((from, until, recorded, fen), key)| {
                    fact(&format!("{key}"), from, until, recorded, fen)
                })
                .collect()
        })
    }

    /// Runs in the order of the calendar or not, with windows of any length, each some time after the last.
    fn runs() -> impl Strategy<Value = Vec<Run>> {
        prop::collection::vec((1..13, 1..13, 0_i64..6), 0..8).prop_map(|runs| {
            let mut known_at = 0;
            runs.into_iter()
                .map(|(since, to, later)| {
                    known_at += later;
                    run(since, to, known_at)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn after_a_run_the_lines_come_to_what_is_owed(facts in facts(), runs in runs()) {
            let amounts: Timeline<i64> = facts.into_iter().collect();
            let mut ledger = Ledger::default();
            for run in runs {
                let before = ledger.clone();
                let lines = ledger.settle(run, &amounts);
                prop_assert!(lines.iter().all(|line| !line.amount.is_zero()));
                prop_assert!(lines.is_sorted_by(|a, b| a.month < b.month), "one line a month at most");
                let (net, was) = (ledger.net(), before.net());
                for month in Month::range(month(1), month(12)) {
                    let now = net.get(&month).copied().unwrap_or_default();
                    if (run.since..=run.month).contains(&month) {
                        prop_assert_eq!(now, owed(&amounts, month, run.known_at).unwrap().amount);
                    } else {
                        prop_assert_eq!(now, was.get(&month).copied().unwrap_or_default());
                    }
                }
                prop_assert_eq!(ledger.settle(run, &amounts), vec![], "a second run writes nothing");
            }
        }

        #[test]
        fn facts_in_any_order_come_to_the_same(
            (one, other) in facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
            every in runs(),
        ) {
            // One bureau hears of each fact before its first run, the other of one more before each run.
            let last = run(1, 12, 99);
            let mut early = Ledger::default();
            early.settle(last, &one.iter().cloned().collect());

            let (mut late, mut heard) = (Ledger::default(), Timeline::new());
            let mut arriving = other.into_iter();
            for run in every {
                heard.extend(arriving.next());
                late.settle(Run { known_at: last.known_at, ..run }, &heard);
            }
            heard.extend(arriving);
            late.settle(last, &heard);

            let positive = |ledger: &Ledger| {
                ledger.net().into_iter().filter(|(_, net)| !net.is_zero()).collect::<Vec<_>>()
            };
            prop_assert_eq!(positive(&early), positive(&late));
            let counted = |ledger: &Ledger| {
                person_times(ledger.0.iter().map(|line| ((), line.month, line.amount))).unwrap()
            };
            prop_assert_eq!(counted(&early), counted(&late));
        }
    }
}
