//! What a row of the indicator file must be. A wrong one is named, and the service does not start with it.

use super::{Band, Breakdown, Facts, Indicator, Indicators, Kind, Measure, Ratio, Selection, Source, Unit};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Why an indicator file cannot be used. Rows are counted from 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndicatorError {
    /// Not a list `[[indicator]]`.
    #[error("the indicator file is not a list of [[indicator]]")]
    Unreadable(#[source] Box<toml::de::Error>),
    /// A field is missing, unknown, or has a word that there is not.
    #[error("indicator row {row}, `{name}`, cannot be read")]
    Malformed {
        /// The row.
        row: usize,
        /// Its name, as far as it has one.
        name: String,
        /// Which field, and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// It breaks a rule.
    #[error("indicator `{name}`: {rule}")]
    Rule {
        /// The indicator.
        name: String,
        /// The rule.
        rule: String,
    },
}

/// A row as it stands in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    name: String,
    title: String,
    definition: String,
    unit: Unit,
    kind: Kind,
    standard: Option<String>,
    rows: Option<Selection>,
    ratio: Option<Ratio>,
    #[serde(default)]
    breakdowns: Vec<Breakdown>,
    #[serde(default)]
    parts: Vec<String>,
    band: Option<Band>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    indicator: Vec<toml::Table>,
}

impl Row {
    pub(super) fn all(text: &str) -> Result<Vec<Self>, IndicatorError> {
        let file: File =
            toml::from_str(text).map_err(|source| IndicatorError::Unreadable(Box::new(source)))?;
        let rows = file.indicator.into_iter().zip(1..).map(|(table, row)| {
            let name = table.get("name").and_then(toml::Value::as_str).unwrap_or("?");
            let name = name.to_owned();
            let read = table.try_into::<Row>();
            read.map_err(|source| IndicatorError::Malformed {
                row,
                name,
                source: Box::new(source),
            })
        });
        rows.collect()
    }

    /// The row as an indicator, if it holds together by itself.
    pub(super) fn checked(self) -> Result<Indicator, IndicatorError> {
        let name = self.name.clone();
        let fail = |rule: &str| Err(rule_broken(&name, rule));
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            return fail("a name is lower-case letters, digits and `_`");
        }
        if self.title.trim().is_empty() || self.definition.trim().is_empty() {
            return fail("it needs a title and a definition: a report prints them");
        }
        let source = match (self.standard, self.rows, self.ratio) {
            (Some(key), None, None) => Source::Standard(key),
            (None, Some(rows), None) => Source::Rows(rows),
            (None, None, Some(ratio)) => Source::Ratio(ratio),
            _ => return fail("it has exactly one of `standard`, `rows` and `ratio`"),
        };
        let (kind, units): (Kind, &[Unit]) = match &source {
            Source::Standard(_) => (Kind::Parameter, &[Unit::Fen]),
            Source::Ratio(_) => (Kind::Rate, &[Unit::Fen]),
            Source::Rows(rows) => (rows.of.kind(), units(rows)),
        };
        if self.kind != kind {
            return fail(&format!(
                "what it comes from makes it a {kind}, not a {}",
                self.kind
            ));
        }
        if !units.contains(&self.unit) {
            return fail(&format!("what it measures is not counted in {}", self.unit));
        }
        let different: BTreeSet<_> = self.breakdowns.iter().collect();
        if different.len() != self.breakdowns.len() {
            return fail("a breakdown stands there twice");
        }
        let has_rows = matches!(source, Source::Rows(_));
        let is_divided = !self.breakdowns.is_empty() || !self.parts.is_empty();
        if is_divided && !has_rows {
            return fail("only rows are broken down or added up");
        }
        if self.band.is_some() && !(has_rows && self.unit == Unit::Fen) {
            return fail("only an amount has a band");
        }
        Ok(Indicator {
            name: self.name,
            title: self.title,
            definition: self.definition,
            unit: self.unit,
            kind: self.kind,
            source,
            breakdowns: self.breakdowns,
            parts: self.parts,
            band: self.band,
        })
    }
}

/// In what a measure of a relation is counted.
fn units(rows: &Selection) -> &'static [Unit] {
    match rows.measure {
        Measure::Amount => &[Unit::Fen],
        Measure::Persons => &[Unit::Persons],
        Measure::PersonTimes => &[Unit::PersonTimes],
        Measure::Rows => match rows.of {
            Facts::AcceptedCases | Facts::DecidedCases | Facts::OpenCases => &[Unit::Cases],
            Facts::Payments => &[Unit::Payments],
            _ => &[],
        },
    }
}

