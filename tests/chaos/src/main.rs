//! Chaos: a whole suite under load, while everything around it is killed, frozen, emptied, rewound and truncated; and
//! then the count of what was promised and not kept.
//!
//! * `desk.rs`: officers who work; `ledger.rs`: what they were answered.
//! * `faults.rs`: what goes wrong; `program.rs`: the process that it goes wrong with; `broker.rs`: its nats-server.
//! * `check.rs`: what must hold afterwards, read from the databases, the journals and the streams.
//!
//! The same seed draws the same faults and the same work; their moments are the machine's.

mod broker;
mod check;
mod desk;
mod faults;
mod ledger;
mod program;
mod run;

use clap::Parser;
use minzheng::cli::{Cli as Program, Command};
use minzheng::say;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// What goes wrong here is told, not handled.
type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The first argument that makes this program the suite itself.
const SUITE: &str = "suite";

/// Break a suite under load in every known way, heal it, and count what was promised and not kept.
///
/// Exit code 0 means no violation. Give the printed seed again to draw the same faults.
#[derive(Debug, Parser)]
#[command(name = "chaos")]
struct Cli {
    /// How long things go wrong.
    #[arg(long, default_value_t = 1)]
    minutes: u64,
    /// The same in seconds, instead of minutes.
    #[arg(long)]
    seconds: Option<u64>,
    /// From which faults and work are drawn. Default: a new one.
    #[arg(long)]
    seed: Option<u64>,
    /// On PostgreSQL, of a cluster of its own, instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Keep the data folder here, to look at it afterwards.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let outcome = if arguments.peek().is_some_and(|first| first == SUITE) {
        suite(arguments).await
    } else {
        let cli = Cli::parse();
        let span = cli
            .seconds
            .map_or(Duration::from_mins(cli.minutes), Duration::from_secs);
        let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..));
        Box::pin(run::run(span, seed, cli.postgres, cli.keep)).await
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            say::complain(format!("chaos: {}", mz_kernel::chain(&*error)));
            ExitCode::FAILURE
        }
    }
}

/// `chaos suite …` is `minzheng …`: the process that is to be killed needs no other program to be built.
async fn suite(arguments: impl Iterator<Item = std::ffi::OsString>) -> Done<ExitCode> {
    let Program { data, command } = Program::parse_from(arguments);
    match command {
        Command::Up(order) => minzheng::up::up(&data, order)
            .await
            .map_err(|error| mz_kernel::chain(&*error))?,
        _ => return Err("only `up` is run here".into()),
    }
    Ok(ExitCode::SUCCESS)
}
