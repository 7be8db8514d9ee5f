//! Reading a scenario.

use std::path::Path;

use mz_kernel::{Date, DivisionCode, Month};
use serde::{Deserialize, Serialize};

use super::figures::Figures;

/// A year of one county.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// `batang-2020`, or the file that it was read from.
    pub name: String,
    /// The county that it is about, as `County::find` takes it.
    pub county: String,
    /// From which the persons are made up.
    pub seed: u64,
    /// Where more of them live than elsewhere.
    pub townships: Vec<Township>,
    /// The first month that is paid.
    pub from: Month,
    /// The last month.
    pub to: Month,
    /// Who is supported from the first month on: decided in the month before it.
    pub opening: Vec<Opening>,
    /// New approvals 新增.
    pub starts: Vec<Start>,
    /// Stops for another reason than death.
    pub stops: Vec<Stop>,
    /// Deaths.
    pub deaths: Vec<Death>,
    /// Payments that the bank sends back.
    pub returns: Vec<Return>,
    /// What was printed about the year.
    pub figures: Figures,
}

/// On which standard somebody is supported; the wire's `rural` and `urban`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// 农村特困.
    Rural,
    /// 城市特困.
    Urban,
}

/// Where somebody is supported; the wire's `centralised` and `dispersed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// 集中供养, in an institution.
    Centralised,
    /// 分散供养, at home.
    Dispersed,
}

impl Class {
    /// The key of its standard in the policy.
    pub const fn standard_key(self) -> &'static str {
        match self {
            Class::Rural => "tekun.standard.rural",
            Class::Urban => "tekun.standard.urban",
        }
    }
}

/// How many times more persons of each class live in a township than in one that is not listed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Township {
    /// Its code.
    pub code: DivisionCode,
    /// For rural persons.
    pub rural: usize,
    /// For urban persons.
    pub urban: usize,
}

/// Persons in the opening stock.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Their class.
    pub class: Class,
    /// Their mode.
    pub mode: Mode,
    /// How many.
    pub persons: usize,
}

/// New approvals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Their class.
    pub class: Class,
    /// Their mode.
    pub mode: Mode,
    /// The month of the decision, which is the first one owed.
    pub month: Month,
    /// How many.
    pub persons: usize,
}

/// Stops.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Of persons of this class.
    pub class: Class,
    /// The first month not owed; it is decided in the month before.
    pub from: Month,
    /// How many.
    pub persons: usize,
    /// The reason's code, such as `voluntary`.
    pub reason: String,
}

/// A death.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Death {
    /// Of a person of this class.
    pub class: Class,
    /// The day of death.
    pub died_on: Date,
    /// The day on which it was registered.
    pub reported_on: Date,
    /// What becomes of money that was paid for later months.
    #[serde(default)]
    pub overpaid: Overpaid,
}

/// What becomes of a recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overpaid {
    /// 退缴: the family pays it back.
    #[default]
    Repaid,
    /// 核销: it is given up, by the decision of a second officer.
    Waived,
    /// Nobody has paid it back when the year ends.
    Outstanding,
}

/// Payments that the bank sends back 退票. The account is corrected in the next month, and they are issued once more
/// with its batch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// To persons of this class.
    pub class: Class,
    /// The month of the batch.
    pub month: Month,
    /// How many.
    pub persons: usize,
    /// The bank's reason, in its words: 账户已销户.
    pub reason: String,
}

