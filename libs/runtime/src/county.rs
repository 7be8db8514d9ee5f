//! A county: its divisions and its policy, from a folder of two files.
//!
//! `divisions.toml` lists rows as `POST /divisions` of registration takes them; exactly one is the county itself:
//!
//! ```toml
//! [[division]]
//! code = "513335203"
//! name = "昌波乡"
//! kind = "乡"
//! from = "2000-01-01"
//! until = "2020-06-19"            # optional: the first day without the code
//! successors = ["513335103"]      # only with `until`
//! ```
//!
//! `policy.toml` is a policy pack, in the form that `mz_policy` describes. A third file, [`WORKING_DAYS`], need not be
//! there: it adds the years whose notices came after this version was made.

use mz_bus::bridge::{Bridge, BridgeError, Request};
use mz_contracts::{Owner as _, Registration};
use mz_kernel::{Calendar, CalendarError, Date, DivisionCode, Level};
use mz_policy::{PackError, Policy};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Years that are added to the working-day calendar, in the form of [`Calendar::parse`]: in the county's folder, or in the
/// data folder.
pub const WORKING_DAYS: &str = "working-days.toml";
/// How long registration may take to start beside whoever enters the divisions.
const START_MAX: Duration = Duration::from_mins(1);
/// How often it is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// A county that services can be started for.
#[derive(Clone, Debug)]
pub struct County {
    /// Its code, of six digits.
    pub code: DivisionCode,
    /// Its name in full, in Chinese.
    pub name: String,
    /// What the law fixes there, dated.
    pub policy: Policy,
    /// It and what lies in it, as `POST /divisions` takes them.
    pub divisions: Vec<Division>,
    /// Its working days.
    pub calendar: Calendar,
}

/// A row of the divisions, with the time in which its code holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Division {
    /// The code.
    pub code: DivisionCode,
    /// The name in full.
    pub name: String,
    /// What it calls itself: 县, 镇, 乡.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The first day with the code.
    pub from: Date,
    /// The first day without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What took its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<DivisionCode>,
}

impl Division {
    /// Whether the code holds on a day.
    pub fn is_live(&self, on: Date) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }
}

