//! Tekun 特困人员救助供养 (特困人员认定办法, 民发〔2021〕43号): its words, and what is owed for a month.
//!
//! Pure. What a person is owed is a function of dated facts: the entitlement, its stops, the person's deaths, and the
//! standards that were adopted, each with the instant at which it was recorded. Facts may come in any order. Every
//! rule and amount is policy: which month is the first one paid, which the last one after a death, and how much.

use mz_casework::{Cause, Dated, Owed};
use mz_kernel::{CaseId, Date, DeathId, DivisionCode, Fen, Month, Stamp};
use mz_policy::{Policy, PolicyError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::ids::StopId;

/// The programme's code.
pub(crate) const PROGRAMME: &str = "tekun";
/// Standards of the programme have keys that begin so; the class follows.
pub(crate) const STANDARD_PREFIX: &str = "tekun.standard.";

macro_rules! words {
    ($(#[$meta:meta])* $Name:ident { $($(#[$word_meta:meta])* $Word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum $Name { $($(#[$word_meta])* $Word,)+ }

        impl $Name {
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$Word => $text,)+ }
            }
        }
        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text())
            }
        }
        impl FromStr for $Name {
            type Err = NoSuchWord;
            fn from_str(text: &str) -> Result<Self, NoSuchWord> {
                match text { $($text => Ok(Self::$Word),)+ _ => Err(NoSuchWord) }
            }
        }
    };
}

/// A word that is none of the list.
#[derive(Debug, thiserror::Error)]
#[error("the word is none of the list")]
pub(crate) struct NoSuchWord;

words! {
    /// Whose standard applies.
    Class {
        /// 农村特困人员.
        Rural = "rural",
        /// 城市特困人员.
        Urban = "urban",
    }
}
words! {
    /// How support is given.
    Mode {
        /// 集中供养, in a home.
        Centralised = "centralised",
        /// 分散供养, at home.
        Dispersed = "dispersed",
    }
}
words! {
    /// Policy `tekun.first-month`: the first month that a grant pays.
    FirstMonth {
        DecisionMonth = "decision-month",
        NextMonth = "next-month",
    }
}
words! {
    /// Policy `tekun.last-month`: the last month that is paid when a person dies.
    LastMonth {
        DeathMonth = "death-month",
        MonthBeforeDeath = "month-before-death",
    }
}
mz_store::text_column!(Class, "a class");
mz_store::text_column!(Mode, "a mode");

impl Class {
    /// The key of its standard: `tekun.standard.urban`.
    pub(crate) fn standard_key(self) -> &'static str {
        match self {
            Self::Rural => "tekun.standard.rural",
            Self::Urban => "tekun.standard.urban",
        }
    }
}

/// The first month that a grant decided on a day pays, unless it names another.
pub(crate) fn first_month(
    policy: &Policy,
    division: &DivisionCode,
    decided_on: Date,
) -> Result<Month, PolicyError> {
    let month = Month::of(decided_on);
    Ok(match policy.choice("tekun.first-month", division, month)? {
        FirstMonth::DecisionMonth => month,
        FirstMonth::NextMonth => month.next(),
    })
}

/// The first month that is no longer owed to somebody who died on a day.
pub(crate) fn first_unowed(
    policy: &Policy,
    division: &DivisionCode,
    died_on: Date,
) -> Result<Month, PolicyError> {
    let month = Month::of(died_on);
    Ok(match policy.choice("tekun.last-month", division, month)? {
        LastMonth::DeathMonth => month.next(),
        LastMonth::MonthBeforeDeath => month,
    })
}

/// The first month that a run for `month` settles again.
pub(crate) fn window_start(
    policy: &Policy,
    division: &DivisionCode,
    month: Month,
) -> Result<Month, PolicyError> {
    let months = policy.months("tekun.recheck-months", division, month)?;
    Ok(month.plus(-i32::try_from(months).unwrap_or(i32::MAX)))
}

/// A stop that was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) id: StopId,
    /// The first month not owed.
    pub(crate) from: Month,
    pub(crate) recorded_at: Stamp,
}

/// A death, which may have been annulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) id: DeathId,
    pub(crate) died_on: Date,
    pub(crate) recorded_at: Stamp,
    pub(crate) annulled_at: Option<Stamp>,
}

impl Death {
    pub(crate) fn holds(&self, known_at: Stamp) -> bool {
        self.recorded_at <= known_at && self.annulled_at.is_none_or(|at| known_at < at)
    }
}

/// Everything about one entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) case: CaseId,
    pub(crate) class: Class,
    pub(crate) division: DivisionCode,
    pub(crate) from: Month,
    pub(crate) recorded_at: Stamp,
    pub(crate) stops: Vec<Stop>,
    pub(crate) deaths: Vec<Death>,
}

/// The adopted standards, by key and division.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standards(BTreeMap<(String, DivisionCode), Vec<Dated<Fen>>>);

