//! Replaying a scenario through the public API, one legal date after the other, and comparing what comes out.
//!
//! Every step is a request that an officer could send, with an idempotency key of its own, so that one that was not
//! answered is sent again and done once. The steps of a round are sent together; the date is moved on only when every
//! service has taken in what the others said.

mod bank;
mod commands;
mod compare;
mod office;
mod proof;
mod report;
mod what_if;

pub use compare::{Comparison, Origin, Verdict};
pub use proof::Proof;
pub use report::{Report, Runs};
pub use what_if::{Override, OverrideError};

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error;
use std::future::Future;
use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use mz_kernel::{Calendar, CalendarError, Date};
use mz_policy::PolicyError;

use crate::county::{self, County};
use crate::scenario::{Action, Ours, Plan, PlanError, Scenario, Step};
use office::{DivisionRow, IndicatorRow, Known, Office, Told};
use report::Outcome;

/// Steps of one round that are on their way together.
const IN_FLIGHT: usize = 16;

/// The suite that a scenario is played on. Its legal date begins no later than [`Prepared::first_day`], and its county is
/// [`Prepared::county`].
pub trait Stage {
    /// Where the HTTP door listens, such as `http://127.0.0.1:8080`.
    fn base_url(&self) -> String;
    /// A token for one of the two officers, for the whole county: a township officer who makes, a bureau officer who
    /// checks.
    fn token(&self, who: Officer) -> String;
    /// Moves the legal date on to a day; one that it has passed already stays passed.
    fn set_legal_date(&self, date: Date) -> impl Future<Output = Result<(), SimulateError>> + Send;
    /// Waits until every service has taken in what the others said.
    fn settled(&self) -> impl Future<Output = Result<(), SimulateError>> + Send;
}

/// Who does a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Officer {
    /// 经办: a township officer.
    Maker,
    /// 审核: a bureau officer, somebody else than the maker.
    Checker,
}

