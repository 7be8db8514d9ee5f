//! The table of a whole run, as `RESULTS.md` keeps it.

use crate::harness::{Done, Line, printed};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a figure is held to, on two cores.
const MARKS: &[(&str, &str)] = &[
    ("commands.sqlite", "at least 0.2"),
    ("commands.postgres", "at least 0.3"),
    ("relay.relaxed", "at least 0.65"),
    ("relay.always", "at least 0.7"),
    ("latency.relaxed", "at most 2.5"),
    ("latency.always", "at most 2.5"),
    ("apply.sqlite", "at least 0.22"),
    ("http.read", "at least 0.4"),
    ("http.command", "at least 0.35"),
    ("suite.start", "at most 1,000 ms"),
    ("suite.memory", "at most 150 MiB"),
];

/// Writes what was printed so far.
pub(crate) fn write(file: &Path) -> Done<()> {
    let mut text = format!(
        "# Figures\n\nWritten by `cargo run --release -p bench -- --results <file>` on {date}: {cpu}, {cores} cores, {memory}; \
         {nats}; minzheng {version}.\nEach figure stands beside a limit that was measured in the same run; only the ratio says \
         something about another machine, and\nonly where the machine was idle.\n\n\
         | figure | ours | limit | what the limit is | ratio | mark | idle |\n|---|--:|--:|---|--:|---|---|\n",
        date = mz_kernel::SystemClock::now(&mz_runtime::WallClock),
        cpu = field("/proc/cpuinfo", "model name"),
        cores = std::thread::available_parallelism()?,
        memory = field("/proc/meminfo", "MemTotal"),
        nats = nats_version(),
        version = env!("CARGO_PKG_VERSION"),
    );
    for line in printed() {
        let Line {
            name,
            value,
            unit,
            limit,
            limit_name,
            ratio,
            machine_idle,
            ..
        } = line;
        let number = |value: Option<f64>| value.map_or_else(String::new, told);
        let mark = MARKS.iter().find(|(figure, _)| *figure == name);
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "| {name} | {} {unit} | {} | {} | {} | {} | {} |",
            told(value),
            number(limit),
            limit_name.unwrap_or_default(),
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            mark.map_or("", |(_, mark)| mark),
            if machine_idle { "yes" } else { "no" },
        );
    }
    Ok(fs::write(file, text)?)
}

/// Whole numbers where decimals say nothing.
fn told(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(key, _)| key.trim() == name);
    found.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

fn nats_version() -> String {
    let output = Command::new("nats-server").arg("--version").output();
    output.map_or_else(
        |_| "nats-server as fetched".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
