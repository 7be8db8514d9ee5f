//! `minzheng simulate`: a suite of its own for a county's year, which is played on it through its HTTP door.

use crate::cli;
use crate::county::{self, County};
use crate::say;
use crate::scenario::Scenario;
use crate::simulate::{Officer, Override, SimulateError, Stage, simulate};
use crate::suite::{Options, Suite};
use mz_http::Role;
use mz_kernel::Date;
use mz_runtime::logging::{self, LogTo};
use std::error::Error;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use tempfile::TempDir;

/// Plays the scenario and prints the comparison; fails when a figure that has to be reached is not.
pub async fn simulation(order: cli::Simulate) -> Result<ExitCode, Box<dyn Error>> {
    let scenario = Scenario::find(&order.scenario)?;
    let county = County::find(&scenario.county)?;
    let set = order
        .set
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<Override>, _>>()?;
    let place = Place::new(order.keep.as_deref())?;
    let log = place.path().join("simulation.log");
    logging::start(LogTo::File(&log), "warn")?;
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: order.database,
        legal_date: Some(scenario.from.first_day()),
        ..Options::new(place.path(), county::what_if(county.clone(), &set)?)
    };
    let suite = Box::pin(Suite::start(options)).await?;
    let progress = !order.json && std::io::stderr().is_terminal();
    let played = Box::pin(simulate(&suite, &county, &scenario, &set, progress)).await;
    suite.stop().await;
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

/// Where a simulation writes: a folder that is kept, or one that goes with it.
enum Place {
    Kept(std::path::PathBuf),
    Passing(TempDir),
}

impl Place {
    fn new(keep: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(folder) = keep else {
            return Ok(Self::Passing(
                tempfile::Builder::new().prefix("minzheng-").tempdir()?,
            ));
        };
        if folder.exists() {
            return Err(format!(
                "{} exists already; a simulation starts in a new folder",
                folder.display()
            )
            .into());
        }
        std::fs::create_dir_all(folder)?;
        Ok(Self::Kept(folder.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(folder) => folder,
            Self::Passing(folder) => folder.path(),
        }
    }
}

impl Stage for Suite {
    fn base_url(&self) -> String {
        Suite::base_url(self)
    }

    fn token(&self, who: Officer) -> String {
        match who {
            Officer::Maker => Suite::token(self, "maker", Role::TownshipOfficer),
            Officer::Checker => Suite::token(self, "checker", Role::BureauOfficer),
        }
    }

    async fn set_legal_date(&self, date: Date) -> Result<(), SimulateError> {
        let moved = Suite::set_legal_date(self, date);
        moved.ok_or_else(|| SimulateError::Stage {
            doing: format!("the legal date {date}"),
            source: "the legal date moves forward only".into(),
        })
    }

    async fn settled(&self) -> Result<(), SimulateError> {
        let settled = Suite::settled(self).await;
        settled.map_err(|error| SimulateError::Stage {
            doing: "waiting until nothing is under way".to_owned(),
            source: error.into(),
        })
    }
}