/// Why a county cannot be used. Each names the file; rows are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum CountyError {
    /// Neither a county that is shipped nor a folder.
    #[error("there is no county `{name}`; give `batang`, or a folder with divisions.toml and policy.toml")]
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
    /// The divisions are not TOML of the expected shape.
    #[error("{file} is not a list of divisions")]
    Malformed {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// No row is a county.
    #[error("{file} has no row of a county; its code has six digits")]
    NoCounty {
        /// The file.
        file: String,
    },
    /// A row lies elsewhere.
    #[error("{file}, row {row}: {code} does not lie in the county {county}; a suite serves one county")]
    Elsewhere {
        /// The file.
        file: String,
        /// The row.
        row: usize,
        /// Its code.
        code: DivisionCode,
        /// The county's code.
        county: DivisionCode,
    },
    /// The policy.
    #[error("the policy of the county cannot be used")]
    Policy(#[from] PackError),
    /// The working days.
    #[error("{file} cannot be used as working days")]
    Calendar {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: CalendarError,
    },
}

/// The county's divisions were not entered.
#[derive(Debug, thiserror::Error)]
pub enum NotEntered {
    /// Registration does not answer.
    #[error("registration cannot be asked to enter the county's divisions")]
    Away(#[from] BridgeError),
    /// It said no.
    #[error("registration refused the county's divisions: {status} {problem}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem, as JSON.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DivisionsFile {
    division: Vec<Division>,
}

impl County {
    /// The county of a name that is shipped (`batang`), or of a folder.
    pub fn find(name_or_folder: &str) -> Result<County, CountyError> {
        if name_or_folder == "batang" {
            return County::parse(
                (
                    "batang/divisions.toml",
                    include_str!("../../../deploy/counties/batang/divisions.toml"),
                ),
                (
                    "batang/policy.toml",
                    include_str!("../../../deploy/counties/batang/policy.toml"),
                ),
            );
        }
        let folder = Path::new(name_or_folder);
        if !folder.is_dir() {
            return Err(CountyError::Unknown {
                name: name_or_folder.to_owned(),
            });
        }
        let read = |name: &str| {
            let path = folder.join(name);
            let file = path.display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(text) => Ok((file, text)),
                Err(source) => Err(CountyError::File { file, source }),
            }
        };
        let (divisions, policy) = (read("divisions.toml")?, read("policy.toml")?);
        let mut county = County::parse((&divisions.0, &divisions.1), (&policy.0, &policy.1))?;
        county.add_working_days(folder)?;
        Ok(county)
    }

    /// Adds the years in a folder's [`WORKING_DAYS`], if it has that file.
    pub fn add_working_days(&mut self, folder: &Path) -> Result<(), CountyError> {
        let path = folder.join(WORKING_DAYS);
        let file = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(CountyError::File { file, source }),
        };
        let calendar = self.calendar.clone().with(&text);
        self.calendar = calendar.map_err(|source| CountyError::Calendar { file, source })?;
        Ok(())
    }

    /// The county of two files, each given as its name and its text. What only the division tree can tell, such as a
    /// successor that is nowhere, registration says when the rows are entered.
    fn parse(divisions: (&str, &str), policy: (&str, &str)) -> Result<County, CountyError> {
        let (file, text) = divisions;
        let DivisionsFile { division } = toml::from_str(text).map_err(|source| CountyError::Malformed {
            file: file.to_owned(),
            source: Box::new(source),
        })?;
        let county = division.iter().find(|row| row.code.level() == Level::County);
        let Some(Division { code, name, .. }) = county.cloned() else {
            return Err(CountyError::NoCounty {
                file: file.to_owned(),
            });
        };
        for (row, each) in (1..).zip(&division) {
            if !code.contains(&each.code) {
                return Err(CountyError::Elsewhere {
                    file: file.to_owned(),
                    row,
                    code: each.code,
                    county: code,
                });
            }
        }
        Ok(County {
            code,
            name,
            policy: Policy::parse([policy])?,
            divisions: division,
            calendar: Calendar::china().map_err(|source| CountyError::Calendar {
                file: "the calendar that is shipped".to_owned(),
                source,
            })?,
        })
    }

    /// The townships whose codes hold on a day, by code.
    pub fn townships(&self, on: Date) -> Vec<DivisionCode> {
        let rows = self.divisions.iter();
        let live = rows.filter(|row| row.code.level() == Level::Township && row.is_live(on));
        let mut codes: Vec<_> = live.map(|row| row.code).collect();
        codes.sort_unstable();
        codes
    }

    /// Has registration enter the divisions, in the name of the administrator whose token it is; those that it knows
    /// stay as they are. A registration that only starts is waited for, up to a minute.
    pub async fn enter(&self, bridge: &Bridge, administrator: &str) -> Result<(), NotEntered> {
        let body = serde_json::json!({ "divisions": self.divisions }).to_string();
        // The same content is the same request: nothing is written at the second start.
        let key = mz_http::fingerprint("POST", "/divisions", body.as_bytes());
        let request = Request {
            method: "POST".to_owned(),
            path: "/divisions".to_owned(),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {administrator}")),
                ("content-type".to_owned(), "application/json".to_owned()),
                ("idempotency-key".to_owned(), format!("county-{key}")),
            ],
            body: body.into(),
        };
        let deadline = Instant::now() + START_MAX;
        let answer = loop {
            match bridge.call(Registration::NAME, request.clone()).await {
                Err(BridgeError::NoService { .. }) if Instant::now() < deadline => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                other => break other?,
            }
        };
        match answer.status {
            200..=299 => Ok(()),
            status => Err(NotEntered::Refused {
                status,
                problem: String::from_utf8_lossy(&answer.body).into_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: (&str, &str) = ("policy.toml", "division = \"513335\"\nname = \"巴塘县\"\n");

    fn error(divisions: &str) -> CountyError {
        County::parse(("divisions.toml", divisions), POLICY).unwrap_err()
    }

    fn row(code: &str) -> String {
        format!("[[division]]\ncode = \"{code}\"\nname = \"名\"\nfrom = \"2000-01-01\"\n")
    }

    #[test]
    fn batang_had_nineteen_townships_and_has_seventeen() {
        let batang = County::find("batang").unwrap();
        assert_eq!((batang.code.as_str(), batang.name.as_str()), ("513335", "巴塘县"));
        let on = |day: &str| batang.townships(day.parse().unwrap());
        let (before, after) = (on("2020-06-18"), on("2020-06-19"));
        assert_eq!((before.len(), after.len()), (19, 17));
        assert_eq!(before.iter().filter(|code| after.contains(code)).count(), 15);
        for row in batang.divisions.iter().filter(|row| row.until.is_some()) {
            assert!(row.successors.iter().all(|next| after.contains(next)), "{row:?}");
        }
    }

    #[test]
    fn batang_states_every_value_of_the_year() {
        let County { policy, code, .. } = County::find("batang").unwrap();
        let money = |key, month: &str| {
            policy
                .money(key, &code, month.parse().unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(money("tekun.standard.rural", "2020-06"), "500.00");
        assert_eq!(money("tekun.standard.rural", "2020-07"), "507.00");
        assert_eq!(money("tekun.standard.urban", "2020-06"), "702.00");
        assert_eq!(money("tekun.standard.urban", "2020-07"), "767.00");
        let january = "2020-01".parse().unwrap();
        assert_eq!(
            policy
                .choice::<String>("tekun.first-month", &code, january)
                .unwrap(),
            "decision-month"
        );
        assert_eq!(
            policy
                .choice::<String>("tekun.last-month", &code, january)
                .unwrap(),
            "death-month"
        );
        assert_eq!(policy.months("tekun.recheck-months", &code, january).unwrap(), 24);
        policy.days("tekun.decision-limit", &code, january).unwrap();
        policy
            .days("death.report-limit", &code, "2010-01".parse().unwrap())
            .unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_row() {
        assert_eq!(
            error(&(row("513335") + &row("513336100"))).to_string(),
            "divisions.toml, row 2: 513336100 does not lie in the county 513335; a suite serves one county"
        );
        assert!(matches!(error(&row("513335100")), CountyError::NoCounty { .. }));
        assert!(matches!(
            error("[[division]]\nname = 1"),
            CountyError::Malformed { .. }
        ));
        let unknown = County::find("nowhere").unwrap_err();
        assert!(
            unknown.to_string().starts_with("there is no county `nowhere`"),
            "{unknown}"
        );
    }

    #[test]
    fn a_folder_is_a_county() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().to_str().unwrap();
        assert!(
            matches!(County::find(name), Err(CountyError::File { file, .. }) if file.ends_with("divisions.toml"))
        );
        std::fs::write(folder.path().join("divisions.toml"), row("513335")).unwrap();
        std::fs::write(folder.path().join("policy.toml"), POLICY.1).unwrap();
        assert_eq!(County::find(name).unwrap().divisions.len(), 1);
        let notice = "[[year]]\nyear = 2031\ndocument = \"试\"\noff = []\nwork = []\n";
        std::fs::write(folder.path().join(WORKING_DAYS), notice).unwrap();
        let new_year = Date::constant(2031, 1, 1);
        assert_eq!(
            County::find(name).unwrap().calendar.is_working_day(new_year),
            Ok(true)
        );
        std::fs::write(folder.path().join(WORKING_DAYS), "year = 2031").unwrap();
        assert!(
            matches!(County::find(name), Err(CountyError::Calendar { file, .. }) if file.ends_with(WORKING_DAYS))
        );
    }
}