impl Indicators {
    /// Names are given once, and what is named is there and of the right kind.
    pub(super) fn check_references(&self) -> Result<(), IndicatorError> {
        let mut names = BTreeSet::new();
        for indicator in self.all() {
            let name = &indicator.name;
            if !names.insert(name) {
                return Err(rule_broken(name, "the name stands there twice"));
            }
            let must = |other: &str, is: fn(&Indicator) -> bool, what: &str| match self.get(other) {
                Some(found) if is(found) => Ok(()),
                _ => Err(rule_broken(name, &format!("`{other}` is no {what} of this file"))),
            };
            for part in &indicator.parts {
                must(part, is_rows, "indicator of rows")?;
                if self.get(part).map(|part| part.unit) != Some(indicator.unit) {
                    return Err(rule_broken(name, &format!("`{part}` is counted in another unit")));
                }
            }
            if let Some(band) = &indicator.band {
                let is_times = |found: &Indicator| is_rows(found) && found.unit == Unit::PersonTimes;
                must(&band.person_times, is_times, "indicator of person-times")?;
                must(&band.standard, |found| found.kind == Kind::Parameter, "standard")?;
            }
            if let Source::Ratio(ratio) = &indicator.source {
                must(&ratio.of, is_rows, "indicator of rows")?;
                must(&ratio.per, is_rows, "indicator of rows")?;
            }
        }
        Ok(())
    }
}

const fn is_rows(indicator: &Indicator) -> bool {
    matches!(indicator.source, Source::Rows(_))
}

fn rule_broken(name: &str, rule: &str) -> IndicatorError {
    IndicatorError::Rule {
        name: name.to_owned(),
        rule: rule.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: &str = r#"
        [[indicator]]
        name = "times"
        title = "人次"
        definition = "…"
        unit = "person-times"
        kind = "flow"
        rows = { of = "lined-months", measure = "person-times" }
    "#;

    fn error(change: impl Fn(&str) -> String) -> String {
        let error = Indicators::parse(&change(TIMES)).unwrap_err();
        mz_kernel::chain(&error)
    }

    #[test]
    fn the_shipped_file_holds_together() {
        let indicators = Indicators::shipped().unwrap();
        assert!(indicators.get("tekun_urban_paid").is_some());
    }

    #[test]
    fn a_wrong_row_names_itself() {
        assert!(Indicators::parse(TIMES).is_ok());
        let cases: [(&str, &str, &str); 8] = [
            ("\"lined-months\"", "\"moons\"", "row 1, `times`"),
            ("title", "titel", "row 1, `times`"),
            (
                "definition = \"…\"",
                "definition = \" \"",
                "`times`: it needs a title",
            ),
            ("\"times\"", "\"Times\"", "`Times`: a name is"),
            (
                "\"flow\"",
                "\"stock\"",
                "`times`: what it comes from makes it a flow",
            ),
            (
                "\"person-times\" }",
                "\"amount\" }",
                "not counted in person-times",
            ),
            (
                "rows = {",
                "standard = \"s\"\nrows = {",
                "`times`: it has exactly one",
            ),
            (
                "\"flow\"",
                "\"flow\"\nparts = [\"other\"]",
                "`other` is no indicator",
            ),
        ];
        for (from, to, expected) in cases {
            let error = error(|text| text.replacen(from, to, 1));
            assert!(error.contains(expected), "{error} does not say {expected}");
        }
        let twice = error(|text| format!("{text}{text}"));
        assert!(twice.contains("stands there twice"), "{twice}");
    }

    #[test]
    fn a_band_needs_person_times_and_a_standard() {
        let with = |band: &str| {
            format!(
                "{TIMES}[[indicator]]\nname = \"paid\"\ntitle = \"发放\"\ndefinition = \"…\"\nunit = \"fen\"\nkind = \"flow\"\n\
                 rows = {{ of = \"paid-months\", measure = \"amount\" }}\nband = {band}\n"
            )
        };
        let error = |band: &str| mz_kernel::chain(&Indicators::parse(&with(band)).unwrap_err());
        let missing = error("{ person_times = \"times\", standard = \"none\" }");
        assert!(missing.contains("`none` is no standard"), "{missing}");
        let wrong = error("{ person_times = \"paid\", standard = \"none\" }");
        assert!(
            wrong.contains("`paid` is no indicator of person-times"),
            "{wrong}"
        );
    }
}
