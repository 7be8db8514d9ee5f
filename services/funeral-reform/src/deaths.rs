//! Which day can be a day of death, and when an entry is late.

use mz_kernel::{Calendar, CalendarError, Date, DayUnit, Days, DivisionCode, Month, Roll};
use mz_policy::{Policy, PolicyError};
use serde::Deserialize;

/// The policy parameter: within how many days after the death it is to be registered.
const REPORT_LIMIT: &str = "death.report-limit";

/// What the identity register says of a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Person {
    pub(crate) division: DivisionCode,
    pub(crate) birth_date: Date,
}

/// Why a day cannot be a person's day of death.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DayRefused {
    #[error("{died_on} has not come yet; today is {today}")]
    ToCome { died_on: Date, today: Date },
    #[error("the person was born on {born}, after {died_on}")]
    BeforeBirth { died_on: Date, born: Date },
}

impl Person {
    /// Whether the person can have died on a day.
    pub(crate) fn can_have_died(&self, died_on: Date, today: Date) -> Result<(), DayRefused> {
        if died_on > today {
            return Err(DayRefused::ToCome { died_on, today });
        }
        if died_on < self.birth_date {
            return Err(DayRefused::BeforeBirth {
                died_on,
                born: self.birth_date,
            });
        }
        Ok(())
    }
}

/// The term that a place gives for the registration of a death in a month.
pub(crate) fn report_limit(
    policy: &Policy,
    place: &DivisionCode,
    died_on: Date,
) -> Result<Days, PolicyError> {
    policy.days(REPORT_LIMIT, place, Month::of(died_on))
}

/// Whether a death is registered after its term. The day of death is day 0; the last day of the term is in time.
pub(crate) fn is_late(
    died_on: Date,
    registered_on: Date,
    term: Days,
    calendar: &Calendar,
) -> Result<bool, CalendarError> {
    let last = match term.unit {
        DayUnit::WorkingDays => calendar.add_working_days(died_on, term.amount)?,
        DayUnit::CalendarDays => calendar.add_calendar_days(died_on, term.amount, Roll::None)?,
    };
    Ok(registered_on > last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_of_death_lies_between_birth_and_today() {
        let person = Person {
            division: "513335100".parse().unwrap(),
            birth_date: date("1936-12-01"),
        };
        let today = date("2020-04-08");
        for day in ["1936-12-01", "2020-01-20", "2020-04-08"] {
            assert_eq!(person.can_have_died(date(day), today), Ok(()), "{day}");
        }
        let refused = person.can_have_died(date("2020-04-09"), today);
        assert!(matches!(refused, Err(DayRefused::ToCome { .. })));
        let refused = person.can_have_died(date("1936-11-30"), today);
        assert!(matches!(refused, Err(DayRefused::BeforeBirth { .. })));
    }

    #[test]
    fn the_last_day_of_the_term_is_in_time() {
        let calendar = Calendar::china().unwrap();
        let late = |registered_on, amount, unit| {
            is_late(
                date("2020-01-20"),
                date(registered_on),
                Days { amount, unit },
                &calendar,
            )
        };
        assert_eq!(late("2020-02-19", 30, DayUnit::CalendarDays), Ok(false));
        assert_eq!(late("2020-02-20", 30, DayUnit::CalendarDays), Ok(true));
        // Three working days come before the Spring Festival of 2020, which lasted until 2 February.
        assert_eq!(late("2020-02-03", 4, DayUnit::WorkingDays), Ok(false));
        assert_eq!(late("2020-02-04", 4, DayUnit::WorkingDays), Ok(true));
    }

    #[test]
    fn a_year_without_a_calendar_is_not_guessed() {
        let calendar = Calendar::china().unwrap();
        let late = |unit| {
            is_late(
                date("1998-01-20"),
                date("2020-01-20"),
                Days { amount: 3, unit },
                &calendar,
            )
        };
        assert_eq!(
            late(DayUnit::WorkingDays),
            Err(CalendarError::YearMissing { year: 1998 })
        );
        assert_eq!(late(DayUnit::CalendarDays), Ok(true));
    }
}