/// Why a scenario cannot be used. Each names the file; rows are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Neither shipped nor a file.
    #[error("there is no scenario `{name}`; give `batang-2020`, or a file with figures.toml beside it")]
    Unknown {
        /// What was given.
        name: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read")]
    File {
        /// The file.
        file: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML of the expected shape.
    #[error("{file} does not have the form of a scenario")]
    Malformed {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A row contradicts the others.
    #[error("{file}, row {row} of `{table}`: {what}")]
    Row {
        /// The file.
        file: String,
        /// `start`, `stop`, `death`, `return` or `figure`.
        table: &'static str,
        /// The row.
        row: usize,
        /// What is wrong, and what would be right.
        what: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioFile {
    seed: u64,
    #[serde(default)]
    township: Vec<Township>,
    from: Month,
    to: Month,
    opening: Vec<Opening>,
    #[serde(default)]
    start: Vec<Start>,
    #[serde(default)]
    stop: Vec<Stop>,
    #[serde(default)]
    death: Vec<Death>,
    #[serde(rename = "return", default)]
    returned: Vec<Return>,
}

impl Scenario {
    /// The scenario of a name that is shipped (`batang-2020`), or of a file in a county's folder.
    pub fn find(name_or_file: &str) -> Result<Scenario, ScenarioError> {
        if name_or_file == "batang-2020" {
            return Scenario::parse(
                ("batang-2020", "batang"),
                (
                    "batang/scenario-2020.toml",
                    include_str!("../../../../deploy/counties/batang/scenario-2020.toml"),
                ),
                (
                    "batang/figures.toml",
                    include_str!("../../../../deploy/counties/batang/figures.toml"),
                ),
            );
        }
        let path = Path::new(name_or_file);
        let (true, Some(folder)) = (path.is_file(), path.parent()) else {
            return Err(ScenarioError::Unknown {
                name: name_or_file.to_owned(),
            });
        };
        // A bare file name lies in the folder `.`, whose path is empty.
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let read = |path: &Path| {
            let file = path.display().to_string();
            match std::fs::read_to_string(path) {
                Ok(text) => Ok((file, text)),
                Err(source) => Err(ScenarioError::File { file, source }),
            }
        };
        let (year, figures) = (read(path)?, read(&folder.join("figures.toml"))?);
        let county = folder.display().to_string();
        Scenario::parse(
            (name_or_file, &county),
            (&year.0, &year.1),
            (&figures.0, &figures.1),
        )
    }

    /// The scenario of two files, each given as its name and its text.
    fn parse(
        (name, county): (&str, &str),
        (file, text): (&str, &str),
        (figures_file, figures): (&str, &str),
    ) -> Result<Scenario, ScenarioError> {
        let malformed = |file: &str, source| ScenarioError::Malformed {
            file: file.to_owned(),
            source: Box::new(source),
        };
        let ScenarioFile {
            seed,
            township,
            from,
            to,
            opening,
            start,
            stop,
            death,
            returned,
        } = toml::from_str(text).map_err(|source| malformed(file, source))?;
        let figures: Figures = toml::from_str(figures).map_err(|source| malformed(figures_file, source))?;
        let scenario = Scenario {
            name: name.to_owned(),
            county: county.to_owned(),
            seed,
            townships: township,
            from,
            to,
            opening,
            starts: start,
            stops: stop,
            deaths: death,
            returns: returned,
            figures,
        };
        let checked = scenario.check().map_err(|wrong| (file, wrong));
        let checked = checked.and_then(|()| scenario.figures.check().map_err(|wrong| (figures_file, wrong)));
        match checked {
            Ok(()) => Ok(scenario),
            Err((file, WrongRow { table, row, what })) => Err(ScenarioError::Row {
                file: file.to_owned(),
                table,
                row,
                what,
            }),
        }
    }

    /// How many times more persons of a class live in a township than in one that is not listed.
    pub(super) fn weight(&self, class: Class, township: DivisionCode) -> usize {
        let listed = self.townships.iter().find(|row| row.code == township);
        listed.map_or(1, |row| match class {
            Class::Rural => row.rural,
            Class::Urban => row.urban,
        })
    }

    fn check(&self) -> Result<(), WrongRow> {
        // What begins or ends in the first month would have been applied for before it.
        let later = self.from.next()..=self.to;
        first_wrong("start", &self.starts, |start| later.contains(&start.month)).map_err(|wrong| {
            wrong.because("the month lies after the first one and not after the last one")
        })?;
        first_wrong("stop", &self.stops, |stop| later.contains(&stop.from))
            .map_err(|wrong| wrong.because("`from` lies after the first month and not after the last one"))?;
        // What comes back of the last month's batch would be issued again after the end.
        first_wrong("return", &self.returns, |row| {
            self.from <= row.month && row.month < self.to
        })
        .map_err(|wrong| wrong.because("the month lies before the last one and not before the first one"))?;
        let days = self.from.first_day()..=self.to.last_day();
        first_wrong("death", &self.deaths, |death| {
            days.contains(&death.died_on)
                && days.contains(&death.reported_on)
                && death.died_on <= death.reported_on
        })
        .map_err(|wrong| wrong.because("the death and then its report lie within the months of the scenario"))
    }
}

/// A row that contradicts the others, until the file is named.
pub(super) struct WrongRow {
    table: &'static str,
    row: usize,
    what: &'static str,
}

impl WrongRow {
    pub(super) fn because(self, what: &'static str) -> Self {
        Self { what, ..self }
    }
}

pub(super) fn first_wrong<T>(
    table: &'static str,
    rows: &[T],
    mut right: impl FnMut(&T) -> bool,
) -> Result<(), WrongRow> {
    match rows.iter().position(|row| !right(row)) {
        None => Ok(()),
        Some(at) => Err(WrongRow {
            table,
            row: at + 1,
            what: "",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many persons of a class are owed a month, by the file alone.
    fn owed(scenario: &Scenario, class: Class, month: Month) -> usize {
        let opening = scenario
            .opening
            .iter()
            .filter(|row| row.class == class)
            .map(|row| row.persons);
        let started = scenario
            .starts
            .iter()
            .filter(|row| row.class == class && row.month <= month);
        let stopped = scenario
            .stops
            .iter()
            .filter(|row| row.class == class && row.from <= month);
        let dead = scenario
            .deaths
            .iter()
            .filter(|row| row.class == class && Month::of(row.died_on) < month);
        opening.sum::<usize>() + started.map(|row| row.persons).sum::<usize>()
            - stopped.map(|row| row.persons).sum::<usize>()
            - dead.count()
    }

    fn person_months(scenario: &Scenario, class: Class, from: &str, to: &str) -> usize {
        let months = Month::range(from.parse().unwrap(), to.parse().unwrap());
        months.map(|month| owed(scenario, class, month)).sum()
    }

    #[test]
    fn batang_2020_has_the_person_months_that_were_printed() {
        let year = Scenario::find("batang-2020").unwrap();
        assert_eq!(person_months(&year, Class::Urban, "2020-01", "2020-06"), 1_257);
        assert_eq!(person_months(&year, Class::Urban, "2020-07", "2020-11"), 1_012);
        assert_eq!(person_months(&year, Class::Rural, "2020-01", "2020-11"), 3_581);
        assert_eq!(year.starts.iter().map(|row| row.persons).sum::<usize>(), 18);
        assert_eq!(year.deaths.len(), 23);
    }

    #[test]
    fn batang_2020_has_deaths_that_are_reported_late() {
        let year = Scenario::find("batang-2020").unwrap();
        let late = |death: &&Death| Month::of(death.reported_on) > Month::of(death.died_on).next();
        assert!(year.deaths.iter().filter(late).count() >= 5);
        let january = Date::constant(2020, 1, 20);
        let death = year.deaths.iter().find(|death| death.died_on == january).unwrap();
        assert_eq!(Month::of(death.reported_on).to_string(), "2020-03");
    }

    const FIGURES: &str = "document = \"d\"\nfrom = \"2020-01\"\nto = \"2020-02\"\nfigure = []\n";
    const YEAR: &str = "seed = 1\nfrom = \"2020-01\"\nto = \"2020-02\"\nopening = []\n";

    fn error(year: &str, figures: &str) -> String {
        let wrong = Scenario::parse(("n", "c"), ("s.toml", year), ("f.toml", figures)).unwrap_err();
        wrong.to_string()
    }

    #[test]
    fn a_row_that_contradicts_the_others_is_named() {
        let start = "[[start]]\nclass = \"rural\"\nmode = \"dispersed\"\npersons = 1\nmonth = ";
        let first = error(
            &format!("{YEAR}{start}\"2020-02\"\n{start}\"2020-01\"\n"),
            FIGURES,
        );
        assert!(first.starts_with("s.toml, row 2 of `start`: "), "{first}");
        let death = "[[death]]\nclass = \"rural\"\ndied_on = \"2020-01-20\"\nreported_on = \"2020-01-19\"\n";
        let early = error(&format!("{YEAR}{death}"), FIGURES);
        assert!(early.starts_with("s.toml, row 1 of `death`: "), "{early}");
        let figure = "[[figure]]\nid = \"F1\"\nindicator = \"i\"\ntitle = \"t\"\nperiod = \"2020\"\npublished = 1\n\
                      unit = \"yuan\"\nkind = \"flow\"\nours = { absent = \"a\" }\n";
        let figures = FIGURES.replace("figure = []\n", &figure.repeat(2));
        let twice = error(YEAR, &figures);
        assert!(twice.starts_with("f.toml, row 2 of `figure`: "), "{twice}");
        assert_eq!(error("", FIGURES), "s.toml does not have the form of a scenario");
    }
}