impl Standards {
    pub(crate) fn record(&mut self, key: &str, division: DivisionCode, fact: Dated<Fen>) {
        self.0.entry((key.to_owned(), division)).or_default().push(fact);
    }

    /// The standard for a place and month: the place's own, else that of the nearest division above it.
    pub(crate) fn at(
        &self,
        key: &str,
        division: &DivisionCode,
        month: Month,
        known_at: Stamp,
    ) -> Option<&Dated<Fen>> {
        division.ancestors().find_map(|place| {
            let adopted = self.0.get(&(key.to_owned(), place))?.iter();
            // A standard holds until the next one begins; of two that begin together the later word counts.
            let known = adopted.filter(|fact| fact.recorded_at <= known_at && fact.from <= month);
            known.max_by_key(|fact| (fact.from, fact.recorded_at, &fact.key))
        })
    }
}

/// Why it cannot be said what is owed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OwedError {
    /// A standard is missing.
    #[error("there is no standard {key} for {division} in {month}; enter it and have it agreed")]
    NoStandard {
        /// Its key.
        key: &'static str,
        /// For which place.
        division: DivisionCode,
        /// For which month.
        month: Month,
    },
    /// A parameter is missing.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// What is owed for a month as known at an instant (D5).
pub(crate) fn owed(
    facts: &Facts,
    standards: &Standards,
    policy: &Policy,
    month: Month,
    known_at: Stamp,
) -> Result<Owed, OwedError> {
    let nothing = |causes| {
        Ok(Owed {
            amount: Fen::ZERO,
            causes,
        })
    };
    if facts.recorded_at > known_at || month < facts.from {
        return nothing(Vec::new());
    }
    let stopped = facts
        .stops
        .iter()
        .find(|stop| stop.recorded_at <= known_at && stop.from <= month);
    if let Some(stop) = stopped {
        return nothing(vec![Cause::new("stop", stop.id)]);
    }
    for death in facts.deaths.iter().filter(|death| death.holds(known_at)) {
        if first_unowed(policy, &facts.division, death.died_on)? <= month {
            return nothing(vec![Cause::new("death", death.id)]);
        }
    }
    let key = facts.class.standard_key();
    let standard = standards
        .at(key, &facts.division, month, known_at)
        .ok_or(OwedError::NoStandard {
            key,
            division: facts.division,
            month,
        })?;
    Ok(Owed {
        amount: standard.value,
        causes: vec![Cause::new("decision", facts.case), standard.cause.clone()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_casework::{Lined, NewLine, Run, settle};
    use mz_kernel::{Id as _, LineId};

    const PACK: &str = r#"
        division = "513335"
        name = "巴塘县"
        [[parameter]]
        key = "tekun.first-month"
        unit = "choice"
        from = "2020-01"
        value = "decision-month"
        document = "test"
        [[parameter]]
        key = "tekun.last-month"
        unit = "choice"
        from = "2020-01"
        value = "death-month"
        document = "test"
        [[parameter]]
        key = "tekun.recheck-months"
        unit = "months"
        from = "2020-01"
        value = 24
        document = "test"
    "#;

    fn policy() -> Policy {
        Policy::parse([("pack", PACK)]).unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    /// Instants of the story: the n-th thing that was recorded.
    fn at(n: i64) -> Stamp {
        Stamp::from_micros(n)
    }

    fn township() -> DivisionCode {
        "513335100".parse().unwrap()
    }

    fn facts() -> Facts {
        Facts {
            case: CaseId::from_bits(1),
            class: Class::Urban,
            division: township(),
            from: month("2020-01"),
            recorded_at: at(10),
            stops: Vec::new(),
            deaths: Vec::new(),
        }
    }

    fn standard(standards: &mut Standards, from: &str, yuan: i64, recorded: i64) {
        let fact = Dated {
            key: format!("{recorded}"),
            from: month(from),
            until: None,
            recorded_at: at(recorded),
            value: Fen::new(yuan * 100),
            cause: Cause::new("standard", format!("{from}={yuan}")),
        };
        standards.record("tekun.standard.urban", "513335".parse().unwrap(), fact);
    }

    fn standards() -> Standards {
        let mut standards = Standards::default();
        standard(&mut standards, "2020-01", 702, 1);
        standards
    }

    /// Runs the months from January on, each with all that is known then, and keeps the lines.
    struct Ledger {
        lined: Vec<Lined>,
    }

    impl Ledger {
        fn run(&mut self, facts: &Facts, standards: &Standards, of: &str, known: i64) -> Vec<(String, i64)> {
            let run = Run {
                since: month("2020-01"),
                month: month(of),
                known_at: at(known),
            };
            let policy = policy();
            let lines = settle(run, &self.lined, |m, k| owed(facts, standards, &policy, m, k)).unwrap();
            self.keep(&lines);
            lines
                .iter()
                .map(|line| (line.month.to_string(), line.amount.get() / 100))
                .collect()
        }

        fn keep(&mut self, lines: &[NewLine]) {
            for line in lines {
                let id = LineId::from_bits(self.lined.len() as u128);
                self.lined.push(Lined {
                    id,
                    month: line.month,
                    amount: line.amount,
                });
            }
        }
    }

    fn lines(of: &[(&str, i64)]) -> Vec<(String, i64)> {
        of.iter()
            .map(|(month, yuan)| ((*month).to_owned(), *yuan))
            .collect()
    }

    #[test]
    fn an_uprating_entered_late_is_paid_back() {
        let (facts, mut standards) = (facts(), standards());
        let mut ledger = Ledger { lined: Vec::new() };
        for n in 1..=6_i64 {
            assert_eq!(
                ledger
                    .run(&facts, &standards, &format!("2020-0{n}"), 20 + n)
                    .len(),
                1
            );
        }
        assert_eq!(
            ledger.run(&facts, &standards, "2020-07", 30),
            lines(&[("2020-07", 702)])
        );
        standard(&mut standards, "2020-07", 767, 31);
        assert_eq!(
            ledger.run(&facts, &standards, "2020-08", 40),
            lines(&[("2020-07", 65), ("2020-08", 767)])
        );
        assert_eq!(ledger.run(&facts, &standards, "2020-08", 41), lines(&[]));
    }

    #[test]
    fn a_late_death_takes_back_what_was_paid_after_its_month() {
        let (mut facts, standards) = (facts(), standards());
        let mut ledger = Ledger { lined: Vec::new() };
        for n in 1..=3_i64 {
            ledger.run(&facts, &standards, &format!("2020-0{n}"), 20 + n);
        }
        facts.deaths.push(Death {
            id: DeathId::from_bits(1),
            died_on: "2020-01-20".parse().unwrap(),
            recorded_at: at(30),
            annulled_at: None,
        });
        assert_eq!(
            ledger.run(&facts, &standards, "2020-04", 40),
            lines(&[("2020-02", -702), ("2020-03", -702)])
        );
        assert_eq!(ledger.run(&facts, &standards, "2020-04", 41), lines(&[]));
        // It was a mistake: everything is owed again.
        facts.deaths[0].annulled_at = Some(at(50));
        assert_eq!(
            ledger.run(&facts, &standards, "2020-05", 60),
            lines(&[
                ("2020-02", 702),
                ("2020-03", 702),
                ("2020-04", 702),
                ("2020-05", 702)
            ])
        );
    }

    #[test]
    fn what_was_known_at_an_earlier_instant_can_be_asked_for_ever() {
        let (mut facts, mut standards, policy) = (facts(), standards(), policy());
        standard(&mut standards, "2020-07", 767, 31);
        facts.stops.push(Stop {
            id: StopId::from_bits(1),
            from: month("2020-09"),
            recorded_at: at(50),
        });
        let owed = |m: &str, known| {
            owed(&facts, &standards, &policy, month(m), at(known))
                .unwrap()
                .amount
                .get()
                / 100
        };
        assert_eq!((owed("2020-07", 30), owed("2020-07", 31)), (702, 767));
        assert_eq!((owed("2020-09", 49), owed("2020-09", 50)), (767, 0));
        assert_eq!((owed("2020-01", 9), owed("2019-12", 50)), (0, 0));
    }

    #[test]
    fn a_correction_of_an_earlier_standard_leaves_the_later_one() {
        let (facts, mut standards, policy) = (facts(), standards(), policy());
        standard(&mut standards, "2020-07", 767, 31);
        standard(&mut standards, "2020-01", 705, 40);
        let owed = |m: &str| {
            owed(&facts, &standards, &policy, month(m), at(50))
                .unwrap()
                .amount
                .get()
                / 100
        };
        assert_eq!((owed("2020-06"), owed("2020-07")), (705, 767));
    }

    #[test]
    fn the_nearest_division_sets_the_standard() {
        let (facts, mut standards, policy) = (facts(), standards(), policy());
        let own = Dated {
            key: "own".to_owned(),
            from: month("2020-03"),
            until: None,
            recorded_at: at(5),
            value: Fen::new(80_000),
            cause: Cause::new("standard", "own"),
        };
        standards.record("tekun.standard.urban", township(), own);
        let owed = |m: &str| {
            owed(&facts, &standards, &policy, month(m), at(50))
                .unwrap()
                .amount
                .get()
                / 100
        };
        assert_eq!((owed("2020-02"), owed("2020-03")), (702, 800));
    }

    #[test]
    fn without_a_standard_the_place_and_month_are_named() {
        let error = owed(
            &facts(),
            &Standards::default(),
            &policy(),
            month("2020-02"),
            at(50),
        )
        .unwrap_err();
        for word in ["tekun.standard.urban", "513335100", "2020-02"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
