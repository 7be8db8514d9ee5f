//! `GET /metrics` of a door: numbers for Prometheus, of every service and instance that it finds over NATS, and of the
//! requests that this process answered. Open to everybody on the machine, as `/health` is: no name and no key.

use crate::door::asked;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::future::join_all;
use mz_bus::bridge::Bridge;
use mz_contracts::OWNERS;
use prometheus::{CounterVec, GaugeVec, Opts, Registry, TEXT_FORMAT, TextEncoder};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// A scrape is for now: what does not answer in this time has no number.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is told, each with what it means.
const FIGURES: [(&str, &str, &[&str]); 8] = [
    ("minzheng_up", "1 when the service tells how it is.", &["service"]),
    (
        "minzheng_unrelayed_rows",
        "Journal rows that are not in the stream yet.",
        &["service"],
    ),
    (
        "minzheng_unrelayed_oldest_seconds",
        "Age of the oldest of them.",
        &["service"],
    ),
    (
        "minzheng_relay_waits",
        "1 when the relay cannot go on.",
        &["service"],
    ),
    (
        "minzheng_parked_events",
        "Events that could not be applied, and those behind them.",
        &["service"],
    ),
    (
        "minzheng_consumer_lag_messages",
        "Messages of a source that a service has not settled.",
        &["service", "source"],
    ),
    (
        "minzheng_consumer_lag_oldest_seconds",
        "Age of the oldest of them.",
        &["service", "source"],
    ),
    (
        "minzheng_consumer_waits",
        "1 when a consumer cannot go on.",
        &["service", "source"],
    ),
];

/// The numbers of a scrape.
struct Figures(BTreeMap<&'static str, GaugeVec>);

impl Figures {
    fn new() -> prometheus::Result<Self> {
        let figures = FIGURES.iter().map(|(name, help, labels)| {
            let figure = GaugeVec::new(Opts::new(*name, *help), labels)?;
            Ok((*name, figure))
        });
        figures.collect::<prometheus::Result<_>>().map(Self)
    }

    fn set(&self, name: &str, labels: &[&str], number: Option<f64>) {
        if let (Some(figure), Some(number)) = (self.0.get(name), number) {
            figure.with_label_values(labels).set(number);
        }
    }

    /// What a service tells of itself.
    fn service(&self, service: &str, told: &Value) {
        let number = |name: &str| told[name].as_f64();
        let waits = |why: &Value| Some(f64::from(u8::from(!why.is_null())));
        let behind = number("sealed")
            .zip(number("relayed"))
            .map(|(sealed, relayed)| (sealed - relayed).max(0.0));
        let rows = behind
            .zip(number("unsealed"))
            .map(|(behind, unsealed)| behind + unsealed);
        self.set("minzheng_unrelayed_rows", &[service], rows);
        self.set(
            "minzheng_unrelayed_oldest_seconds",
            &[service],
            number("oldest_unrelayed_seconds"),
        );
        self.set("minzheng_relay_waits", &[service], waits(&told["relay_waits"]));
        self.set("minzheng_parked_events", &[service], number("parked"));
        for source in told["settled"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(source, _)| source)
        {
            let labels = [service, source.as_str()];
            self.set(
                "minzheng_consumer_waits",
                &labels,
                waits(&told["consumer_waits"][source]),
            );
        }
    }
}

/// A consumer that is behind: the service, its source, and up to where it has settled.
struct Behind<'a> {
    service: &'a str,
    source: &'a str,
    settled: u64,
    lag: u64,
}

fn readings(told: &BTreeMap<String, Value>) -> Vec<Behind<'_>> {
    let each = told.iter().flat_map(|(service, health)| {
        let sources = health["settled"].as_object().into_iter().flatten();
        sources.map(move |(source, settled)| (service.as_str(), source.as_str(), settled))
    });
    each.filter_map(|(service, source, settled)| {
        let settled = settled.as_u64()?;
        let end = told.get(source)?["relayed"].as_u64()?;
        let lag = end.saturating_sub(settled);
        Some(Behind {
            service,
            source,
            settled,
            lag,
        })
    })
    .collect()
}

/// What Prometheus is told; `told` is the health of each service that answered, as JSON.
pub(crate) async fn metrics(bridge: &Bridge, told: Vec<Value>) -> Response {
    match write(bridge, told).await {
        Ok(text) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => mz_http::Problem::internal(error).into_response(),
    }
}

