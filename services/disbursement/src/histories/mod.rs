//! Random histories against a real database: the identities of D5 hold after every step at every level, and facts end
//! the same in whatever order they arrive. A failure prints the shortest history that fails.

mod history;
mod office;
mod steps;
mod told;
mod world;

use crate::words::AgreementKind;
use history::{History, beginning};
use mz_kernel::Month;
use office::{COUNTY, Office};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use std::cell::RefCell;
use steps::{Act, Step, Turn, step, turn};
use tokio::runtime::Runtime;
use told::Told;

async fn identities_hold(url: &str, steps: &[Step]) {
    let mut history = History::begin(url).await;
    for step in beginning().iter().chain(steps) {
        history.step(step).await;
        history.check(history.world.month).await;
    }
    history.hear_all(&[0]).await;
    for through in Month::range("2020-01".parse().unwrap(), history.world.month) {
        history.check(through).await;
    }
    history.office.read_bank_files().await;
    history.check_told().await;
    history.office.db.close().await;
}

/// The state after `before`, in which everything was heard, and then `turns`, heard in the order of the choices and
/// paid.
async fn end(url: &str, before: &[Step], turns: &[Turn], choices: &[usize]) -> Value {
    let mut history = History::begin(url).await;
    for step in beginning().iter().chain(before) {
        history.step(step).await;
    }
    history.hear_all(&[0]).await;
    for turn in turns {
        history.world.turn(turn);
    }
    history.hear_all(choices).await;
    let month = history.world.month;
    history.office.build(COUNTY.parse().unwrap(), month).await;
    history.check(month).await;
    let state = history.state().await;
    history.office.db.close().await;
    state
}

/// Databases for a property, one after the other.
enum Place {
    Lite(tempfile::TempDir, u32),
    Pg(mz_testkit::TestPostgres),
}

impl Place {
    async fn database(&mut self) -> String {
        match self {
            Self::Lite(folder, number) => {
                *number += 1;
                format!("sqlite:{}", folder.path().join(format!("{number}.db")).display())
            }
            Self::Pg(postgres) => postgres.database().await,
        }
    }
}

