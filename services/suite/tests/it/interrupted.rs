//! The county's year, cut off again and again: whatever dies on the way, the same figures come out, to the fen.

use crate::broker::with_broker_down;
use crate::program::{nats_on, run, signal};
use crate::simulate::is_the_published_year;
use mz_kernel::Date;
use mz_testkit::eventually;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// How long a machine that compiles beside it may take to the next day of the scenario.
const DAY_MAX: Duration = Duration::from_mins(2);
const FIRST_DAY: Date = Date::constant(2019, 12, 2);
/// Days from the first one to the last on which something is done but the months' second runs.
const DAYS: u64 = 384;

/// SplitMix64: the same seed gives the same moments.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % below
    }

    /// Legal dates in their order, each with milliseconds to let pass on it.
    fn take(mut self, count: usize) -> Vec<(Date, Duration)> {
        let moment = |_| {
            let date = (0..self.next(DAYS)).fold(FIRST_DAY, |day, _| day.tomorrow().unwrap());
            (date, Duration::from_millis(self.next(150)))
        };
        let mut moments: Vec<_> = (0..count).map(moment).collect();
        moments.sort();
        moments
    }
}

fn simulation(folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minzheng"));
    command
        .args(["simulate", "batang-2020", "--json", "--keep"])
        .arg(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Waits until the simulation has come to a legal date, and a moment longer.
async fn at(folder: &Path, simulation: &mut Child, (date, moment): (Date, Duration)) {
    let note = folder.join("simulation.json");
    eventually(&format!("the simulation comes to {date}"), DAY_MAX, async || {
        assert!(simulation.try_wait().unwrap().is_none(), "it ended before {date}");
        let text = std::fs::read(&note).map_err(|error| error.to_string())?;
        let note: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        let stands: Date = note["legal_date"].as_str().unwrap().parse().unwrap();
        (stands >= date).then_some(()).ok_or_else(|| stands.to_string())
    })
    .await;
    tokio::time::sleep(moment).await;
}

fn report(simulation: Child) -> Value {
    let Output {
        status,
        stdout,
        stderr,
    } = tokio::task::block_in_place(|| simulation.wait_with_output()).expect("it ends");
    assert!(status.success(), "{status}: {}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).expect("one JSON object and nothing else")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_killed_at_ten_moments_of_the_year_goes_on_to_the_same_figures() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kept");
    for moment in Moments(2_020).take(10) {
        let mut simulation = simulation(&data);
        at(&data, &mut simulation, moment).await;
        simulation.kill().expect("it can be killed");
        simulation.wait().expect("it has died");
    }
    is_the_published_year(&report(simulation(&data)));
    run(&data, &["verify-journal"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_killed_and_emptied_in_the_midst_of_the_year_changes_no_figure() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kept");
    let mut simulation = simulation(&data);
    for (n, moment) in Moments(335).take(6).into_iter().enumerate() {
        at(&data, &mut simulation, moment).await;
        if n % 3 == 2 {
            with_broker_down(&data, |store| std::fs::remove_dir_all(store).unwrap()).await;
            std::fs::remove_dir_all(data.join("nats-store-before")).unwrap();
        } else if let Some(broker) = nats_on(&data) {
            signal(broker, "KILL");
        }
    }
    is_the_published_year(&report(simulation));
    run(&data, &["verify-journal"]);
}
