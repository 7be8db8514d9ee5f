//! The log: one JSON object a line; and the spans for a collector, where there is one.

pub use mz_trace::export::{Collector, NotACollector};

use mz_trace::export::{self, Export};
use std::path::Path;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

/// Where the log goes.
#[derive(Debug, Clone, Copy)]
pub enum LogTo<'a> {
    /// JSON lines on standard error.
    Standard,
    /// JSON lines appended to a file: for `up`, whose terminal is for the person in front of it.
    File(&'a Path),
}

/// Why nothing is logged.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log's file.
    #[error("the log cannot be written")]
    File(#[from] std::io::Error),
    /// The collector of spans.
    #[error("traces cannot be sent")]
    Collector(#[from] NotACollector),
}

/// Keep it until the process ends: it sends the last spans.
#[derive(Debug)]
pub struct Logging {
    _export: Option<Export>,
}

/// Starts logging, once in a process. `filter` is as in `info,mz_bus=debug`; a wrong one falls back to `info`.
///
/// Without a collector no span of [`mz_trace`] is made: nobody asks for them.
pub fn start(to: LogTo<'_>, filter: &str, collector: Option<Collector<'_>>) -> Result<Logging, LogError> {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let writer = match to {
        LogTo::Standard => BoxMakeWriter::new(std::io::stderr),
        LogTo::File(path) => {
            BoxMakeWriter::new(std::fs::OpenOptions::new().create(true).append(true).open(path)?)
        }
    };
    let (spans, export) = collector.map(export::layer::<Registry>).transpose()?.unzip();
    let log = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(writer)
        .with_filter(filter);
    let started = tracing_subscriber::registry().with(spans).with(log).try_init();
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
    Ok(Logging { _export: export })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::level_filters::LevelFilter;

    #[test]
    fn without_a_collector_spans_are_disabled_where_they_stand() {
        let _logging = start(LogTo::Standard, "info", None).unwrap();
        assert_eq!(LevelFilter::current(), LevelFilter::INFO);
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        let collector = Collector {
            endpoint: "not an address",
            service: None,
            version: "0",
        };
        let refused = start(LogTo::Standard, "info", Some(collector)).unwrap_err();
        assert!(mz_kernel::chain(&refused).contains("not an address"));
    }
}