/// Runs a property on so many random values.
fn check<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let run = runner.run(&strategy, |value| {
        property(value);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

/// Databases as a property asks for them.
fn databases<T>(place: Place, property: impl FnOnce(&Runtime, &dyn Fn() -> String) -> T) -> T {
    let runtime = Runtime::new().unwrap();
    let place = RefCell::new(place);
    let database = || runtime.block_on(place.borrow_mut().database());
    property(&runtime, &database)
}

fn sqlite() -> Place {
    Place::Lite(tempfile::tempdir().unwrap(), 0)
}

fn postgres(test: &str) -> Option<Place> {
    let started = Runtime::new()
        .unwrap()
        .block_on(mz_testkit::postgres_or_skip(test));
    started.map(Place::Pg)
}

fn identities(cases: u32, place: Place) {
    databases(place, |runtime, database| {
        check(cases, prop::collection::vec(step(), 20..70), |steps| {
            runtime.block_on(identities_hold(&database(), &steps));
        });
    });
}

fn orders(cases: u32, place: Place) {
    // An agreed offset keeps back by months: with it, a line that left one batch for another is another payment.
    let before = step().prop_filter("offsets depend on the batch", |step| {
        !matches!(
            step,
            Step::Act(Act::Agree {
                kind: AgreementKind::Offset,
                ..
            })
        )
    });
    let history = (
        prop::collection::vec(before, 0..40),
        prop::collection::vec(turn(), 2..12),
        prop::collection::vec(0_usize..8, 1..8),
    );
    databases(place, |runtime, database| {
        check(cases, history, |(before, turns, choices)| {
            let [told, shuffled] = [&[0][..], &choices]
                .map(|choices| runtime.block_on(end(&database(), &before, &turns, choices)));
            assert_eq!(told, shuffled);
        });
    });
}

#[test]
fn the_identities_hold_after_every_step_on_sqlite() {
    identities(8, sqlite());
}

#[test]
fn the_identities_hold_after_every_step_on_postgres() {
    if let Some(place) = postgres("the_identities_hold_after_every_step_on_postgres") {
        identities(2, place);
    }
}

#[test]
fn facts_end_the_same_in_any_order_on_sqlite() {
    orders(8, sqlite());
}

#[test]
fn facts_end_the_same_in_any_order_on_postgres() {
    if let Some(place) = postgres("facts_end_the_same_in_any_order_on_postgres") {
        orders(2, place);
    }
}

/// Found by hand: two runs of one month, of which the second pays again what the first took back.
#[test]
fn what_a_later_run_pays_is_not_taken_by_an_earlier_one_that_arrives_late() {
    let paid = [Step::Act(Act::Pay { outcomes: vec![1] })];
    let correct = |amount| Turn::Correct {
        of: 0,
        months_back: 0,
        amount,
    };
    let run = Turn::Run { next_month: false };
    let turns = [correct(0), run.clone(), correct(100), run];
    let [told, late] = databases(sqlite(), |runtime, database| {
        [0, 1].map(|choice| runtime.block_on(end(&database(), &paid, &turns, &[choice])))
    });
    assert_eq!(told, late);
    assert_eq!(told["recoveries"].as_array().unwrap().len(), 1);
}

/// Pays February and March, and April, with these answers of the bank; then learns that the last months were not owed.
fn not_owed(months_back: i32, outcome: u8) -> Told {
    let pay = || {
        Step::Act(Act::Pay {
            outcomes: vec![outcome],
        })
    };
    let run = || [Step::Turn(Turn::Run { next_month: true }), Step::Hear(vec![0; 8])];
    let stop = Step::Turn(Turn::Stop { of: 0, months_back });
    let mut steps = beginning();
    steps.push(pay());
    steps.extend(run());
    steps.extend([pay(), stop]);
    steps.extend(run());
    databases(sqlite(), |runtime, database| {
        let url = database();
        runtime.block_on(async {
            let mut history = History::begin(&url).await;
            for step in &steps {
                history.step(step).await;
            }
            history.hear_all(&[0]).await;
            history.check_told().await
        })
    })
}

#[test]
fn a_recovery_whose_lines_come_in_two_events_is_raised_once_and_then_increased() {
    let told = not_owed(2, 1);
    assert_eq!((told.recoveries.len(), told.increased, told.reduced), (1, 1, 0));
}

/// Found at random: each of the reductions told what the last one left.
#[test]
fn two_payments_that_came_back_reduce_a_recovery_one_after_the_other() {
    let told = not_owed(1, 3);
    assert_eq!((told.recoveries.len(), told.increased, told.reduced), (1, 0, 2));
}

/// One person has a payment in each of so many villages.
const VILLAGES: u32 = 2 * 250 + 1;

fn a_large_batch(place: Place) {
    databases(place, |runtime, database| {
        let url = database();
        runtime.block_on(async {
            let mut office = Office::open(&url).await;
            office
                .act(&Act::Account { person: 0 }, "2020-03".parse().unwrap())
                .await;
            for fact in world::villages(VILLAGES) {
                office.hear(fact).await;
            }
            let pay = Act::Pay { outcomes: vec![1, 3] };
            office.act(&pay, "2020-03".parse().unwrap()).await;
            let told = Told::by(&office).await;
            assert_eq!(told.parts.values().copied().collect::<Vec<_>>(), [3]);
            assert_eq!((told.paid, told.returned), (251 * 100, 250 * 100));
        });
    });
}

#[test]
fn the_results_of_a_large_batch_are_told_in_several_events_on_sqlite() {
    a_large_batch(sqlite());
}

#[test]
fn the_results_of_a_large_batch_are_told_in_several_events_on_postgres() {
    if let Some(place) = postgres("the_results_of_a_large_batch_are_told_in_several_events_on_postgres") {
        a_large_batch(place);
    }
}
