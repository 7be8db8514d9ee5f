//! What Prometheus reads at the door.

use crate::program::Program;
use crate::walk::{self, FIRST_DAY, Officers};
use mz_contracts::OWNERS;

/// The number of a series.
fn series<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_tells_prometheus_how_each_service_is() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let seen = walk::walk(&program, &Officers::of(&program)).await.unwrap();
    let (status, text) = program.page("/metrics").await;
    assert_eq!(status, 200, "{text}");
    for (service, _) in OWNERS {
        for (figure, number) in [
            ("up", "1"),
            ("unrelayed_rows", "0"),
            ("relay_waits", "0"),
            ("parked_events", "0"),
        ] {
            let name = format!("minzheng_{figure}{{service=\"{service}\"}}");
            assert_eq!(series(&text, &name), number, "{name}");
        }
    }
    let reading = "service=\"social-assistance\",source=\"funeral-reform\"";
    for figure in ["lag_messages", "lag_oldest_seconds", "waits"] {
        assert_eq!(
            series(&text, &format!("minzheng_consumer_{figure}{{{reading}}}")),
            "0"
        );
    }
    let death = "http_request_method=\"POST\",http_response_status_code=\"201\",http_route=\"/deaths\",\
                 service=\"funeral-reform\"";
    let name = "http_server_request_duration_seconds";
    assert_eq!(series(&text, &format!("{name}_count{{{death}}}")), "1");
    let sum: f64 = series(&text, &format!("{name}_sum{{{death}}}")).parse().unwrap();
    assert!(sum > 0.0);
    assert_eq!(
        series(&text, &format!("{name}_bucket{{{death},le=\"+Inf\"}}")),
        "1"
    );
    let at_door = death
        .replace("/deaths", "/api/funeral-reform/{*rest}")
        .replace("\"funeral-reform\"", "\"gateway\"");
    assert_eq!(series(&text, &format!("{name}_count{{{at_door}}}")), "1");
    // Each instance tells what it answered; here there is one of each service.
    let instances: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("minzheng_instance_requests_total{endpoint=\"command\""))
        .filter(|line| line.contains("service=\"funeral-reform\""))
        .collect();
    assert!(
        instances.len() == 1 && instances[0].ends_with(" 1"),
        "{instances:?}"
    );
    // What has not been settled would be as old as its source says.
    let age = program
        .get("", "/api/funeral-reform/journal/age?after=0")
        .await
        .unwrap();
    let later = program
        .get("", "/api/funeral-reform/journal/age?after=1")
        .await
        .unwrap();
    assert!(age["seconds"].is_u64() && later["seconds"] == 0, "{age} {later}");
    for person in [&seen.person, &seen.death, &seen.entitlement, "试甲"] {
        assert!(!text.contains(person), "{person}");
    }
    program.stop();
}
