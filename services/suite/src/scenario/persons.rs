//! The persons of a scenario, made up from its seed. None exists: their numbers lie in region 99, which is nobody's.

use std::collections::BTreeSet;

use mz_kernel::{Calendar, Date, DivisionCode, Month, ResidentId};

use super::PlanError;
use super::file::{Class, Mode, Overpaid, Scenario};
use super::random::Random;
use crate::county::County;

/// A person, and the days on which an officer has to do something about it.
#[derive(Clone, Debug)]
pub struct Person {
    /// 试甲一 and so on.
    pub name: String,
    /// The number, which `Debug` masks.
    pub number: ResidentId,
    /// The township, by the code that holds on the day of the application.
    pub division: DivisionCode,
    /// The class applied for.
    pub class: Class,
    /// The mode applied for.
    pub mode: Mode,
    /// The day of registration and application.
    pub applied_on: Date,
    /// The day of proposal and decision.
    pub decided_on: Date,
    /// The first month owed, where it is a later one than that of the decision.
    pub from: Option<Month>,
    /// The account that is given with the decision: nobody's, as no bank's number begins so.
    pub account: String,
    /// Whether a payment comes back.
    pub returned: Option<Returned>,
    /// Why support ends within the year, if it does.
    pub end: Option<End>,
}

/// A payment that the bank sends back, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The month of its batch.
    pub month: Month,
    /// The bank's reason.
    pub reason: String,
    /// The day on which the account is corrected.
    pub corrected_on: Date,
    /// The account that takes its place.
    pub account: String,
}

/// Why somebody's support ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By death.
    Death {
        /// The day of death.
        died_on: Date,
        /// The day on which it is registered.
        reported_on: Date,
        /// What becomes of what was paid too much.
        overpaid: Overpaid,
    },
    /// By a decision.
    Stop {
        /// The first month not owed.
        from: Month,
        /// The reason's code.
        reason: String,
        /// The day of the proposal.
        proposed_on: Date,
        /// The day of the decision.
        decided_on: Date,
    },
}

/// Around this day of the month before, somebody applies whose support is decided early in the next; and a stop is
/// proposed, which is shown for some days before it is decided.
const MID_MONTH: i8 = 12;
/// From this day of the month before on, a stop is decided, and what is supported from the first month on. From this day
/// on accounts are corrected, too, as the bank has answered by then.
pub(super) const AFTER_NOTICE: i8 = 20;
/// Years of birth of people of 60 and above, who are most of the roster.
const OLD: std::ops::RangeInclusive<i16> = 1928..=1959;
/// Years of birth of the others, who are supported because of a disability.
const YOUNGER: std::ops::RangeInclusive<i16> = 1960..=1989;

/// Makes up everybody. The opening stock comes first, in the order of the file, then the new approvals.
pub(super) fn persons(
    scenario: &Scenario,
    county: &County,
    calendar: &Calendar,
) -> Result<Vec<Person>, PlanError> {
    let known = |code| county.divisions.iter().any(|row| row.code == code);
    if let Some(row) = scenario.townships.iter().find(|row| !known(row.code)) {
        return Err(PlanError::UnknownTownship { code: row.code });
    }
    let mut roster = Roster::new(scenario, county);
    let before = scenario.from.prev();
    let applied = calendar.working_day_from(before.first_day())?;
    let decided = calendar.working_day_from(on(before, AFTER_NOTICE))?;
    for row in &scenario.opening {
        roster.add(row.persons, (row.class, row.mode), (applied, decided))?;
    }
    let stock = roster.persons.len();
    for row in &scenario.starts {
        let applied = calendar.working_day_from(on(row.month.prev(), MID_MONTH))?;
        let first = calendar.working_day_from(row.month.first_day())?;
        let decided = calendar.add_working_days(first, 1)?;
        roster.add(row.persons, (row.class, row.mode), (applied, decided))?;
    }
    for row in &scenario.deaths {
        let end = End::Death {
            died_on: row.died_on,
            reported_on: row.reported_on,
            overpaid: row.overpaid,
        };
        roster.end(stock, row.class, end)?;
    }
    for row in &scenario.stops {
        for _ in 0..row.persons {
            let end = End::Stop {
                from: row.from,
                reason: row.reason.clone(),
                proposed_on: calendar.working_day_from(on(row.from.prev(), MID_MONTH))?,
                decided_on: calendar.working_day_from(on(row.from.prev(), AFTER_NOTICE))?,
            };
            roster.end(stock, row.class, end)?;
        }
    }
    for row in &scenario.returns {
        let corrected_on = calendar.working_day_from(on(row.month.next(), AFTER_NOTICE))?;
        for _ in 0..row.persons {
            let at = roster.living(stock, row.class)?;
            if let Some(person) = roster.persons.get_mut(at) {
                person.returned = Some(Returned {
                    month: row.month,
                    reason: row.reason.clone(),
                    corrected_on,
                    account: account(2, at),
                });
            }
        }
    }
    Ok(roster.persons)
}

