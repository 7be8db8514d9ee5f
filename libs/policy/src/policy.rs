//! Looking a value up: place, month, and what was known.

use std::collections::BTreeMap;
use std::str::FromStr;

use mz_kernel::{Date, DayUnit, Days, DivisionCode, Fen, Month};

use crate::pack::{Pack, PackError, Parameter};
use crate::unit::{Unit, Value};

/// All packs of an installation.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    packs: BTreeMap<DivisionCode, Pack>,
}

/// Why a value cannot be had. Every one names the place and the parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Neither the place nor a division above it states a value for the month.
    #[error(
        "{place} has no `{key}` for {month}; enter it in the policy pack of the place or of a division above"
    )]
    Missing {
        /// The place, as code and name.
        place: String,
        /// The parameter.
        key: String,
        /// The month asked about.
        month: Month,
    },
    /// The parameter is counted in another unit than the reader expects.
    #[error("`{key}` of {place} is counted in {unit}, where {expected} was expected")]
    Unit {
        /// The place whose pack states it.
        place: String,
        /// The parameter.
        key: String,
        /// Its unit.
        unit: Unit,
        /// What was asked for.
        expected: &'static str,
    },
    /// The word is none of those that the reading code knows.
    #[error("`{key}` of {place} for {month} is `{choice}`, which is not one of the known choices")]
    Choice {
        /// The place whose pack states it.
        place: String,
        /// The parameter.
        key: String,
        /// The month asked about.
        month: Month,
        /// The word.
        choice: String,
    },
    /// A what-if states an amount below nothing.
    #[error("`{key}` of {place} cannot be {amount} yuan; an amount is not negative")]
    Negative {
        /// The place.
        place: String,
        /// The parameter.
        key: String,
        /// The amount given.
        amount: Fen,
    },
    /// A what-if names a row that the pack of the place does not have.
    #[error("{place} has no `{key}` that begins in {month} and could be set; rows begin in: {rows}")]
    NoRow {
        /// The place.
        place: String,
        /// The parameter.
        key: String,
        /// The month given.
        month: Month,
        /// The months in which rows begin, or `none`.
        rows: String,
    },
}

