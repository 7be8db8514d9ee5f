//! The log: one JSON object a line, or text for a person at a terminal.

use std::path::Path;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Where the log goes.
#[derive(Debug, Clone, Copy)]
pub enum LogTo<'a> {
    /// JSON lines on standard error.
    Standard,
    /// JSON lines appended to a file: for `up`, whose terminal is for the person in front of it.
    File(&'a Path),
}

/// Starts logging, once in a process. `filter` is as in `info,mz_bus=debug`; a wrong one falls back to `info`.
pub fn start(to: LogTo<'_>, filter: &str) -> std::io::Result<()> {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let writer = match to {
        LogTo::Standard => BoxMakeWriter::new(std::io::stderr),
        LogTo::File(path) => {
            BoxMakeWriter::new(std::fs::OpenOptions::new().create(true).append(true).open(path)?)
        }
    };
    let started = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(writer)
        .try_init();
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
    Ok(())
}
