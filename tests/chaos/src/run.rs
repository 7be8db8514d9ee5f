//! One run: a suite, its officers, what goes wrong, and the count.

use crate::check::{self, Found};
use crate::desk::{Chief, Desk};
use crate::faults::{Fault, Injector};
use crate::program::{Start, Suite, Way};
use crate::{Done, broker::Broker};
use fastrand::Rng;
use minzheng::county::County;
use minzheng::say;
use mz_contracts::OWNERS;
use mz_kernel::Date;
use mz_testkit::{Durability, NO_POSTGRES, postgres_with};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Officers at work beside each other.
const DESKS: usize = 6;
/// The years from here on have their working days.
const FIRST_DAY: Date = Date::constant(2024, 1, 2);
/// So many months are lived through, however long the run.
const MONTHS: u32 = 24;

/// Runs for a time, and tells what was found; the exit code is that of success where nothing was.
pub(crate) async fn run(span: Duration, seed: u64, postgres: bool, keep: Option<PathBuf>) -> Done<ExitCode> {
    say::line(format!(
        "chaos: seed {seed}, {} s, {}",
        span.as_secs(),
        if postgres { "PostgreSQL" } else { "SQLite" }
    ));
    let passing = tempfile::Builder::new().prefix("mz-chaos-").tempdir()?;
    let data = keep.unwrap_or_else(|| passing.path().join("data"));
    std::fs::create_dir_all(&data)?;
    // What a killed server had acknowledged is there only if it waited for its log.
    let cluster = if postgres {
        Some(postgres_with(Durability::On).await.ok_or(NO_POSTGRES)?)
    } else {
        None
    };
    let database = match &cluster {
        Some(cluster) => {
            let names = OWNERS.iter().map(|(name, _)| name.replace('-', "_"));
            Some(cluster.databases(names).await)
        }
        None => None,
    };
    let way = Way::new(Start {
        data,
        database,
        county: County::find("batang")?.code,
    })?;
    let mut random = Rng::with_seed(seed);
    let (today, date) = (watch::Sender::new(FIRST_DAY), FIRST_DAY);
    let suite = Suite::start(&way, date, None)
        .await?
        .ok_or("the suite died while it started")?;

    let stop = CancellationToken::new();
    let mut officers = tokio::task::JoinSet::new();
    for number in 0..DESKS {
        let desk = Desk {
            way: way.clone(),
            number,
            random: random.fork(),
            today: today.subscribe(),
        };
        officers.spawn(desk.work(stop.clone()));
    }
    let injector = Injector::new(way.clone(), (suite, cluster), random.fork(), today.subscribe());
    let chief = Chief {
        way: way.clone(),
        random: random.fork(),
        today,
        month: span / MONTHS,
    };
    officers.spawn(chief.work(stop.clone()));
    let injector = injector.work(Instant::now() + span).await?;
    stop.cancel();
    while let Some(officer) = officers.join_next().await {
        officer??;
    }
    let found = check::check(&way, &Broker::of(way.data())).await?;
    tell(&way, &injector.counts, &found);
    injector.suite.stop()?;
    Ok(if found.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(way: &Way, faults: &BTreeMap<Fault, u64>, found: &Found) {
    let faults = faults
        .iter()
        .map(|(fault, count)| format!("{count} {}", fault.name()));
    let faults: Vec<String> = faults.collect();
    let Found {
        acknowledged,
        applied,
        events,
        violations,
    } = found;
    say::line(format!(
        "commands acknowledged {acknowledged}, asked again {}, events {events}, applied {applied}\n\
         faults injected: {}",
        way.again.load(Ordering::Relaxed),
        faults.join(", ")
    ));
    for violation in violations {
        say::line(format!("VIOLATION {violation}"));
    }
    say::line(format!("violations {}", violations.len()));
}