impl Policy {
    /// Reads packs, given as file name and text.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Policy, PackError> {
        let (mut packs, mut units) = (BTreeMap::<DivisionCode, Pack>::new(), BTreeMap::new());
        for (file, text) in files {
            let pack = Pack::parse(file, text, &mut units)?;
            let division = pack.division;
            if let Some(first) = packs.insert(division, pack) {
                return Err(PackError::Division {
                    file: file.to_owned(),
                    other: first.file,
                    division,
                });
            }
        }
        Ok(Policy { packs })
    }

    /// The value that holds in a place for a month: of the place's own pack the row with the latest `from`
    /// that is not after the month, else the same of the division above, and so on.
    pub fn value(&self, key: &str, division: &DivisionCode, month: Month) -> Result<&Parameter, PolicyError> {
        division
            .ancestors()
            .filter_map(|place| self.packs.get(&place)?.rows.get(key))
            .find_map(|rows| rows.range(..=month).next_back())
            .map(|(_, parameter)| parameter)
            .ok_or_else(|| PolicyError::Missing {
                place: self.place(division),
                key: key.to_owned(),
                month,
            })
    }

    /// The dated rows that a place may see: its own by month, then those of the divisions above.
    pub fn rows<'a>(&'a self, key: &'a str, division: &DivisionCode) -> impl Iterator<Item = &'a Parameter> {
        division
            .ancestors()
            .filter_map(move |place| self.packs.get(&place)?.rows.get(key))
            .flat_map(BTreeMap::values)
    }

    /// An amount of money.
    pub fn money(&self, key: &str, division: &DivisionCode, month: Month) -> Result<Fen, PolicyError> {
        let parameter = self.value(key, division, month)?;
        match parameter.value {
            Value::Money(amount) => Ok(amount),
            _ => Err(self.other_unit(parameter, "money")),
        }
    }

    /// A plain number.
    pub fn count(&self, key: &str, division: &DivisionCode, month: Month) -> Result<u32, PolicyError> {
        self.number(key, division, month, Unit::Count, "count")
    }

    /// A number of months.
    pub fn months(&self, key: &str, division: &DivisionCode, month: Month) -> Result<u32, PolicyError> {
        self.number(key, division, month, Unit::Months, "months")
    }

    /// A number of full years.
    pub fn years(&self, key: &str, division: &DivisionCode, month: Month) -> Result<u32, PolicyError> {
        self.number(key, division, month, Unit::Years, "years")
    }

    /// A number of days and how they are counted.
    pub fn days(&self, key: &str, division: &DivisionCode, month: Month) -> Result<Days, PolicyError> {
        let parameter = self.value(key, division, month)?;
        match (parameter.unit, &parameter.value) {
            (Unit::WorkingDays, Value::Number(amount)) => Ok(Days {
                amount: *amount,
                unit: DayUnit::WorkingDays,
            }),
            (Unit::CalendarDays, Value::Number(amount)) => Ok(Days {
                amount: *amount,
                unit: DayUnit::CalendarDays,
            }),
            _ => Err(self.other_unit(parameter, "working-days or calendar-days")),
        }
    }

    /// A choice, as the type that lists the known ones by its `FromStr`.
    pub fn choice<T: FromStr>(
        &self,
        key: &str,
        division: &DivisionCode,
        month: Month,
    ) -> Result<T, PolicyError> {
        let parameter = self.value(key, division, month)?;
        let Value::Choice(word) = &parameter.value else {
            return Err(self.other_unit(parameter, "choice"));
        };
        word.parse().map_err(|_| PolicyError::Choice {
            place: self.place(&parameter.division),
            key: key.to_owned(),
            month,
            choice: word.clone(),
        })
    }

    /// Yes or no.
    pub fn flag(&self, key: &str, division: &DivisionCode, month: Month) -> Result<bool, PolicyError> {
        let parameter = self.value(key, division, month)?;
        match parameter.value {
            Value::Flag(flag) => Ok(flag),
            _ => Err(self.other_unit(parameter, "flag")),
        }
    }

    /// The policy as it was known at the end of a legal date: without the rows that were entered later.
    #[must_use]
    pub fn known_on(&self, date: Date) -> Policy {
        let mut known = self.clone();
        for rows in known.packs.values_mut().flat_map(|pack| pack.rows.values_mut()) {
            rows.retain(|_, parameter| parameter.entered.is_none_or(|entered| entered <= date));
        }
        known
    }

    /// A what-if: the policy in which the row of a place's own pack that begins in `month` states another
    /// amount. It changes a row that is there and never adds one, so that a mistyped month is noticed.
    pub fn with(
        mut self,
        key: &str,
        division: &DivisionCode,
        month: Month,
        amount: Fen,
    ) -> Result<Policy, PolicyError> {
        let place = self.place(division);
        if amount < Fen::ZERO {
            return Err(PolicyError::Negative {
                place,
                key: key.to_owned(),
                amount,
            });
        }
        let mut rows = self
            .packs
            .get_mut(division)
            .and_then(|pack| pack.rows.get_mut(key));
        match rows.as_deref_mut().and_then(|rows| rows.get_mut(&month)) {
            Some(Parameter {
                value: Value::Money(stated),
                ..
            }) => *stated = amount,
            Some(Parameter { unit, .. }) => {
                return Err(PolicyError::Unit {
                    place,
                    key: key.to_owned(),
                    unit: *unit,
                    expected: "money",
                });
            }
            None => {
                let begin: Vec<String> = rows
                    .iter()
                    .flat_map(|rows| rows.keys())
                    .map(Month::to_string)
                    .collect();
                let rows = if begin.is_empty() {
                    "none".to_owned()
                } else {
                    begin.join(", ")
                };
                return Err(PolicyError::NoRow {
                    place,
                    key: key.to_owned(),
                    month,
                    rows,
                });
            }
        }
        Ok(self)
    }

    fn number(
        &self,
        key: &str,
        division: &DivisionCode,
        month: Month,
        unit: Unit,
        expected: &'static str,
    ) -> Result<u32, PolicyError> {
        let parameter = self.value(key, division, month)?;
        match parameter.value {
            Value::Number(number) if parameter.unit == unit => Ok(number),
            _ => Err(self.other_unit(parameter, expected)),
        }
    }

    fn other_unit(&self, parameter: &Parameter, expected: &'static str) -> PolicyError {
        PolicyError::Unit {
            place: self.place(&parameter.division),
            key: parameter.key.clone(),
            unit: parameter.unit,
            expected,
        }
    }

    /// A division as an officer reads it: the code, and the name where a pack gives one.
    fn place(&self, division: &DivisionCode) -> String {
        match self.packs.get(division) {
            Some(pack) => format!("{division} {}", pack.name),
            None => division.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTY: &str = r#"
        division = "513335"
        name = "巴塘县"
        parameter = [
            { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-01", value = 70200, document = "甲" },
            { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2020-07", value = 76700, document = "乙", entered = "2020-08-10" },
            { key = "notice.term", unit = "calendar-days", from = "2020-01", value = 7, document = "甲" },
        ]
    "#;
    const PROVINCE: &str = r#"
        division = "51"
        name = "四川省"
        parameter = [
            { key = "tekun.standard.urban", unit = "fen-per-person-month", from = "2019-01", value = 60000, document = "丙" },
            { key = "dibao.decision.term", unit = "working-days", from = "2014-01", value = 30, document = "丙" },
            { key = "dibao.grace", unit = "months", from = "2014-01", value = 6, document = "丙" },
            { key = "tekun.age", unit = "years", from = "2014-01", value = 60, document = "丙" },
            { key = "visit.staff", unit = "count", from = "2014-01", value = 2, document = "丙" },
            { key = "death.last-month", unit = "choice", from = "2014-01", value = "month-of-death", document = "丙" },
            { key = "notice.roll", unit = "flag", from = "2014-01", value = true, document = "丙" },
        ]
    "#;

    fn policy() -> Policy {
        Policy::parse([("51.toml", PROVINCE), ("513335.toml", COUNTY)]).unwrap()
    }

    fn division(code: &str) -> DivisionCode {
        code.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn urban(policy: &Policy, place: &str, text: &str) -> Result<i64, PolicyError> {
        policy
            .money("tekun.standard.urban", &division(place), month(text))
            .map(Fen::get)
    }

    #[test]
    fn looks_up_by_month_then_up_the_tree() {
        for (place, text, fen) in [
            ("513335", "2020-01", 70_200),
            ("513335", "2020-06", 70_200),
            ("513335", "2020-07", 76_700),
            ("513335", "2031-01", 76_700),
            ("513335100201", "2020-07", 76_700),
            ("513335", "2019-12", 60_000),
            ("513336", "2020-07", 60_000),
            ("51", "2020-07", 60_000),
        ] {
            assert_eq!(urban(&policy(), place, text), Ok(fen), "{place} {text}");
        }
    }

    #[test]
    fn a_missing_value_names_place_parameter_and_month() {
        let error = urban(&policy(), "513335", "2018-12").unwrap_err();
        assert_eq!(
            error.to_string(),
            "513335 巴塘县 has no `tekun.standard.urban` for 2018-12; \
             enter it in the policy pack of the place or of a division above"
        );
        let error = urban(&policy(), "5401", "2020-01").unwrap_err();
        assert!(matches!(error, PolicyError::Missing { place, .. } if place == "5401"));
        let error = policy()
            .flag("no.such", &division("51"), month("2020-01"))
            .unwrap_err();
        assert!(matches!(error, PolicyError::Missing { key, .. } if key == "no.such"));
    }

    #[test]
    fn typed_values_come_in_their_unit() {
        let (policy, place, at) = (policy(), division("513335"), month("2020-01"));
        let days = |amount, unit| Ok(Days { amount, unit });
        assert_eq!(
            policy.days("dibao.decision.term", &place, at),
            days(30, DayUnit::WorkingDays)
        );
        assert_eq!(
            policy.days("notice.term", &place, at),
            days(7, DayUnit::CalendarDays)
        );
        assert_eq!(policy.months("dibao.grace", &place, at), Ok(6));
        assert_eq!(policy.years("tekun.age", &place, at), Ok(60));
        assert_eq!(policy.count("visit.staff", &place, at), Ok(2));
        assert_eq!(policy.flag("notice.roll", &place, at), Ok(true));
        let word: String = policy.choice("death.last-month", &place, at).unwrap();
        assert_eq!(word, "month-of-death");
    }

    #[test]
    fn a_value_in_another_unit_is_refused() {
        let (policy, place, at) = (policy(), division("513335"), month("2020-01"));
        let expected = |error: PolicyError| match error {
            PolicyError::Unit { expected, place, .. } => (expected, place),
            other => panic!("{other}"),
        };
        let province = "51 四川省".to_owned();
        let error = policy.money("tekun.age", &place, at).unwrap_err();
        assert_eq!(expected(error), ("money", province.clone()));
        let error = policy.months("tekun.age", &place, at).unwrap_err();
        assert_eq!(expected(error), ("months", province.clone()));
        let error = policy.years("dibao.grace", &place, at).unwrap_err();
        assert_eq!(expected(error), ("years", province.clone()));
        let error = policy.count("dibao.grace", &place, at).unwrap_err();
        assert_eq!(expected(error), ("count", province.clone()));
        let error = policy.days("dibao.grace", &place, at).unwrap_err();
        assert_eq!(
            expected(error),
            ("working-days or calendar-days", province.clone())
        );
        let error = policy.flag("dibao.grace", &place, at).unwrap_err();
        assert_eq!(expected(error), ("flag", province.clone()));
        let error = policy.choice::<String>("dibao.grace", &place, at).unwrap_err();
        assert_eq!(expected(error), ("choice", province));
        let error = policy.choice::<u8>("death.last-month", &place, at).unwrap_err();
        assert!(matches!(error, PolicyError::Choice { choice, .. } if choice == "month-of-death"));
    }

    #[test]
    fn what_was_entered_later_was_not_known() {
        let known = |date: &str| policy().known_on(date.parse().unwrap());
        assert_eq!(urban(&known("2020-08-09"), "513335", "2020-07"), Ok(70_200));
        assert_eq!(urban(&known("2020-08-10"), "513335", "2020-07"), Ok(76_700));
    }

    #[test]
    fn lists_own_rows_before_inherited_ones() {
        let policy = policy();
        let rows: Vec<_> = policy
            .rows("tekun.standard.urban", &division("513335"))
            .map(|row| {
                (
                    row.division.to_string(),
                    row.from.to_string(),
                    row.document.as_str(),
                )
            })
            .collect();
        let row = |place: &str, from: &str, document| (place.to_owned(), from.to_owned(), document);
        assert_eq!(
            rows,
            [
                row("513335", "2020-01", "甲"),
                row("513335", "2020-07", "乙"),
                row("51", "2019-01", "丙")
            ]
        );
    }

    #[test]
    fn a_what_if_changes_a_row_and_adds_none() {
        let set = |key, place, text| policy().with(key, &division(place), month(text), Fen::new(76_800));
        let changed = set("tekun.standard.urban", "513335", "2020-07").unwrap();
        assert_eq!(urban(&changed, "513335", "2020-07"), Ok(76_800));
        assert_eq!(urban(&changed, "513335", "2020-06"), Ok(70_200));

        let error = set("tekun.standard.urban", "513335", "2020-08").unwrap_err();
        assert_eq!(
            error.to_string(),
            "513335 巴塘县 has no `tekun.standard.urban` that begins in 2020-08 and could be set; \
             rows begin in: 2020-01, 2020-07"
        );
        let error = set("tekun.standard.urban", "513336", "2020-07").unwrap_err();
        assert!(matches!(error, PolicyError::NoRow { rows, .. } if rows == "none"));
        let error = set("notice.term", "513335", "2020-01").unwrap_err();
        assert!(matches!(
            error,
            PolicyError::Unit {
                unit: Unit::CalendarDays,
                ..
            }
        ));
    }

    #[test]
    fn one_division_has_one_pack_and_a_key_one_unit() {
        let error = Policy::parse([("a.toml", COUNTY), ("b.toml", COUNTY)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "policy packs b.toml and a.toml are both about division 513335; put them together"
        );
        let other = PROVINCE.replace("fen-per-person-month", "fen-per-household-month");
        let error = Policy::parse([("a.toml", COUNTY), ("b.toml", &other)]).unwrap_err();
        assert!(matches!(error, PackError::UnitDiffers { file, row: 1, .. } if file == "b.toml"));
    }
}
