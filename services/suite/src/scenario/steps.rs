//! Everything that officers do in the year, in the order of the legal dates.

use std::collections::BTreeMap;

use mz_kernel::{Calendar, CalendarError, Date, DivisionCode, Fen, Month};

use super::file::{Class, Overpaid, Scenario};
use super::persons::{AFTER_NOTICE, End, Person, Returned, on, persons};
use crate::county::County;

/// A scenario, ready to be sent.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everybody; steps name them by their place here.
    pub persons: Vec<Person>,
    /// The standards that become known within the year.
    pub standards: Vec<Standard>,
    /// The days on which something is done, in their order.
    pub days: Vec<Day>,
}

/// A standard to be entered, as the policy pack of the county states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Such as `tekun.standard.urban`.
    pub key: &'static str,
    /// The first month that it is about.
    pub from: Month,
    /// For each person and month.
    pub amount: Fen,
    /// The document that fixes it.
    pub document: String,
    /// The day on which it becomes known.
    pub entered: Date,
}

/// What is done on a legal date.
#[derive(Clone, Debug)]
pub struct Day {
    /// The date.
    pub date: Date,
    /// Each round rests on the ones before; the steps of one are independent of each other.
    pub rounds: Vec<Vec<Step>>,
}

impl Day {
    /// Whether an action is among them.
    pub(crate) fn has(&self, action: Action) -> bool {
        self.rounds.iter().flatten().any(|step| step.action == action)
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The idempotency key: the same step of the same scenario has the same key.
    pub key: String,
    /// What is asked for.
    pub action: Action,
}

/// What is asked for; persons and standards by their place in the [`Plan`]. The order is that of the rounds of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Register a person.
    Register(usize),
    /// Apply for tekun.
    Apply(usize),
    /// The maker proposes to grant.
    Propose(usize),
    /// The checker grants.
    Decide(usize),
    /// The maker enters the account.
    SetAccount(usize),
    /// The maker corrects the account that a payment came back from.
    CorrectAccount(usize),
    /// The maker enters a standard.
    EnterStandard(usize),
    /// The checker adopts it.
    AdoptStandard(usize),
    /// Register the death.
    RegisterDeath(usize),
    /// The maker proposes to stop.
    ProposeStop(usize),
    /// The checker stops.
    DecideStop(usize),
    /// The checker looks whether somebody who died was overpaid; the steps on the recovery rest on what there is.
    FindRecovery(usize),
    /// The checker enters what was paid back.
    Repay(usize),
    /// The maker proposes to give it up.
    ProposeWaiver(usize),
    /// The checker gives it up.
    DecideWaiver(usize),
    /// The maker proposes the batch of a month.
    ProposeBatch(Month),
    /// The checker seals it.
    DecideBatch(Month),
    /// The checker takes the bank file.
    FetchBankFile(Month),
    /// The checker enters the bank's answer.
    EnterResults(Month),
    /// Run a month.
    Run(Month),
    /// The maker builds the month's batch.
    BuildBatch(Month),
    /// Run it again, after the last one.
    RunAgain(Month),
}

impl Action {
    /// Whether it goes by what other services have told, so that this has to have arrived.
    pub(crate) fn listens(self) -> bool {
        matches!(
            self,
            Self::FindRecovery(_)
                | Self::ProposeBatch(_)
                | Self::Run(_)
                | Self::BuildBatch(_)
                | Self::RunAgain(_)
        )
    }
}

/// Working days from the run to the checker's decision on its batch.
const SEALED_AFTER: u32 = 3;
/// Working days from the run to the bank's answer.
const ANSWERED_AFTER: u32 = 6;

/// Why a scenario gives no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The year has no working days.
    #[error("the working days of the scenario are not known")]
    Calendar(#[from] CalendarError),
    /// The county's list has nothing to live in.
    #[error(
        "nobody can live anywhere on {on}; enter townships in divisions.toml, and weights in the scenario"
    )]
    NoTownship {
        /// The day.
        on: Date,
    },
    /// The scenario lists a township that the county does not have.
    #[error("{code} is no township of the county; mend `township` in the scenario")]
    UnknownTownship {
        /// Its code.
        code: DivisionCode,
    },
    /// More persons die, are stopped or have a payment returned than there are.
    #[error(
        "the opening stock has too few {class:?} persons for all deaths, stops and returns; mend the scenario"
    )]
    TooFew {
        /// The class.
        class: Class,
    },
}

