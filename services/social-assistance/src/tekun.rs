//! Tekun 特困人员救助供养: its words, and the rules that a place states for it.
//!
//! Who it is for: the three conditions of 特困人员认定办法 (民发〔2021〕43号) Art. 4. What is owed for a month follows
//! from dated facts alone (`owed.rs`). Everything here is pure; every amount, term and choice is policy.

mod owed;
#[cfg(test)]
mod worked;

use mz_casework::{LineKind, Outcome, Reasons};
use mz_contracts::{Code, events};
use mz_kernel::words;
use mz_kernel::{Date, Days, DivisionCode, Month};
use mz_policy::{Policy, PolicyError};

pub(crate) use owed::{Ending, Facts, Ground, NoStandard, Standard, Standards, lines};

/// The programme's code.
pub(crate) const PROGRAMME: &str = "tekun";

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
    /// How support is given; both are free to choose, and the standard does not depend on it.
    Mode {
        /// 集中供养, in a home.
        Centralised = "centralised",
        /// 分散供养, at home.
        Dispersed = "dispersed",
    }
}
words! {
    /// The standards 供养标准 of the programme, by their policy keys: an amount for each person and month.
    StandardKey {
        /// 农村特困供养标准.
        Rural = "tekun.standard.rural",
        /// 城市特困供养标准.
        Urban = "tekun.standard.urban",
    }
}
words! {
    /// Why an entitlement is stopped by decision (民发〔2021〕43号 Art. 24; a death stops it by itself).
    StopReason {
        /// Declared dead or missing by a court.
        DeclaredDead = "declared-dead",
        /// Has labour capacity again.
        LabourCapacity = "labour-capacity",
        /// Serves a sentence in prison.
        InPrison = "in-prison",
        /// Income or property no longer meets the condition.
        IncomeAboveLimit = "income-above-limit",
        /// Somebody who has to support the person is able to.
        SupporterAble = "supporter-able",
        /// On the person's own wish.
        Voluntary = "voluntary",
    }
}
words! {
    /// The reasons of a decision that may travel in events. What an officer writes in words of their own stays in
    /// the case: it may name somebody.
    CaseReason {
        /// All three conditions are met.
        MeetsTheConditions = "meets-the-conditions",
        /// 无劳动能力.
        NoLabourCapacity = "no-labour-capacity",
        /// 无生活来源.
        NoIncome = "no-income",
        /// 无法定赡养抚养扶养义务人, or none who is able.
        NoSupporter = "no-supporter",
        /// One of the conditions is not met.
        NotMet = "does-not-meet-the-conditions",
        /// Has labour capacity.
        LabourCapacity = "labour-capacity",
        /// Income or property is above the limit.
        IncomeAboveLimit = "income-above-limit",
        /// Somebody who has to support the person is able to.
        SupporterAble = "supporter-able",
    }
}
words! {
    /// What a line is in relation to the month that was run.
    Kind {
        /// 当月.
        Current = "current",
        /// 补发.
        BackPay = "back-pay",
        /// 追回.
        TakeBack = "take-back",
    }
}
words! {
    /// Policy `tekun.first-month`: the first month that a grant pays.
    FirstMonth {
        /// That of the decision.
        DecisionMonth = "decision-month",
        /// The one after it (Art. 17).
        NextMonth = "next-month",
    }
}
words! {
    /// Policy `tekun.last-month`: the last month that is paid when a person dies.
    LastMonth {
        /// That of the death.
        DeathMonth = "death-month",
        /// The one before it.
        MonthBeforeDeath = "month-before-death",
    }
}
mz_store::text_column!(Class, "a class");
mz_store::text_column!(Mode, "a mode");
mz_store::text_column!(StandardKey, "a standard's key");
mz_store::text_column!(StopReason, "a reason to stop");
mz_store::text_column!(Kind, "a kind of line");

impl Class {
    /// The standard that applies to it.
    pub(crate) const fn standard(self) -> StandardKey {
        match self {
            Self::Rural => StandardKey::Rural,
            Self::Urban => StandardKey::Urban,
        }
    }
}

impl StandardKey {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Rural, Self::Urban];
}