/// The nth account of somebody, of sixteen digits.
fn account(nth: u8, at: usize) -> String {
    format!("99{nth:02}{at:012}")
}

pub(super) fn on(month: Month, day: i8) -> Date {
    Date::constant(month.year(), month.number(), day)
}

struct Roster<'a> {
    random: Random,
    scenario: &'a Scenario,
    county: &'a County,
    numbers: BTreeSet<ResidentId>,
    persons: Vec<Person>,
}

impl<'a> Roster<'a> {
    fn new(scenario: &'a Scenario, county: &'a County) -> Self {
        Self {
            random: Random::new(scenario.seed),
            scenario,
            county,
            numbers: BTreeSet::new(),
            persons: Vec::new(),
        }
    }

    fn add(
        &mut self,
        persons: usize,
        (class, mode): (Class, Mode),
        (applied_on, decided_on): (Date, Date),
    ) -> Result<(), PlanError> {
        // Each township stands here as often as it weighs.
        let weigh = |code| std::iter::repeat_n(code, self.scenario.weight(class, code));
        let townships: Vec<_> = self
            .county
            .townships(applied_on)
            .into_iter()
            .flat_map(weigh)
            .collect();
        for _ in 0..persons {
            let at = self.random.below(townships.len());
            let division = *townships
                .get(at)
                .ok_or(PlanError::NoTownship { on: applied_on })?;
            let person = Person {
                name: name(self.persons.len()),
                number: self.number(applied_on),
                division,
                class,
                mode,
                applied_on,
                decided_on,
                from: Some(self.scenario.from).filter(|from| Month::of(decided_on) < *from),
                account: account(1, self.persons.len()),
                returned: None,
                end: None,
            };
            self.persons.push(person);
        }
        Ok(())
    }

    /// A number that nobody has yet.
    fn number(&mut self, today: Date) -> ResidentId {
        loop {
            let years = if self.random.below(10) == 0 { YOUNGER } else { OLD };
            let year = usize::try_from(years.end() - years.start()).unwrap_or_default() + 1;
            let (year, month) = (self.random.below(year), self.random.below(12) + 1);
            let (day, sequence) = (self.random.below(28) + 1, self.random.below(999) + 1);
            let year = usize::try_from(*years.start()).unwrap_or_default() + year;
            let body = format!("990101{year:04}{month:02}{day:02}{sequence:03}");
            // Of the eleven check characters exactly one fits.
            let mut fitting = "0123456789X"
                .chars()
                .filter_map(|check| ResidentId::parse(&format!("{body}{check}"), today).ok());
            if let Some(number) = fitting.next()
                && self.numbers.insert(number.clone())
            {
                return number;
            }
        }
    }

    /// Ends the support of somebody of the opening stock.
    fn end(&mut self, stock: usize, class: Class, end: End) -> Result<(), PlanError> {
        let at = self.living(stock, class)?;
        if let Some(person) = self.persons.get_mut(at) {
            person.end = Some(end);
        }
        Ok(())
    }

    /// Somebody of the opening stock to whom nothing has come yet.
    fn living(&mut self, stock: usize, class: Class) -> Result<usize, PlanError> {
        let stock = self.persons.iter().take(stock).enumerate();
        let living: Vec<_> = stock
            .filter(|(_, person)| person.class == class && person.end.is_none() && person.returned.is_none())
            .map(|(at, _)| at)
            .collect();
        let chosen = living.get(self.random.below(living.len()));
        chosen.copied().ok_or(PlanError::TooFew { class })
    }
}

