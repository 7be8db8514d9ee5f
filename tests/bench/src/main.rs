//! What the suite costs, each figure beside a limit that is measured in the same run (design §5).
//!
//! ```text
//! cargo run --release -p bench [-- [--quick] [--results <file>] [<part of a figure's name>]]
//! ```
//!
//! One JSON line a figure and limit. A rate of this machine says little about another one; the `ratio` is what can be
//! compared, and only where `machine_idle` is true: beside a build a flush to the disk takes twenty times as long.
//! Nothing here is a test. `--results` writes the table that `tests/bench/RESULTS.md` keeps. `--quick` shows in some seconds that everything runs; its figures mean nothing.
//!
//! | file | figure | its limit |
//! |---|---|---|
//! | `disk.rs` | flushes of an appended page | none: the floor under all others |
//! | `commands/` | durable commands of 64 callers, on SQLite and PostgreSQL | the bare group commit of the same rows |
//! | `relay.rs` | journal to stream, both sync settings | the same messages in bare atomic batches |
//! | `latency.rs` | commit to subscriber, both sync settings | publish to subscriber |
//! | `apply.rs` | stream to committed effect | bare consuming |
//! | `http.rs` | HTTP through the suite's door over NATS to a service, a read and a command | raw NATS request/reply; the same chain with nothing but the two rows |
//! | `suite.rs` | start to ready, memory at rest | nats-server alone on the same store |
//!
//! `harness.rs` repeats and reports, `machine.rs` looks at processes, `rows.rs` is what all of them write.

mod apply;
mod commands;
mod disk;
mod harness;
mod http;
mod journal;
mod latency;
mod machine;
mod relay;
mod results;
mod rows;
mod suite;

use futures::future::LocalBoxFuture;
use harness::{Bench, Done};
use mz_bus::server::SyncInterval;
use std::process::ExitCode;

type Measure = fn(&Bench) -> LocalBoxFuture<'_, Done<()>>;

/// Every figure by its name.
const FIGURES: &[(&str, Measure)] = &[
    ("disk.flush", |bench| Box::pin(disk::measure(bench))),
    ("commands.sqlite", |bench| Box::pin(commands::sqlite(bench))),
    ("commands.postgres", |bench| Box::pin(commands::postgres(bench))),
    ("relay.always", |bench| {
        Box::pin(relay::measure(bench, SyncInterval::Always))
    }),
    ("relay.relaxed", |bench| {
        Box::pin(relay::measure(bench, SyncInterval::Relaxed))
    }),
    ("latency.always", |bench| {
        Box::pin(latency::measure(bench, SyncInterval::Always))
    }),
    ("latency.relaxed", |bench| {
        Box::pin(latency::measure(bench, SyncInterval::Relaxed))
    }),
    ("apply.sqlite", |bench| Box::pin(apply::measure(bench))),
    ("http.read", |bench| Box::pin(http::read(bench))),
    ("http.command", |bench| Box::pin(http::command(bench))),
    ("suite.start", |bench| Box::pin(suite::start(bench))),
    ("suite.memory", |bench| Box::pin(suite::memory(bench))),
];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            harness::complain(&mz_kernel::chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Done<()> {
    let (mut quick, mut results, mut wanted) = (false, None, String::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--results" => results = Some(arguments.next().ok_or("--results names a file")?),
            option if option.starts_with('-') => {
                return Err(format!("unknown option {option}; known are --quick and --results").into());
            }
            name => name.clone_into(&mut wanted),
        }
    }
    if cfg!(debug_assertions) {
        return Err("a debug build says nothing about the suite: add --release".into());
    }
    let bench = Bench { quick };
    let chosen: Vec<_> = FIGURES
        .iter()
        .filter(|(name, _)| name.contains(&wanted))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = FIGURES.iter().map(|(name, _)| *name).collect();
        return Err(format!("no figure is called {wanted}; there are {}", names.join(", ")).into());
    }
    for (_, measure) in chosen {
        measure(&bench).await?;
    }
    match results {
        Some(file) => results::write(file.as_ref()),
        None => Ok(()),
    }
}
