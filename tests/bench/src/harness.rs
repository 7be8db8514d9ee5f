//! Repetitions, and the line that is printed for them.

use crate::machine::{self, Look, Spent, real};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Any error ends the run.
pub(crate) type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How to measure.
#[derive(Clone, Copy)]
pub(crate) struct Bench {
    /// Only shows that everything runs.
    pub(crate) quick: bool,
}

impl Bench {
    /// How often a side of a figure is measured; the median counts.
    pub(crate) fn repetitions(self) -> u32 {
        if self.quick { 1 } else { 5 }
    }

    /// An amount of work or time, a tenth of it when quick.
    pub(crate) fn size<T: std::ops::Div<u32, Output = T>>(self, full: T) -> T {
        if self.quick { full / 10 } else { full }
    }
}

/// One repetition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    value: f64,
    latency: Option<Latency>,
}

#[derive(Debug, Clone, Copy)]
struct Latency {
    p50: Duration,
    p99: Duration,
}

impl Sample {
    /// A measured value as it is.
    pub(crate) fn of(value: f64) -> Self {
        Self { value, latency: None }
    }

    /// So many pieces of work in this time, a second.
    pub(crate) fn rate(count: u32, span: Duration) -> Self {
        Self::of(f64::from(count) / span.as_secs_f64())
    }

    /// With how long each piece of work took.
    pub(crate) fn with_latencies(self, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        let latency = quantile(&latencies, 50).zip(quantile(&latencies, 99));
        Self {
            latency: latency.map(|(p50, p99)| Latency { p50, p99 }),
            ..self
        }
    }

    /// The median of some waits, in milliseconds.
    pub(crate) fn median_ms(latencies: Vec<Duration>) -> Self {
        let sample = Self::of(0.0).with_latencies(latencies);
        Self {
            value: sample.latency.map_or(f64::NAN, |latency| ms(latency.p50)),
            ..sample
        }
    }
}

fn quantile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
        .copied()
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

/// The repetitions of one side of a figure.
#[derive(Default)]
pub(crate) struct Series {
    samples: Vec<Sample>,
    /// What the processors did meanwhile. Of all repetitions together: one may be shorter than a few ticks.
    spent: Spent,
}

impl Series {
    /// Waits for an idle machine and takes one more sample.
    pub(crate) async fn take(&mut self, bench: &Bench, work: impl Future<Output = Done<Sample>>) -> Done<()> {
        if !bench.quick {
            machine::wait_until_idle().await?;
        }
        let before = Look::now()?;
        self.samples.push(work.await?);
        self.spent = self.spent.and(Look::now()?.since(&before));
        Ok(())
    }

    fn sorted(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.samples.iter().map(|sample| sample.value).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    fn median(&self) -> f64 {
        let values = self.sorted();
        let (low, high) = (
            values.get((values.len().max(1) - 1) / 2),
            values.get(values.len() / 2),
        );
        low.zip(high)
            .map_or(f64::NAN, |(low, high)| f64::midpoint(*low, *high))
    }

    /// The medians of the repetitions' quantiles, in milliseconds.
    fn latency(&self) -> Option<(f64, f64)> {
        let of = |pick: fn(Latency) -> Duration| {
            let mut spans: Vec<_> = self
                .samples
                .iter()
                .filter_map(|sample| sample.latency.map(pick))
                .collect();
            spans.sort_unstable();
            quantile(&spans, 50).map(ms)
        };
        of(|latency| latency.p50).zip(of(|latency| latency.p99))
    }
}

/// One line of the report.
pub(crate) struct Figure<'a> {
    pub(crate) name: &'a str,
    pub(crate) unit: &'static str,
    pub(crate) ours: &'a Series,
    /// What it is compared with.
    pub(crate) limit: Option<(&'static str, &'a Series)>,
    /// What else a reader wants to know.
    pub(crate) more: Value,
}

/// A figure as it is printed.
#[derive(Clone, Serialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) limit: Option<f64>,
    pub(crate) limit_name: Option<&'static str>,
    pub(crate) ratio: Option<f64>,
    repetitions: usize,
    min: f64,
    max: f64,
    pub(crate) machine_idle: bool,
    #[serde(flatten)]
    more: Map<String, Value>,
}

static PRINTED: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// Everything that was printed so far.
pub(crate) fn printed() -> Vec<Line> {
    PRINTED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Figure<'_> {
    /// Prints the line.
    pub(crate) fn report(self) -> Done<()> {
        let sorted = self.ours.sorted();
        let (value, limit) = (self.ours.median(), self.limit.map(|(_, series)| series.median()));
        let limit_spent = self.limit.map_or(Spent::default(), |(_, series)| series.spent);
        let foreign = self.ours.spent.foreign().max(limit_spent.foreign());
        let mut more = Map::new();
        for (prefix, series) in [
            ("", Some(self.ours)),
            ("limit_", self.limit.map(|(_, series)| series)),
        ] {
            if let Some((p50, p99)) = series.and_then(Series::latency) {
                more.insert(format!("{prefix}p50_ms"), json!(round(p50)));
                more.insert(format!("{prefix}p99_ms"), json!(round(p99)));
            }
        }
        if let Some((_, series)) = self.limit {
            let limits = series.sorted();
            more.insert("limit_min".to_owned(), json!(limits.first().copied().map(round)));
            more.insert("limit_max".to_owned(), json!(limits.last().copied().map(round)));
        }
        more.insert("foreign_cpu".to_owned(), json!(round(foreign)));
        if let Value::Object(fields) = self.more {
            more.extend(fields);
        }
        let line = Line {
            name: self.name.to_owned(),
            value: round(value),
            unit: self.unit,
            limit: limit.map(round),
            limit_name: self.limit.map(|(name, _)| name),
            ratio: limit.map(|limit| round(value / limit)),
            repetitions: sorted.len(),
            min: round(sorted.first().copied().unwrap_or(f64::NAN)),
            max: round(sorted.last().copied().unwrap_or(f64::NAN)),
            machine_idle: foreign < machine::IDLE_BELOW,
            more,
        };
        writeln!(io::stdout(), "{}", serde_json::to_string(&line)?)?;
        PRINTED.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(())
    }
}

/// Three decimals: the rest is noise.
fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// A share of one count in another.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    round(real(part) / real(whole.max(1)))
}

/// Says on standard error why something is not measured.
pub(crate) fn complain(why: &str) {
    // A reader who is gone misses nothing.
    let _ = writeln!(io::stderr(), "bench: {why}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle_of_an_even_number_too() {
        let series = |values: &[f64]| Series {
            samples: values.iter().map(|value| Sample::of(*value)).collect(),
            spent: Spent::default(),
        };
        let (odd, even) = (
            series(&[9.0, 1.0, 4.0]).median(),
            series(&[9.0, 1.0, 4.0, 5.0]).median(),
        );
        assert!(
            (odd - 4.0).abs() < 1e-9 && (even - 4.5).abs() < 1e-9,
            "{odd} {even}"
        );
    }

    #[test]
    fn a_quantile_is_a_value_that_occurred() {
        let spans: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(quantile(&spans, 99), Some(Duration::from_millis(199)));
        assert_eq!(quantile(&spans[..1], 99), Some(Duration::from_millis(1)));
        assert_eq!(quantile(&[], 50), None);
    }
}