impl From<LineKind> for Kind {
    fn from(kind: LineKind) -> Self {
        match kind {
            LineKind::Current => Self::Current,
            LineKind::BackPay => Self::BackPay,
            LineKind::TakeBack => Self::TakeBack,
        }
    }
}

impl From<Kind> for events::LineKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Current => Self::Current,
            Kind::BackPay => Self::BackPay,
            Kind::TakeBack => Self::TakeBack,
        }
    }
}

/// What others are told of the reasons of a decision: the programme's own words among them, at least one.
pub(crate) fn told(outcome: Outcome, reasons: &Reasons) -> Vec<Code> {
    let own = reasons
        .as_slice()
        .iter()
        .filter_map(|reason| reason.parse::<CaseReason>().ok());
    let mut told: Vec<Code> = own.map(|reason| Code::of(reason.text())).collect();
    if told.is_empty() {
        let whole = match outcome {
            Outcome::Granted => CaseReason::MeetsTheConditions,
            Outcome::Refused => CaseReason::NotMet,
        };
        told.push(Code::of(whole.text()));
    }
    told
}

/// Within how many days after acceptance a case is to be decided.
pub(crate) fn decision_limit(
    policy: &Policy,
    division: &DivisionCode,
    accepted_on: Date,
) -> Result<Days, PolicyError> {
    policy.days("tekun.decision-limit", division, Month::of(accepted_on))
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
pub(crate) fn ends_by_death(
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
    Ok(month.plus(i32::try_from(months).map_or(i32::MIN, |months| -months)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &str = r#"
        division = "513335"
        name = "巴塘县"
        parameter = [
            { key = "tekun.first-month", unit = "choice", from = "2020-01", value = "decision-month", document = "甲" },
            { key = "tekun.first-month", unit = "choice", from = "2021-01", value = "next-month", document = "乙" },
            { key = "tekun.last-month", unit = "choice", from = "2020-01", value = "death-month", document = "甲" },
            { key = "tekun.last-month", unit = "choice", from = "2021-01", value = "month-before-death", document = "乙" },
            { key = "tekun.recheck-months", unit = "months", from = "2020-01", value = 24, document = "甲" },
        ]
    "#;

    #[test]
    fn the_place_says_which_months_are_owed() {
        let policy = Policy::parse([("513335.toml", PACK)]).unwrap();
        let township = "513335100".parse().unwrap();
        let date = |text: &str| text.parse::<Date>().unwrap();
        let first = |day| first_month(&policy, &township, date(day)).unwrap().to_string();
        assert_eq!(
            (first("2020-12-31").as_str(), first("2021-01-01").as_str()),
            ("2020-12", "2021-02")
        );
        let end = |day| ends_by_death(&policy, &township, date(day)).unwrap().to_string();
        assert_eq!(
            (end("2020-01-20").as_str(), end("2021-01-20").as_str()),
            ("2020-02", "2021-01")
        );
        let since = window_start(&policy, &township, "2020-04".parse().unwrap()).unwrap();
        assert_eq!(since.to_string(), "2018-04");
        assert!(ends_by_death(&policy, &township, date("2019-12-31")).is_err());
    }

    #[test]
    fn only_the_programmes_own_words_are_told() {
        let told = |outcome, reasons: &[&str]| {
            let reasons = reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
            let told = told(outcome, &reasons.try_into().unwrap());
            told.iter().map(Code::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            told(
                Outcome::Granted,
                &["no-income", "visited Zhang on Monday", "no-supporter"]
            ),
            ["no-income", "no-supporter"]
        );
        // A number would be a code by its letters.
        assert_eq!(
            told(Outcome::Granted, &["990101194611220010"]),
            ["meets-the-conditions"]
        );
        assert_eq!(
            told(Outcome::Refused, &["his son pays"]),
            ["does-not-meet-the-conditions"]
        );
    }

    #[test]
    fn a_word_is_the_same_everywhere() {
        for key in StandardKey::ALL {
            assert_eq!(serde_json::to_value(key).unwrap(), key.text());
            assert_eq!(key.text().parse::<StandardKey>().unwrap(), key);
        }
        assert!("Urban".parse::<Class>().is_err());
    }
}