impl Plan {
    /// What is to be done in a year of a county.
    pub fn new(scenario: &Scenario, county: &County, calendar: &Calendar) -> Result<Plan, PlanError> {
        let persons = persons(scenario, county, calendar)?;
        let standards = standards(scenario, county);
        let mut actions = Vec::new();
        for (at, person) in persons.iter().enumerate() {
            actions.extend(actions_for(at, person));
            if let Some(End::Death {
                reported_on,
                overpaid,
                ..
            }) = person.end
            {
                actions.extend(recovery(at, (reported_on, overpaid), calendar)?);
            }
        }
        for (at, standard) in standards.iter().enumerate() {
            actions.push((standard.entered, Action::EnterStandard(at)));
            actions.push((standard.entered, Action::AdoptStandard(at)));
        }
        for month in Month::range(scenario.from, scenario.to) {
            let date = last_working_day(calendar, month)?;
            let sealed = calendar.add_working_days(date, SEALED_AFTER)?;
            let answered = calendar.add_working_days(date, ANSWERED_AFTER)?;
            actions.extend([
                (date, Action::Run(month)),
                (date, Action::BuildBatch(month)),
                (sealed, Action::ProposeBatch(month)),
                (sealed, Action::DecideBatch(month)),
                (sealed, Action::FetchBankFile(month)),
                (answered, Action::EnterResults(month)),
            ]);
        }
        // A report that comes after the last run would not be in the figures.
        let end = actions.iter().map(|(date, _)| *date).max();
        for month in Month::range(scenario.from, scenario.to) {
            actions.extend(end.map(|date| (date, Action::RunAgain(month))));
        }
        Ok(Plan {
            persons,
            standards,
            days: days(&scenario.name, actions),
        })
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.days.iter().flat_map(|day| &day.rounds).map(Vec::len).sum()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn actions_for(at: usize, person: &Person) -> Vec<(Date, Action)> {
    let mut actions = vec![
        (person.applied_on, Action::Register(at)),
        (person.applied_on, Action::Apply(at)),
        (person.decided_on, Action::Propose(at)),
        (person.decided_on, Action::Decide(at)),
        (person.decided_on, Action::SetAccount(at)),
    ];
    if let Some(Returned { corrected_on, .. }) = person.returned {
        actions.push((corrected_on, Action::CorrectAccount(at)));
    }
    match &person.end {
        None => {}
        Some(End::Death { reported_on, .. }) => actions.push((*reported_on, Action::RegisterDeath(at))),
        Some(End::Stop {
            proposed_on,
            decided_on,
            ..
        }) => {
            actions.push((*proposed_on, Action::ProposeStop(at)));
            actions.push((*decided_on, Action::DecideStop(at)));
        }
    }
    actions
}

/// What is done about money that was paid after a death, once the run of the month in which it was reported has taken it
/// back.
fn recovery(
    at: usize,
    (reported_on, overpaid): (Date, Overpaid),
    calendar: &Calendar,
) -> Result<Vec<(Date, Action)>, CalendarError> {
    let asked = calendar.working_day_from(on(Month::of(reported_on).next(), AFTER_NOTICE))?;
    let decided = calendar.add_working_days(asked, SEALED_AFTER)?;
    let find = (asked, Action::FindRecovery(at));
    Ok(match overpaid {
        Overpaid::Repaid => vec![find, (asked, Action::Repay(at))],
        Overpaid::Waived => vec![
            find,
            (asked, Action::ProposeWaiver(at)),
            (decided, Action::DecideWaiver(at)),
        ],
        Overpaid::Outstanding => Vec::new(),
    })
}

/// The rows of the county's pack that become known within the scenario. The others hold from its beginning: the suite
/// has them from the pack itself.
fn standards(scenario: &Scenario, county: &County) -> Vec<Standard> {
    let year = scenario.from.first_day()..=scenario.to.last_day();
    let mut found = Vec::new();
    for key in [Class::Rural, Class::Urban].map(Class::standard_key) {
        for row in county.policy.rows(key, &county.code) {
            let entered = row.entered.filter(|entered| year.contains(entered));
            if let (Some(entered), mz_policy::Value::Money(amount)) = (entered, &row.value) {
                let (from, document) = (row.from, row.document.clone());
                found.push(Standard {
                    key,
                    from,
                    amount: *amount,
                    document,
                    entered,
                });
            }
        }
    }
    found
}

fn last_working_day(calendar: &Calendar, month: Month) -> Result<Date, CalendarError> {
    let mut day = month.last_day();
    while !calendar.is_working_day(day)? && day > month.first_day() {
        day = day.yesterday().unwrap_or(month.first_day());
    }
    Ok(day)
}

/// Days in their order; on each day rounds in the order of the actions, and every run a round of its own.
fn days(scenario: &str, actions: Vec<(Date, Action)>) -> Vec<Day> {
    let mut by_date = BTreeMap::<Date, Vec<Action>>::new();
    for (date, action) in actions {
        by_date.entry(date).or_default().push(action);
    }
    let day = |(date, mut actions): (Date, Vec<Action>)| {
        actions.sort_unstable();
        let rounds = actions.chunk_by(|one, next| {
            let run = matches!(one, Action::Run(_) | Action::RunAgain(_));
            !run && std::mem::discriminant(one) == std::mem::discriminant(next)
        });
        let step = |action: &Action| Step {
            key: key(scenario, *action),
            action: *action,
        };
        Day {
            date,
            rounds: rounds.map(|round| round.iter().map(step).collect()).collect(),
        }
    };
    by_date.into_iter().map(day).collect()
}

/// `batang-2020.decide.17`. A scenario's name may hold what no key may, as a file's path does.
fn key(scenario: &str, action: Action) -> String {
    let name: String = scenario
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .take(80)
        .collect();
    match action {
        Action::Register(at) => format!("{name}.register.{at}"),
        Action::Apply(at) => format!("{name}.apply.{at}"),
        Action::Propose(at) => format!("{name}.propose.{at}"),
        Action::Decide(at) => format!("{name}.decide.{at}"),
        Action::EnterStandard(at) => format!("{name}.enter-standard.{at}"),
        Action::AdoptStandard(at) => format!("{name}.adopt-standard.{at}"),
        Action::RegisterDeath(at) => format!("{name}.register-death.{at}"),
        Action::ProposeStop(at) => format!("{name}.propose-stop.{at}"),
        Action::DecideStop(at) => format!("{name}.decide-stop.{at}"),
        Action::SetAccount(at) => format!("{name}.set-account.{at}"),
        Action::CorrectAccount(at) => format!("{name}.correct-account.{at}"),
        Action::FindRecovery(at) => format!("{name}.find-recovery.{at}"),
        Action::Repay(at) => format!("{name}.repay.{at}"),
        Action::ProposeWaiver(at) => format!("{name}.propose-waiver.{at}"),
        Action::DecideWaiver(at) => format!("{name}.decide-waiver.{at}"),
        Action::ProposeBatch(month) => format!("{name}.propose-batch.{month}"),
        Action::DecideBatch(month) => format!("{name}.decide-batch.{month}"),
        Action::FetchBankFile(month) => format!("{name}.fetch-bank-file.{month}"),
        Action::EnterResults(month) => format!("{name}.enter-results.{month}"),
        Action::BuildBatch(month) => format!("{name}.build-batch.{month}"),
        Action::Run(month) => format!("{name}.run.{month}"),
        Action::RunAgain(month) => format!("{name}.run-again.{month}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn plan() -> Plan {
        let (county, scenario) = (
            County::find("batang").unwrap(),
            Scenario::find("batang-2020").unwrap(),
        );
        Plan::new(&scenario, &county, &Calendar::china().unwrap()).unwrap()
    }

    fn steps(plan: &Plan) -> impl Iterator<Item = (Date, &Step)> {
        let rounds = plan
            .days
            .iter()
            .flat_map(|day| day.rounds.iter().map(|round| (day.date, round)));
        rounds.flat_map(|(date, round)| round.iter().map(move |step| (date, step)))
    }

    /// The date and place in the order of a step.
    fn when(plan: &Plan, action: Action) -> (usize, Date) {
        let found = steps(plan)
            .enumerate()
            .find(|(_, (_, step))| step.action == action);
        let (at, (date, _)) = found.unwrap_or_else(|| panic!("no {action:?}"));
        (at, date)
    }

    #[test]
    fn each_step_comes_once_and_after_those_it_rests_on() {
        let plan = plan();
        let keys: BTreeSet<_> = steps(&plan).map(|(_, step)| &step.key).collect();
        assert_eq!(keys.len(), plan.len());
        assert!(
            keys.iter()
                .all(|key| key.len() <= 128 && key.bytes().all(|byte| byte.is_ascii_graphic()))
        );
        assert!(plan.days.is_sorted_by(|one, next| one.date < next.date));
        let mut done = BTreeSet::new();
        for (_, step) in steps(&plan) {
            let before = match step.action {
                Action::Register(_) | Action::EnterStandard(_) | Action::Run(_) => None,
                Action::Apply(at) => Some(Action::Register(at)),
                Action::Propose(at) => Some(Action::Apply(at)),
                Action::Decide(at) => Some(Action::Propose(at)),
                Action::AdoptStandard(at) => Some(Action::EnterStandard(at)),
                Action::RegisterDeath(at) | Action::ProposeStop(at) | Action::SetAccount(at) => {
                    Some(Action::Decide(at))
                }
                Action::CorrectAccount(at) => Some(Action::SetAccount(at)),
                Action::FindRecovery(at) => Some(Action::RegisterDeath(at)),
                Action::Repay(at) | Action::ProposeWaiver(at) => Some(Action::FindRecovery(at)),
                Action::DecideWaiver(at) => Some(Action::ProposeWaiver(at)),
                Action::BuildBatch(month) | Action::RunAgain(month) => Some(Action::Run(month)),
                Action::ProposeBatch(month) => Some(Action::BuildBatch(month)),
                Action::DecideBatch(month) => Some(Action::ProposeBatch(month)),
                Action::FetchBankFile(month) => Some(Action::DecideBatch(month)),
                Action::EnterResults(month) => Some(Action::FetchBankFile(month)),
                Action::DecideStop(at) => Some(Action::ProposeStop(at)),
            };
            assert!(before.is_none_or(|before| done.contains(&before)), "{step:?}");
            done.insert(step.action);
        }
    }

    #[test]
    fn everything_is_done_on_working_days() {
        let (plan, calendar) = (plan(), Calendar::china().unwrap());
        for (date, step) in steps(&plan) {
            assert!(calendar.is_working_day(date).unwrap(), "{date} {step:?}");
        }
    }

    #[test]
    fn the_year_begins_and_goes_on_as_the_scenario_says() {
        let plan = plan();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(plan.days[0].date, day("2019-12-02"));
        assert_eq!(when(&plan, Action::Decide(0)).1, day("2019-12-20"));
        let month = |number| Month::new(2020, number).unwrap();
        assert_eq!(
            when(&plan, Action::Run(month(1))).1,
            day("2020-01-23"),
            "the last one before the Spring Festival"
        );
        assert_eq!(when(&plan, Action::Run(month(11))).1, day("2020-11-30"));
        let entered: Vec<_> = plan
            .standards
            .iter()
            .map(|row| (row.key, row.from, row.amount, row.entered))
            .collect();
        assert_eq!(
            entered,
            [
                (
                    "tekun.standard.rural",
                    month(7),
                    Fen::new(50_700),
                    day("2020-08-10")
                ),
                (
                    "tekun.standard.urban",
                    month(7),
                    Fen::new(76_700),
                    day("2020-08-10")
                ),
            ]
        );
        assert!(when(&plan, Action::AdoptStandard(1)) < when(&plan, Action::Run(month(8))));
        assert_eq!(when(&plan, Action::DecideBatch(month(1))).1, day("2020-02-05"));
        assert_eq!(when(&plan, Action::EnterResults(month(9))).1, day("2020-10-15"));
        let (last, _) = when(&plan, Action::RunAgain(month(1)));
        let after: Vec<_> = steps(&plan).skip(last).map(|(_, step)| step.action).collect();
        assert_eq!(
            after,
            (1..=11)
                .map(|number| Action::RunAgain(month(number)))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_decision_falls_into_the_first_month_owed_and_a_stop_into_the_month_before() {
        let (plan, scenario) = (plan(), Scenario::find("batang-2020").unwrap());
        let decided = plan.persons.iter().map(|person| Month::of(person.decided_on));
        let started: Vec<_> = decided.filter(|month| *month >= scenario.from).collect();
        let listed = scenario
            .starts
            .iter()
            .flat_map(|row| std::iter::repeat_n(row.month, row.persons));
        assert_eq!(started, listed.collect::<Vec<_>>());
        for person in &plan.persons {
            if let Some(End::Stop { from, decided_on, .. }) = &person.end {
                assert_eq!(Month::of(*decided_on), from.prev());
            }
        }
    }

    #[test]
    fn steps_of_one_round_are_of_one_kind_and_a_run_is_alone() {
        for round in plan().days.iter().flat_map(|day| &day.rounds) {
            let kinds = round.iter().map(|step| std::mem::discriminant(&step.action));
            let kinds: std::collections::HashSet<_> = kinds.collect();
            assert_eq!(kinds.len(), 1);
            assert!(round.len() == 1 || !matches!(round[0].action, Action::Run(_) | Action::RunAgain(_)));
        }
    }
}
