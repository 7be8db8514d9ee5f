//! `minzheng simulate`: a suite of its own for a county's year, which is played on it through its HTTP door.

use crate::cli;
use crate::county::County;
use crate::say;
use crate::scenario::Scenario;
use crate::simulate::{Officer, Override, Prepared, SimulateError, Stage};
use crate::suite::{Options, Suite};
use mz_http::Role;
use mz_kernel::Date;
use mz_runtime::logging::{self, LogTo};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tempfile::TempDir;

/// Plays the scenario and prints the comparison; fails when a figure that has to be reached is not.
pub async fn simulation(order: cli::Simulate) -> Result<ExitCode, Box<dyn Error>> {
    let scenario = Scenario::find(&order.scenario)?;
    let set = order
        .set
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<Override>, _>>()?;
    let county = County::find(&scenario.county)?;
    let prepared = Prepared::new(&scenario, &county, &set)?;
    let begin = Note {
        scenario: scenario.name.clone(),
        set: set.iter().map(Override::to_string).collect(),
        legal_date: prepared.first_day(),
    };
    let (place, note) = Place::open(order.keep.as_deref(), begin)?;
    let log = place.path().join("simulation.log");
    let _logging = logging::start(LogTo::File(&log), "warn", None)?;
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: order.database,
        legal_date: Some(note.legal_date),
        ..Options::new(place.path(), prepared.county().clone())
    };
    let stage = Kept {
        suite: Box::pin(Suite::start(options)).await?,
        folder: place.path(),
        note,
    };
    let bar = say::bar(prepared.steps(), "steps", order.json);
    let played = Box::pin(prepared.play(&stage, &bar)).await;
    stage.suite.stop().await;
    let report = played?;
    if order.json {
        say::line(report.to_json());
    } else {
        say::line(report.to_text());
    }
    Ok(if report.reached() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What a folder says of the simulation in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    scenario: String,
    /// What was set otherwise than in the policy.
    set: Vec<String>,
    /// The day at which it stands: everything of the days before is done.
    legal_date: Date,
}

impl Note {
    const NAME: &str = "simulation.json";

    /// What stands in a folder; none where no simulation began there.
    fn read(folder: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(folder.join(Self::NAME)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it, whole or not at all.
    fn write(&self, folder: &Path) -> io::Result<()> {
        let (new, name) = (folder.join("simulation.new"), folder.join(Self::NAME));
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        std::fs::rename(new, name)
    }
}

/// Where a simulation writes: a folder that is kept, or one that goes with it.
enum Place {
    Kept(PathBuf),
    Passing(TempDir),
}

impl Place {
    /// A new folder, or one in which the same simulation was cut off; with where it stands.
    fn open(keep: Option<&Path>, begin: Note) -> Result<(Self, Note), Box<dyn Error>> {
        let Some(folder) = keep else {
            let passing = tempfile::Builder::new().prefix("minzheng-").tempdir()?;
            return Ok((Self::Passing(passing), begin));
        };
        std::fs::create_dir_all(folder)?;
        let note = match Note::read(folder)? {
            Some(note) if (&note.scenario, &note.set) == (&begin.scenario, &begin.set) => note,
            Some(other) => {
                let what = [std::slice::from_ref(&other.scenario), &other.set]
                    .concat()
                    .join(" ");
                let folder = folder.display();
                return Err(format!("{folder} holds another simulation: {what}; give a new folder").into());
            }
            None if std::fs::read_dir(folder)?.next().is_some() => {
                let folder = folder.display();
                return Err(
                    format!("{folder} holds something else than a simulation; give a new folder").into(),
                );
            }
            None => {
                begin.write(folder)?;
                begin
            }
        };
        Ok((Self::Kept(folder.to_owned()), note))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(folder) => folder,
            Self::Passing(folder) => folder.path(),
        }
    }
}

/// A suite whose folder tells how far the simulation has come.
struct Kept<'a> {
    suite: Suite,
    folder: &'a Path,
    note: Note,
}

impl Stage for Kept<'_> {
    fn base_url(&self) -> String {
        self.suite.base_url()
    }

    fn token(&self, who: Officer) -> String {
        match who {
            Officer::Maker => self.suite.token("maker", Role::TownshipOfficer),
            Officer::Checker => self.suite.token("checker", Role::BureauOfficer),
        }
    }

    async fn set_legal_date(&self, date: Date) -> Result<(), SimulateError> {
        if date <= self.suite.today() {
            return Ok(());
        }
        let failed = |source: Box<dyn Error + Send + Sync>| SimulateError::Stage {
            doing: format!("the legal date {date}"),
            source,
        };
        let note = Note {
            legal_date: date,
            ..self.note.clone()
        };
        note.write(self.folder).map_err(|error| failed(error.into()))?;
        let moved = self.suite.set_legal_date(date);
        moved.ok_or_else(|| failed("the legal date moves forward only".into()))
    }

    async fn settled(&self) -> Result<(), SimulateError> {
        let settled = self.suite.settled().await;
        settled.map_err(|error| SimulateError::Stage {
            doing: "waiting until nothing is under way".to_owned(),
            source: error.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(set: &[&str], date: Date) -> Note {
        Note {
            scenario: "batang-2020".to_owned(),
            set: set.iter().map(|text| (*text).to_owned()).collect(),
            legal_date: date,
        }
    }

    #[test]
    fn a_simulation_goes_on_in_its_own_folder_and_in_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let (first, march) = (Date::constant(2019, 12, 2), Date::constant(2020, 3, 17));
        let (_, begun) = Place::open(Some(&kept), note(&[], first)).unwrap();
        assert_eq!(begun, note(&[], first));
        note(&[], march).write(&kept).unwrap();
        let (_, found) = Place::open(Some(&kept), note(&[], first)).unwrap();
        assert_eq!(found.legal_date, march);
        let other = Place::open(Some(&kept), note(&["tekun.standard.urban@2020-07=768.00"], first));
        assert!(
            other
                .err()
                .unwrap()
                .to_string()
                .contains("holds another simulation: batang-2020")
        );
        let elsewhere = Place::open(Some(folder.path()), note(&[], first));
        assert!(elsewhere.err().unwrap().to_string().contains("something else"));
    }
}