/// 试甲一, 试乙一 … 试癸一, 试甲二 and so on: nobody is called so.
fn name(at: usize) -> String {
    const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let round = (at / STEMS.len() + 1).to_string();
    let digits = round.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]);
    ['试', STEMS[at % STEMS.len()]]
        .into_iter()
        .chain(digits)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batang() -> (County, Scenario, Vec<Person>) {
        let (county, scenario) = (
            County::find("batang").unwrap(),
            Scenario::find("batang-2020").unwrap(),
        );
        let persons = persons(&scenario, &county, &Calendar::china().unwrap()).unwrap();
        (county, scenario, persons)
    }

    #[test]
    fn the_same_seed_makes_the_same_persons() {
        let ((county, mut scenario, once), (_, _, again)) = (batang(), batang());
        let numbers = |persons: &[Person]| {
            persons
                .iter()
                .map(|person| person.number.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(&once), numbers(&again));
        scenario.seed += 1;
        let other = persons(&scenario, &county, &Calendar::china().unwrap()).unwrap();
        assert_ne!(numbers(&once), numbers(&other));
    }

    #[test]
    fn nobody_is_real_and_nobody_is_twice() {
        let (_, _, persons) = batang();
        let numbers: BTreeSet<_> = persons.iter().map(|person| &person.number).collect();
        let names: BTreeSet<_> = persons.iter().map(|person| &person.name).collect();
        assert_eq!((numbers.len(), names.len()), (persons.len(), persons.len()));
        assert!(numbers.iter().all(|number| number.is_test_region()));

        let old = persons
            .iter()
            .filter(|person| person.number.birth_date() <= Date::constant(1960, 1, 1));
        assert!(
            old.count() * 10 > persons.len() * 8,
            "most of them are 60 when the year begins"
        );
        assert!(!format!("{:?}", persons[0]).contains(persons[0].number.reveal()));
    }

    #[test]
    fn a_township_is_live_when_its_people_apply() {
        let (county, _, persons) = batang();
        for person in &persons {
            assert!(
                county.townships(person.applied_on).contains(&person.division),
                "{person:?}"
            );
        }
        let merged = "513335212".parse().unwrap();
        assert!(
            persons.iter().any(|person| person.division == merged),
            "some live where the reform comes"
        );
    }

    #[test]
    fn towns_have_more_people_than_townships() {
        let (county, mut scenario, persons) = batang();
        let urban = persons.iter().filter(|person| person.class == Class::Urban);
        let seat = "513335100".parse().unwrap();
        let (all, there) = (
            urban.clone().count(),
            urban.filter(|person| person.division == seat).count(),
        );
        assert!(
            there * 2 > all,
            "{there} of {all} urban persons live in the county seat"
        );
        scenario.townships[0].code = "513335999".parse().unwrap();
        let refused = super::persons(&scenario, &county, &Calendar::china().unwrap()).unwrap_err();
        assert!(matches!(refused, PlanError::UnknownTownship { .. }), "{refused}");
    }

    #[test]
    fn at_the_end_of_batang_2020_the_homes_have_the_residents_that_were_printed() {
        let (_, _, persons) = batang();
        let residents = persons
            .iter()
            .filter(|person| person.mode == Mode::Centralised && person.end.is_none());
        assert_eq!(residents.count(), 58);
    }

    #[test]
    fn names_go_on_for_ever() {
        assert_eq!(
            (name(0), name(9), name(10)),
            ("试甲一".into(), "试癸一".into(), "试甲二".into())
        );
        assert_eq!(name(1_090), "试甲一一〇");
    }

    #[test]
    fn more_ends_than_persons_are_refused() {
        let (county, mut scenario, _) = batang();
        scenario.opening.retain(|row| row.class == Class::Rural);
        let refused = persons(&scenario, &county, &Calendar::china().unwrap()).unwrap_err();
        assert!(
            matches!(refused, PlanError::TooFew { class: Class::Urban }),
            "{refused}"
        );
    }
}
