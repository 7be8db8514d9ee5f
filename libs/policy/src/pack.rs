//! Reading one pack: a file, a division, its dated values.

use std::collections::BTreeMap;

use mz_kernel::{Date, DivisionCode, Month};
use serde::{Deserialize, Serialize};

use crate::unit::{Unit, Value};

/// One dated value of one parameter, as a pack states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Lower-case words joined by dots: `tekun.standard.urban`.
    pub key: String,
    /// The division whose pack states it; it holds there and below.
    pub division: DivisionCode,
    /// What the value counts.
    pub unit: Unit,
    /// The first month that it is about.
    pub from: Month,
    /// The value, in the shape of its unit.
    pub value: Value,
    /// The document that fixes it, by number 文号.
    pub document: String,
    /// The legal date on which it became known; none for what was always known.
    pub entered: Option<Date>,
}

/// Why a pack cannot be used. Every one names the file; rows are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Not TOML of the expected shape, or an unknown unit, field, month or code.
    #[error("policy pack {file} cannot be read")]
    Malformed {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The key is not lower-case words joined by dots.
    #[error("policy pack {file}, row {row}: `{key}` is not a key; write lower-case words joined by dots")]
    Key {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The row.
        row: usize,
    },
    /// The value does not have the shape of its unit.
    #[error("policy pack {file}, row {row}: the value {value} of `{key}` does not fit the unit {unit}")]
    Value {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The row.
        row: usize,
        /// The unit stated.
        unit: Unit,
        /// The value as written.
        value: String,
    },
    /// No document is named.
    #[error("policy pack {file}, row {row}: `{key}` names no document; every value has its source")]
    Document {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The row.
        row: usize,
    },
    /// Two rows of one key begin in the same month.
    #[error("policy pack {file}, row {row}: `{key}` from {from} stands there twice")]
    Duplicate {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The second of the two.
        row: usize,
        /// The month.
        from: Month,
    },
    /// A key has another unit than in an earlier row or pack, so that a reader could take one for the other.
    #[error("policy pack {file}, row {row}: `{key}` is counted in {unit} here and in {earlier} elsewhere")]
    UnitDiffers {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The row.
        row: usize,
        /// The unit here.
        unit: Unit,
        /// The unit read before.
        earlier: Unit,
    },
    /// Two packs are about one division.
    #[error("policy packs {file} and {other} are both about division {division}; put them together")]
    Division {
        /// The second file.
        file: String,
        /// The first file.
        other: String,
        /// The division.
        division: DivisionCode,
    },
}

/// The dated rows of each key.
pub(crate) type Rows = BTreeMap<String, BTreeMap<Month, Parameter>>;

/// One pack, read.
#[derive(Clone, Debug)]
pub(crate) struct Pack {
    pub(crate) file: String,
    pub(crate) division: DivisionCode,
    pub(crate) name: String,
    pub(crate) rows: Rows,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    division: DivisionCode,
    name: String,
    #[serde(default)]
    parameter: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    key: String,
    unit: Unit,
    from: Month,
    value: toml::Value,
    document: String,
    entered: Option<Date>,
}

impl Pack {
    /// Reads a file; `units` are those of the keys of all packs read so far and are added to.
    pub(crate) fn parse(
        file: &str,
        text: &str,
        units: &mut BTreeMap<String, Unit>,
    ) -> Result<Pack, PackError> {
        let PackFile {
            division,
            name,
            parameter,
        } = toml::from_str(text).map_err(|source| PackError::Malformed {
            file: file.to_owned(),
            source: Box::new(source),
        })?;
        let mut rows = Rows::new();
        for (row, written) in (1..).zip(parameter) {
            let parameter = read_row(file, division, row, written)?;
            let (key, unit, from) = (parameter.key.clone(), parameter.unit, parameter.from);
            let earlier = *units.entry(key.clone()).or_insert(unit);
            if earlier != unit {
                return Err(PackError::UnitDiffers {
                    file: file.to_owned(),
                    key,
                    row,
                    unit,
                    earlier,
                });
            }
            if rows
                .entry(key.clone())
                .or_default()
                .insert(from, parameter)
                .is_some()
            {
                return Err(PackError::Duplicate {
                    file: file.to_owned(),
                    key,
                    row,
                    from,
                });
            }
        }
        Ok(Pack {
            file: file.to_owned(),
            division,
            name,
            rows,
        })
    }
}

