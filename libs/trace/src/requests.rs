//! How many requests were answered and how long that took, in the words of OpenTelemetry's semantic conventions for
//! HTTP servers as Prometheus spells them.

use crate::names;
use prometheus::proto::MetricFamily;
use prometheus::{HistogramOpts, HistogramVec, core::Collector as _};
use std::sync::LazyLock;
use std::time::Duration;

/// Seconds, as the conventions advise; none where the crate refuses our names, which a test would show.
static ANSWERED: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let buckets = vec![
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];
    let help = "Seconds until a request was answered, by the service that did and the template of its route.";
    let options = HistogramOpts::new(names::REQUEST_DURATION, help).buckets(buckets);
    HistogramVec::new(options, &names::REQUEST_LABELS).ok()
});

/// Counts a request of this process; `route` is its template.
pub fn answered(service: &str, method: &str, route: &str, status: u16, took: Duration) {
    if let Some(answered) = &*ANSWERED {
        let status = status.to_string();
        answered
            .with_label_values(&[service, method, route, &status])
            .observe(took.as_secs_f64());
    }
}

/// All that this process has counted.
pub fn counted() -> Vec<MetricFamily> {
    ANSWERED.as_ref().map(HistogramVec::collect).unwrap_or_default()
}
