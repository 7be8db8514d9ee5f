//! The working-day calendar, as data: which days the State Council took off and which weekends are worked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;
use serde::Deserialize;

use crate::date::Date;

/// Working days, year by year. A day of a year that is not in it is an error, never a guess.
///
/// For deadlines the whole block of the notice counts (放假调休), not only the statutory days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    off: BTreeSet<Date>,
    work: BTreeSet<Date>,
}

/// Whether days of a term are counted on the working-day calendar or one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DayUnit {
    /// 工作日, make-up days included.
    WorkingDays,
    /// 日, each day.
    CalendarDays,
}

/// A number of days that says how they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, serde::Serialize, schemars::JsonSchema)]
pub struct Days {
    /// How many.
    pub amount: u32,
    /// Which ones count.
    pub unit: DayUnit,
}

/// What happens to a term in calendar days that ends on a day off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Roll {
    /// It ends there all the same.
    None,
    /// It ends on the next working day (Civil Code 民法典 Art. 203).
    NextWorkingDay,
}

/// Why a calendar could not be read or could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The notice of that year is not in the data (it comes in October or November of the year before).
    #[error("there is no working-day calendar for {year}; add the State Council's notice of that year")]
    YearMissing {
        /// The year asked about.
        year: i16,
    },
    /// The term ends after the year 9999.
    #[error("the term ends beyond the calendar")]
    OutOfRange,
    /// The data are not TOML of the expected shape.
    #[error("the working-day calendar cannot be read")]
    Malformed(#[source] Box<toml::de::Error>),
    /// The data contradict themselves.
    #[error("the working-day calendar of {year} is wrong at `{entry}`: {problem}")]
    Entry {
        /// The year of the table.
        year: i16,
        /// The entry.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<YearTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearTable {
    year: i16,
    /// The notice; kept for the reader of the file.
    #[serde(rename = "document")]
    _document: String,
    off: Vec<String>,
    work: Vec<String>,
}

impl Calendar {
    /// The calendar that is shipped: 2019, 2020, and 2024 to 2026. It is `data/working-days.toml`, whose form
    /// [`parse`](Calendar::parse) reads.
    pub fn china() -> Result<Calendar, CalendarError> {
        Calendar::parse(include_str!("../data/working-days.toml"))
    }

    /// The calendar with the years of another one, of the same form as [`parse`](Calendar::parse) reads; where both have a
    /// year, the other's counts: a notice may be changed.
    pub fn with(mut self, text: &str) -> Result<Calendar, CalendarError> {
        self.years.extend(Calendar::parse(text)?.years);
        Ok(self)
    }

    /// The last day of the years that are known one after the other from a day on; none where its own is not.
    pub fn known_until(&self, day: Date) -> Option<Date> {
        let mut last = None;
        let mut year = day.year();
        while self.years.contains_key(&year) {
            last = Some(Date::constant(year, 12, 31));
            year = year.checked_add(1)?;
        }
        last
    }

    /// Reads a calendar: `[[year]]` tables with `year`, `document`, and `off` and `work` as lists of days
    /// `2026-10-10` or ranges `2026-10-01..2026-10-07`.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        let file: File = toml::from_str(text).map_err(|error| CalendarError::Malformed(Box::new(error)))?;
        let mut years = BTreeMap::new();
        for table in file.year {
            let (number, year) = (table.year, read_year(&table)?);
            if years.insert(number, year).is_some() {
                return Err(wrong(number, &number.to_string(), "the year stands there twice"));
            }
        }
        Ok(Calendar { years })
    }

    /// Whether a day is worked, make-up days included.
    pub fn is_working_day(&self, day: Date) -> Result<bool, CalendarError> {
        let year = self
            .years
            .get(&day.year())
            .ok_or(CalendarError::YearMissing { year: day.year() })?;
        Ok(year.work.contains(&day) || !(is_weekend(day) || year.off.contains(&day)))
    }

    /// The `days`-th working day after `from`. Day 0 is the event's own day, worked or not; the day after
    /// is the first that can count (by analogy with Civil Code Art. 201).
    pub fn add_working_days(&self, from: Date, days: u32) -> Result<Date, CalendarError> {
        let (mut day, mut left) = (from, days);
        while left > 0 {
            day = next(day)?;
            left -= u32::from(self.is_working_day(day)?);
        }
        Ok(day)
    }

    /// The `days`-th day after `from` (day 0 is the event's own day), rolled or not. Without a roll no
    /// calendar year is needed.
    pub fn add_calendar_days(&self, from: Date, days: u32, roll: Roll) -> Result<Date, CalendarError> {
        let end = from
            .checked_add(jiff::Span::new().days(days))
            .map_err(|_| CalendarError::OutOfRange)?;
        match roll {
            Roll::None => Ok(end),
            Roll::NextWorkingDay => self.working_day_from(end),
        }
    }

    /// The day itself if it is worked, else the next one that is.
    pub fn working_day_from(&self, day: Date) -> Result<Date, CalendarError> {
        let mut day = day;
        while !self.is_working_day(day)? {
            day = next(day)?;
        }
        Ok(day)
    }

    /// Working days after `from`, up to and including `to`; 0 when `to` is not after `from`.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, CalendarError> {
        let (mut day, mut count) = (from, 0);
        while day < to {
            day = next(day)?;
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

fn next(day: Date) -> Result<Date, CalendarError> {
    day.tomorrow().map_err(|_| CalendarError::OutOfRange)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn wrong(year: i16, entry: &str, problem: &'static str) -> CalendarError {
    CalendarError::Entry {
        year,
        entry: entry.to_owned(),
        problem,
    }
}

fn read_year(table: &YearTable) -> Result<Year, CalendarError> {
    let off = read_days(table.year, &table.off)?;
    let work = read_days(table.year, &table.work)?;
    if let Some(day) = work.iter().find(|day| !is_weekend(**day)) {
        return Err(wrong(
            table.year,
            &day.to_string(),
            "a worked day that is no weekend",
        ));
    }
    if let Some(day) = work.intersection(&off).next() {
        return Err(wrong(table.year, &day.to_string(), "both off and worked"));
    }
    Ok(Year { off, work })
}

fn read_days(year: i16, entries: &[String]) -> Result<BTreeSet<Date>, CalendarError> {
    let mut days = BTreeSet::new();
    for entry in entries {
        let (from, to) = entry.split_once("..").unwrap_or((entry, entry));
        let read = |text: &str| {
            text.parse::<Date>()
                .map_err(|_| wrong(year, entry, "not a day or a range of days"))
        };
        let (mut day, to) = (read(from)?, read(to)?);
        if day > to || day.year() != year || to.year() != year {
            return Err(wrong(year, entry, "outside of the year, or backwards"));
        }
        while day <= to {
            if !days.insert(day) {
                return Err(wrong(year, entry, "the day stands there twice"));
            }
            day = next(day)?;
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::month::Month;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn working_days_of_each_month_add_up() {
        let calendar = Calendar::china().unwrap();
        for (year, months) in [
            (2019, [22, 17, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
            (2024, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
            (2025, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
            (2026, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
        ] {
            for (number, expected) in (1..).zip(months) {
                let month = Month::new(year, number).unwrap();
                let eve = month.first_day().yesterday().unwrap();
                assert_eq!(
                    calendar.working_days_between(eve, month.last_day()),
                    Ok(expected),
                    "{month}"
                );
            }
        }
    }

    #[test]
    fn a_notice_that_came_later_is_added() {
        let calendar = Calendar::china().unwrap();
        assert_eq!(calendar.known_until(day("2026-11-24")), Some(day("2026-12-31")));
        assert_eq!(calendar.known_until(day("2024-05-01")), Some(day("2026-12-31")));
        assert_eq!(calendar.known_until(day("2021-05-01")), None);
        let notice = "[[year]]\nyear = 2027\ndocument = \"d\"\noff = [\"2027-01-01\"]\nwork = []\n";
        let calendar = calendar.with(notice).unwrap();
        assert_eq!(calendar.known_until(day("2026-11-24")), Some(day("2027-12-31")));
        assert_eq!(calendar.is_working_day(day("2027-01-01")), Ok(false));
        assert_eq!(calendar.is_working_day(day("2027-01-04")), Ok(true));
    }

    #[test]
    fn the_spring_of_2020_was_prolonged() {
        let calendar = Calendar::china().unwrap();
        for (text, worked) in [
            ("2020-01-19", true),
            ("2020-01-23", true),
            ("2020-01-24", false),
            ("2020-01-31", false),
            ("2020-02-01", false),
            ("2020-02-03", true),
            ("2020-10-08", false),
            ("2020-10-10", true),
        ] {
            assert_eq!(calendar.is_working_day(day(text)), Ok(worked), "{text}");
        }
    }

    #[test]
    fn v15_working_day_deadlines() {
        let calendar = Calendar::china().unwrap();
        let terms = [1, 3, 5, 10, 15, 20, 30, 45];
        for (event, ends) in [
            (
                "2026-02-09",
                [
                    "02-10", "02-12", "02-14", "02-28", "03-06", "03-13", "03-27", "04-20",
                ],
            ),
            (
                "2026-02-13",
                [
                    "02-14", "02-25", "02-27", "03-05", "03-12", "03-19", "04-02", "04-24",
                ],
            ),
            (
                "2026-02-14",
                [
                    "02-24", "02-26", "02-28", "03-06", "03-13", "03-20", "04-03", "04-27",
                ],
            ),
            (
                "2026-04-30",
                [
                    "05-06", "05-08", "05-11", "05-18", "05-25", "06-01", "06-15", "07-07",
                ],
            ),
            (
                "2026-09-18",
                [
                    "09-20", "09-22", "09-24", "10-09", "10-15", "10-22", "11-05", "11-26",
                ],
            ),
            (
                "2026-09-28",
                [
                    "09-29", "10-08", "10-10", "10-16", "10-23", "10-30", "11-13", "12-04",
                ],
            ),
            (
                "2026-09-30",
                [
                    "10-08", "10-10", "10-13", "10-20", "10-27", "11-03", "11-17", "12-08",
                ],
            ),
        ] {
            for (term, end) in terms.into_iter().zip(ends) {
                let end = day(&format!("2026-{end}"));
                assert_eq!(
                    calendar.add_working_days(day(event), term),
                    Ok(end),
                    "{event} + {term}"
                );
                assert_eq!(
                    calendar.working_days_between(day(event), end),
                    Ok(term),
                    "{event} + {term}"
                );
            }
        }
    }

    #[test]
    fn v16_seven_days_of_public_notice() {
        let calendar = Calendar::china().unwrap();
        for (posted, last, rolled) in [
            ("2026-02-13", "2026-02-20", "2026-02-24"),
            ("2026-09-24", "2026-10-01", "2026-10-08"),
            ("2026-03-02", "2026-03-09", "2026-03-09"),
        ] {
            assert_eq!(
                calendar.add_calendar_days(day(posted), 7, Roll::None),
                Ok(day(last))
            );
            assert_eq!(
                calendar.add_calendar_days(day(posted), 7, Roll::NextWorkingDay),
                Ok(day(rolled))
            );
        }
    }

    #[test]
    fn v17_divorce_clock() {
        let calendar = Calendar::china().unwrap();
        // Application, end of the cooling-off, first collection day, 30th day after, last collection day.
        for row in [
            "2026-01-15 2026-02-14 2026-02-15 2026-03-16 2026-03-16",
            "2026-01-20 2026-02-24 2026-02-25 2026-03-26 2026-03-26",
            "2026-01-24 2026-02-24 2026-02-25 2026-03-26 2026-03-26",
            "2026-01-29 2026-02-28 2026-03-01 2026-03-30 2026-03-30",
            "2026-03-05 2026-04-07 2026-04-08 2026-05-07 2026-05-07",
            "2026-08-21 2026-09-20 2026-09-21 2026-10-20 2026-10-20",
            "2026-09-02 2026-10-08 2026-10-09 2026-11-07 2026-11-09",
            "2026-09-07 2026-10-08 2026-10-09 2026-11-07 2026-11-09",
            "2025-12-03 2026-01-04 2026-01-05 2026-02-03 2026-02-03",
        ] {
            let days: Vec<Date> = row.split(' ').map(day).collect();
            let cooled = calendar
                .add_calendar_days(days[0], 30, Roll::NextWorkingDay)
                .unwrap();
            let thirtieth = calendar.add_calendar_days(cooled, 30, Roll::None).unwrap();
            let last = calendar
                .add_calendar_days(cooled, 30, Roll::NextWorkingDay)
                .unwrap();
            assert_eq!(
                days[1..],
                [cooled, cooled.tomorrow().unwrap(), thirtieth, last],
                "{row}"
            );
        }
        assert_eq!(
            calendar.working_day_from(day("2026-02-15")),
            Ok(day("2026-02-24")),
            "the first open day"
        );
    }

    #[test]
    fn v19_sixty_days_of_notice_before_an_adoption() {
        let calendar = Calendar::china().unwrap();
        let sixtieth = calendar
            .add_calendar_days(day("2026-03-01"), 60, Roll::None)
            .unwrap();
        assert_eq!(sixtieth, day("2026-04-30"));
        assert_eq!(
            calendar.working_day_from(sixtieth.tomorrow().unwrap()),
            Ok(day("2026-05-06"))
        );
    }

    #[test]
    fn a_year_without_a_calendar_is_an_error() {
        let calendar = Calendar::china().unwrap();
        let missing = Err(CalendarError::YearMissing { year: 2027 });
        assert_eq!(
            calendar
                .is_working_day(day("2027-01-01"))
                .map(|_| day("2027-01-01")),
            missing
        );
        assert_eq!(calendar.add_working_days(day("2026-12-28"), 5), missing);
        assert_eq!(
            calendar.add_working_days(day("2026-12-28"), 3),
            Ok(day("2026-12-31"))
        );
        assert_eq!(
            calendar.add_calendar_days(day("2026-12-28"), 30, Roll::NextWorkingDay),
            missing
        );
        assert_eq!(
            calendar.add_calendar_days(day("2026-12-28"), 30, Roll::None),
            Ok(day("2027-01-27"))
        );
        assert_eq!(
            calendar.add_calendar_days(day("9999-12-01"), 31, Roll::None),
            Err(CalendarError::OutOfRange)
        );
    }

    #[test]
    fn contradictions_are_named() {
        let table = |off: &str, work: &str| {
            format!("[[year]]\nyear = 2026\ndocument = \"\"\noff = [{off}]\nwork = [{work}]\n")
        };
        for (off, work, entry) in [
            ("\"2026-13-01\"", "", "2026-13-01"),
            ("\"2025-12-31..2026-01-01\"", "", "2025-12-31..2026-01-01"),
            ("\"2026-01-03..2026-01-01\"", "", "2026-01-03..2026-01-01"),
            ("\"2026-01-01\", \"2026-01-01\"", "", "2026-01-01"),
            ("", "\"2026-01-05\"", "2026-01-05"),
            ("\"2026-01-04\"", "\"2026-01-04\"", "2026-01-04"),
        ] {
            let error = Calendar::parse(&table(off, work)).unwrap_err();
            assert!(
                matches!(&error, CalendarError::Entry { year: 2026, entry: named, .. } if named == entry),
                "{error}"
            );
        }
        let twice = table("", "").repeat(2);
        assert!(matches!(
            Calendar::parse(&twice),
            Err(CalendarError::Entry { year: 2026, .. })
        ));
        assert!(matches!(
            Calendar::parse("[[year]]"),
            Err(CalendarError::Malformed(_))
        ));
    }
}