fn read_row(file: &str, division: DivisionCode, row: usize, written: Row) -> Result<Parameter, PackError> {
    let Row {
        key,
        unit,
        from,
        value,
        document,
        entered,
    } = written;
    let file = file.to_owned();
    if !is_key(&key) {
        return Err(PackError::Key { file, key, row });
    }
    if document.trim().is_empty() {
        return Err(PackError::Document { file, key, row });
    }
    match unit.read(&value) {
        Some(value) => Ok(Parameter {
            key,
            division,
            unit,
            from,
            value,
            document,
            entered,
        }),
        None => Err(PackError::Value {
            file,
            key,
            row,
            unit,
            value: value.to_string(),
        }),
    }
}

fn is_key(key: &str) -> bool {
    key.split('.').all(|word| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(row: &str) -> PackError {
        let text = format!("division = \"51\"\nname = \"四川省\"\n{row}");
        Pack::parse("51.toml", &text, &mut BTreeMap::new()).unwrap_err()
    }

    fn row(key: &str, unit: &str, value: &str) -> String {
        format!(
            "[[parameter]]\nkey = \"{key}\"\nunit = \"{unit}\"\nfrom = \"2020-01\"\nvalue = {value}\ndocument = \"文\"\n"
        )
    }

    #[test]
    fn a_value_that_does_not_fit_its_unit_is_named() {
        for (unit, value) in [
            ("fen-per-person-month", "507.5"),
            ("fen-per-person-month", "\"507\""),
            ("fen-per-household-month", "-1"),
            ("fen", "true"),
            ("count", "-1"),
            ("working-days", "4294967296"),
            ("calendar-days", "\"7\""),
            ("months", "1.0"),
            ("years", "[16]"),
            ("choice", "1"),
            ("choice", "\"\""),
            ("flag", "0"),
        ] {
            let text = row("right", "flag", "true") + &row("wrong.one", unit, value);
            let error = error(&text);
            assert!(
                matches!(&error, PackError::Value { key, row: 2, .. } if key == "wrong.one"),
                "{unit}: {error}"
            );
            assert!(
                error.to_string().starts_with("policy pack 51.toml, row 2: "),
                "{error}"
            );
        }
    }

    #[test]
    fn each_value_has_a_key_a_document_and_a_month_of_its_own() {
        for key in ["", "Tekun", "tekun..urban", "tekun.", "tekun urban", "特困", "1a"] {
            assert!(
                matches!(error(&row(key, "flag", "true")), PackError::Key { row: 1, .. }),
                "{key}"
            );
        }
        let text = row("a", "flag", "true").replace('文', " ");
        assert!(matches!(error(&text), PackError::Document { row: 1, .. }));
        let text = row("a", "flag", "true") + &row("a", "flag", "false");
        assert!(matches!(error(&text), PackError::Duplicate { row: 2, .. }));
    }

    #[test]
    fn a_key_keeps_its_unit() {
        let text = row("a", "months", "1") + &row("a", "years", "1").replace("2020", "2021");
        let error = error(&text);
        assert!(matches!(
            error,
            PackError::UnitDiffers {
                row: 2,
                unit: Unit::Years,
                earlier: Unit::Months,
                ..
            }
        ));
    }

    #[test]
    fn unknown_words_are_refused_with_their_place() {
        for text in [
            row("a", "yuan", "1"),
            row("a", "months", "1").replace("2020-01", "2020-13"),
            row("a", "months", "1") + "until = \"2021-01\"\n",
            row("a", "months", "1").replace("value = 1\n", ""),
        ] {
            let error = error(&text);
            assert_eq!(error.to_string(), "policy pack 51.toml cannot be read");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("line"), "{source}");
        }
    }

    #[test]
    fn the_printed_unit_is_the_written_one() {
        for unit in [
            "fen-per-person-month",
            "fen-per-household-month",
            "fen",
            "count",
            "working-days",
            "calendar-days",
            "months",
            "years",
        ] {
            let text = format!("division = \"51\"\nname = \"四川省\"\n{}", row("a", unit, "1"));
            let pack = Pack::parse("51.toml", &text, &mut BTreeMap::new()).unwrap();
            let parameter = pack.rows["a"].values().next().unwrap();
            assert_eq!(parameter.unit.to_string(), unit);
        }
    }
}
