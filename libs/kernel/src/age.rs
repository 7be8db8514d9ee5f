//! Age in full years 周岁.

use crate::date::Date;

/// When somebody born on 29 February grows a year older in a year without that day.
///
/// No national rule settles it for benefits, so a place chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeapDayRule {
    /// On 1 March: the day itself has to have come.
    FirstOfMarch,
    /// On 28 February, by analogy with Civil Code (民法典) Art. 202: a period of years without a
    /// corresponding day ends on the last day of the month.
    LastOfFebruary,
}

/// Full years at the end of day `on` of a person born on `born`; negative before the birth.
///
/// A person is N years old on the N-th birthday itself, the convention of the registration offices (the
/// criminal law's "from the day after the birthday" does not hold here).
pub fn age_on(born: Date, on: Date, leap_day: LeapDayRule) -> i16 {
    let mut birthday = (born.month(), born.day());
    if birthday == (2, 29) && !on.in_leap_year() && leap_day == LeapDayRule::LastOfFebruary {
        birthday = (2, 28);
    }
    let still_to_come = (on.month(), on.day()) < birthday;
    on.year() - born.year() - i16::from(still_to_come)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_full_years() {
        use LeapDayRule::{FirstOfMarch, LastOfFebruary};
        for (born, on, rule, age) in [
            ("1946-11-22", "2026-11-22", FirstOfMarch, 80),
            ("1946-11-23", "2026-11-22", FirstOfMarch, 79),
            ("1926-11-01", "2026-11-22", FirstOfMarch, 100),
            ("2004-02-29", "2026-02-28", FirstOfMarch, 21),
            ("2004-02-29", "2026-02-28", LastOfFebruary, 22),
            ("2004-02-29", "2026-02-27", LastOfFebruary, 21),
            ("2004-02-29", "2026-03-01", FirstOfMarch, 22),
            ("2004-02-29", "2024-02-28", LastOfFebruary, 19),
            ("2004-02-29", "2024-02-29", FirstOfMarch, 20),
            ("2010-09-01", "2026-08-31", FirstOfMarch, 15),
            ("2010-09-01", "2026-09-01", FirstOfMarch, 16),
            ("2010-09-01", "2010-08-31", FirstOfMarch, -1),
        ] {
            assert_eq!(
                age_on(born.parse().unwrap(), on.parse().unwrap(), rule),
                age,
                "{born} on {on}, {rule:?}"
            );
        }
    }
}