/// Why a simulation cannot go on. None repeats a name or a number of a person.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The scenario does not fit the county or the calendar.
    #[error("the scenario cannot be played")]
    Plan(#[from] PlanError),
    /// The working days.
    #[error("the working-day calendar cannot be used")]
    Calendar(#[from] CalendarError),
    /// A value cannot be set.
    #[error("the value cannot be set")]
    WhatIf(#[from] PolicyError),
    /// The suite itself.
    #[error("the suite failed at {doing}")]
    Stage {
        /// What it was doing, such as `the legal date 2020-01-02`.
        doing: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A request that is not answered.
    #[error("{what} got no answer")]
    Http {
        /// The request: method, path, and the step's key.
        what: String,
        /// Why not.
        #[source]
        source: reqwest::Error,
    },
    /// A request that was refused.
    #[error("{what} was refused: {status} {code}: {detail}")]
    Refused {
        /// The request: method, path, and the step's key.
        what: String,
        /// The status of the answer.
        status: u16,
        /// The problem's code.
        code: String,
        /// The problem's detail.
        detail: String,
    },
    /// An answer of another shape.
    #[error("the answer to {what} cannot be read")]
    Answer {
        /// The request: method, path, and the step's key.
        what: String,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// An answer without the id that later steps need.
    #[error("the answer to {what} has no `{field}`")]
    NoId {
        /// The request: method, path, and the step's key.
        what: String,
        /// The field.
        field: &'static str,
    },
    /// A step that rests on one which was not answered: a mistake of the plan.
    #[error("{what} is not known yet; the steps are in a wrong order")]
    Unanswered {
        /// What is not known.
        what: String,
    },
    /// Sums that cannot be held.
    #[error("the sums of the simulation are too large to be held")]
    Overflow,
}

/// A scenario of a county, ready to be played, with some values of the policy replaced.
pub struct Prepared<'a> {
    scenario: &'a Scenario,
    county: County,
    set: &'a [Override],
    plan: Plan,
}

impl<'a> Prepared<'a> {
    /// Plans the scenario; fails where it does not fit the county, the calendar or the policy.
    pub fn new(scenario: &'a Scenario, county: &County, set: &'a [Override]) -> Result<Self, SimulateError> {
        let county = county::what_if(county.clone(), set)?;
        let plan = Plan::new(scenario, &county, &Calendar::china()?)?;
        Ok(Self {
            scenario,
            county,
            set,
            plan,
        })
    }

    /// The county, with the values that are replaced.
    pub fn county(&self) -> &County {
        &self.county
    }

    /// How many steps it has.
    pub fn steps(&self) -> usize {
        self.plan.len()
    }

    /// The legal date at which the scenario begins.
    pub fn first_day(&self) -> Date {
        let first = self.plan.days.first();
        first.map_or(self.scenario.from.first_day(), |day| day.date)
    }

    /// Plays it on a suite. What was answered there before is answered the same again, so that a simulation that was cut
    /// off goes on. `bar` counts the steps.
    pub async fn play(
        &self,
        stage: &(impl Stage + Sync),
        bar: &ProgressBar,
    ) -> Result<Report, SimulateError> {
        let begun = Instant::now();
        let mut play = Play {
            office: Office::new(stage)?,
            plan: &self.plan,
            county: &self.county,
            known: Known::default(),
            runs: Runs::default(),
            repeated: Runs::default(),
        };
        for day in &self.plan.days {
            bar.set_message(day.date.to_string());
            stage.set_legal_date(day.date).await?;
            for round in &day.rounds {
                // A run has to know of every death that was registered before it, on the same day, too.
                if round.iter().any(|step| step.action.listens()) {
                    stage.settled().await?;
                }
                play.round(round, bar).await?;
            }
            stage.settled().await?;
        }
        bar.finish_and_clear();
        let told = Outcome {
            indicators: self.indicators(&play.office).await?,
            townships: self.townships(&play.office).await?,
            proof: play.office.proof(self.county.code, self.scenario.to).await?,
            left: play.office.left().await?,
            runs: play.runs,
            repeated: play.repeated,
            seconds: begun.elapsed().as_secs(),
        };
        Ok(Report::new((self.scenario, &self.county, self.set), told))
    }

    /// What insight answers for each figure that it gives, by the figure's id.
    async fn indicators(&self, office: &Office) -> Result<BTreeMap<String, IndicatorRow>, SimulateError> {
        let figures = &self.scenario.figures;
        let mut rows = BTreeMap::new();
        for figure in &figures.rows {
            let Ours::Indicator { month, .. } = &figure.ours else {
                continue;
            };
            let months = month.map_or((figures.from, figures.to), |month| (month, month));
            let row = office
                .indicator(self.county.code, &figure.indicator, months)
                .await?;
            rows.extend(row.map(|row| (figure.id.clone(), row)));
        }
        Ok(rows)
    }

    /// The townships on each day that a figure names.
    async fn townships(&self, office: &Office) -> Result<BTreeMap<Date, Vec<DivisionRow>>, SimulateError> {
        let mut townships = BTreeMap::new();
        for figure in &self.scenario.figures.rows {
            let Ours::Divisions { before, after, .. } = figure.ours else {
                continue;
            };
            for day in [before, after] {
                if let Entry::Vacant(missing) = townships.entry(day) {
                    missing.insert(office.townships(self.county.code, day).await?);
                }
            }
        }
        Ok(townships)
    }
}

/// A scenario while it is played.
struct Play<'a> {
    office: Office,
    plan: &'a Plan,
    county: &'a County,
    known: Known,
    runs: Runs,
    repeated: Runs,
}

impl Play<'_> {
    /// Sends the steps of a round together, and notes what they tell.
    async fn round(&mut self, round: &[Step], bar: &ProgressBar) -> Result<(), SimulateError> {
        let Self {
            office,
            plan,
            county,
            known,
            ..
        } = &*self;
        let send = async |step| {
            let told = office.send(plan, county.code, known, step).await?;
            bar.inc(1);
            Ok::<_, SimulateError>((step.action, told))
        };
        let told: Vec<_> = stream::iter(round)
            .map(send)
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await?;
        for (action, told) in told {
            match told {
                Told::Nothing => {}
                Told::Id(thing, at, id) => self.known.note(thing, at, id),
                Told::Recovery(at, id, amount) => self.known.note_recovery(at, id, amount),
                Told::BankFile(month, file) => self.known.note_bank_file(month, file),
                Told::Run(run) => {
                    let sums = match action {
                        Action::RunAgain(_) => &mut self.repeated,
                        _ => &mut self.runs,
                    };
                    sums.count(run).ok_or(SimulateError::Overflow)?;
                }
            }
        }
        Ok(())
    }
}