async fn write(bridge: &Bridge, told: Vec<Value>) -> prometheus::Result<String> {
    let figures = Figures::new()?;
    let named = told
        .into_iter()
        .filter_map(|health| Some((health["service"].as_str()?.to_owned(), health)));
    let told: BTreeMap<String, Value> = named.collect();
    for (service, _) in OWNERS {
        let up = f64::from(u8::from(told.contains_key(*service)));
        figures.set("minzheng_up", &[service], Some(up));
    }
    for (service, health) in &told {
        figures.service(service, health);
    }
    let readings = readings(&told);
    let ages = readings.iter().map(|behind| oldest(bridge, behind));
    let ages = join_all(ages);
    let (ages, counted) = tokio::join!(ages, tokio::time::timeout(PATIENCE, bridge.counted()));
    for (behind, age) in readings.iter().zip(ages) {
        let labels = [behind.service, behind.source];
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float; 2^53 messages are more than there are"
        )]
        figures.set("minzheng_consumer_lag_messages", &labels, Some(behind.lag as f64));
        figures.set("minzheng_consumer_lag_oldest_seconds", &labels, age);
    }
    let help = "Requests that an instance answered over NATS since it started.";
    let options = Opts::new("minzheng_instance_requests_total", help);
    let requests = CounterVec::new(options, &["service", "instance", "endpoint"])?;
    for instance in counted.into_iter().flatten().flatten() {
        for endpoint in &instance.endpoints {
            let labels = [&*instance.name, &*instance.id, &*endpoint.name];
            requests.with_label_values(&labels).inc_by(endpoint.requests);
        }
    }
    let registry = Registry::new();
    registry.register(Box::new(requests))?;
    for figure in figures.0.into_values() {
        registry.register(Box::new(figure))?;
    }
    let mut families = registry.gather();
    families.extend(mz_trace::requests::counted());
    TextEncoder::new().encode_to_string(&families)
}

/// Seconds for which the first message after what is settled has waited, as its source tells.
async fn oldest(bridge: &Bridge, behind: &Behind<'_>) -> Option<f64> {
    if behind.lag == 0 {
        return Some(0.0);
    }
    let path = format!("/journal/age?after={}", behind.settled);
    let asked = tokio::time::timeout(PATIENCE, asked(bridge, behind.source, &path));
    let answer = asked.await.ok()??;
    let age: Value = serde_json::from_slice(&answer.body).ok()?;
    age["seconds"].as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_waits_is_told_of_each_service_and_source() {
        let source = json!({ "service": "funeral-reform", "sealed": 9, "unsealed": 2, "relayed": 7, "parked": 0,
            "relay_waits": "the broker is away", "oldest_unrelayed_seconds": 12, "settled": {}, "consumer_waits": {} });
        let reader = json!({ "service": "insight", "sealed": 0, "unsealed": 0, "relayed": 0, "parked": 3,
            "relay_waits": null, "settled": { "funeral-reform": 4, "registration": 1 },
            "consumer_waits": { "registration": "the database is away" } });
        let figures = Figures::new().unwrap();
        figures.service("funeral-reform", &source);
        figures.service("insight", &reader);
        let is = |name: &str, labels: &[&str]| figures.0[name].with_label_values(labels).get().to_string();
        assert_eq!(is("minzheng_unrelayed_rows", &["funeral-reform"]), "4");
        assert_eq!(is("minzheng_unrelayed_oldest_seconds", &["funeral-reform"]), "12");
        assert_eq!(is("minzheng_relay_waits", &["funeral-reform"]), "1");
        assert_eq!(is("minzheng_relay_waits", &["insight"]), "0");
        assert_eq!(is("minzheng_parked_events", &["insight"]), "3");
        assert_eq!(is("minzheng_consumer_waits", &["insight", "registration"]), "1");
        assert_eq!(is("minzheng_consumer_waits", &["insight", "funeral-reform"]), "0");

        let told = BTreeMap::from([
            ("funeral-reform".to_owned(), source),
            ("insight".to_owned(), reader),
        ]);
        let readings = readings(&told);
        // Of a source that is away nobody knows how far it has come.
        assert_eq!(readings.len(), 1);
        assert_eq!(
            (readings[0].source, readings[0].settled, readings[0].lag),
            ("funeral-reform", 4, 3)
        );
    }
}
