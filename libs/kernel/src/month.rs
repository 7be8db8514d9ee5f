//! The month that a benefit is about.

use std::fmt;
use std::str::FromStr;

use crate::date::Date;

/// A calendar month, `2020-07` in text and JSON; years 0001 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

/// Why something is not a month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MonthError {
    /// Year or month number outside the calendar.
    #[error("year {year}, month {month} is not a month; years are 1 to 9999, months 1 to 12")]
    OutOfRange {
        /// The year given.
        year: i16,
        /// The month number given.
        month: i8,
    },
    /// Not of the form `2020-07`.
    #[error("`{text}` is not a month; write it like 2020-07")]
    Parse {
        /// What was given.
        text: String,
    },
}

impl Month {
    /// The first month that can be named.
    pub const MIN: Month = Month { year: 1, month: 1 };
    /// The last month that can be named.
    pub const MAX: Month = Month {
        year: 9999,
        month: 12,
    };

    /// The month of a year (1 to 9999) with a number (1 to 12).
    pub const fn new(year: i16, month: i8) -> Result<Month, MonthError> {
        if year >= 1 && year <= 9999 && month >= 1 && month <= 12 {
            Ok(Month { year, month })
        } else {
            Err(MonthError::OutOfRange { year, month })
        }
    }

    /// The month that a day lies in.
    pub fn of(date: Date) -> Month {
        Month {
            year: date.year(),
            month: date.month(),
        }
        .max(Month::MIN)
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month's number in its year, 1 to 12.
    pub const fn number(self) -> i8 {
        self.month
    }

    /// The month after; [`Month::MAX`] stays.
    #[must_use]
    pub fn next(self) -> Month {
        self.plus(1)
    }

    /// The month before; [`Month::MIN`] stays.
    #[must_use]
    pub fn prev(self) -> Month {
        self.plus(-1)
    }

    /// So many months later (earlier when negative), held between [`Month::MIN`] and [`Month::MAX`].
    #[must_use]
    pub fn plus(self, months: i32) -> Month {
        Month::from_index(self.index().saturating_add(months))
    }

    /// How many months from here to `later`; negative when that lies before.
    pub fn months_until(self, later: Month) -> i32 {
        later.index() - self.index()
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        Date::constant(self.year, self.month, 1)
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// Every month from `from` to `to`, both included; none when `to` lies before `from`.
    pub fn range(from: Month, to: Month) -> impl DoubleEndedIterator<Item = Month> + Clone {
        (from.index()..=to.index()).map(Month::from_index)
    }

    /// Months since 0001-01.
    fn index(self) -> i32 {
        (i32::from(self.year) - 1) * 12 + i32::from(self.month) - 1
    }

    fn from_index(index: i32) -> Month {
        let year = i16::try_from(index.div_euclid(12) + 1);
        let month = i8::try_from(index.rem_euclid(12) + 1);
        match (year, month) {
            (Ok(year @ 1..=9999), Ok(month)) => Month { year, month },
            _ if index < 0 => Month::MIN,
            _ => Month::MAX,
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Month, MonthError> {
        let malformed = || MonthError::Parse {
            text: text.to_owned(),
        };
        let (year, month) = text.split_once('-').ok_or_else(malformed)?;
        let digits =
            |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(malformed());
        }
        match (year.parse(), month.parse()) {
            (Ok(year), Ok(month)) => Month::new(year, month),
            _ => Err(malformed()),
        }
    }
}

crate::text_form!(Month, { "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" });

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn knows_its_neighbours_and_days() {
        assert_eq!(month("2020-12").next(), month("2021-01"));
        assert_eq!(month("2020-01").prev(), month("2019-12"));
        assert_eq!(month("2020-01").plus(-13), month("2018-12"));
        assert_eq!(month("2024-02").last_day().to_string(), "2024-02-29");
        assert_eq!(month("2026-02").first_day().to_string(), "2026-02-01");
        assert_eq!(Month::of(Date::constant(2026, 11, 24)), month("2026-11"));
        assert_eq!(Month::MAX.next(), Month::MAX);
        assert_eq!(Month::MIN.prev(), Month::MIN);
        assert_eq!(Month::MIN.plus(i32::MIN), Month::MIN);
        assert_eq!(Month::MAX.plus(i32::MAX), Month::MAX);
    }

    #[test]
    fn ranges_hold_both_ends() {
        let months: Vec<_> = Month::range(month("2020-11"), month("2021-02"))
            .map(|m| m.to_string())
            .collect();
        assert_eq!(months, ["2020-11", "2020-12", "2021-01", "2021-02"]);
        assert_eq!(Month::range(month("2020-02"), month("2020-01")).count(), 0);
    }

    #[test]
    fn refuses_what_is_not_a_month() {
        for text in [
            "2020",
            "2020-7",
            "20-07",
            "2020/07",
            "2020-07-01",
            "+020-07",
            "２０２０-07",
        ] {
            assert_eq!(
                text.parse::<Month>(),
                Err(MonthError::Parse { text: text.into() })
            );
        }
        assert_eq!(
            "2020-13".parse::<Month>(),
            Err(MonthError::OutOfRange {
                year: 2020,
                month: 13
            })
        );
        assert_eq!(
            "0000-01".parse::<Month>(),
            Err(MonthError::OutOfRange { year: 0, month: 1 })
        );
    }

    proptest! {
        #[test]
        fn round_trips_and_sorts_as_text(a in 0_i32..119_987, b in 0_i32..119_987) {
            let (a, b) = (Month::MIN.plus(a), Month::MIN.plus(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            let json = serde_json::to_string(&a).unwrap();
            prop_assert_eq!(serde_json::from_str::<Month>(&json).unwrap(), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.plus(a.months_until(b)), b);
        }
    }
}
