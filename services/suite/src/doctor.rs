//! `minzheng doctor`: what is wrong with this machine or this data folder, and what to do about it.

use crate::cli;
use crate::client::{Client, ClientError};
use crate::county::County;
use crate::say;
use crate::suite::{nats_options, where_file};
use mz_bus::server::Binary;
use mz_kernel::DivisionCode;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    about: &'static str,
    well: bool,
    what: String,
}

fn well(about: &'static str, what: impl Into<String>) -> Finding {
    Finding {
        about,
        well: true,
        what: what.into(),
    }
}

fn ill(about: &'static str, what: impl Into<String>) -> Finding {
    Finding {
        about,
        well: false,
        what: what.into(),
    }
}

/// Looks at everything; true when all is well.
pub async fn doctor(data: &Path, county: DivisionCode, order: cli::Doctor) -> Result<bool, ClientError> {
    if let Some(service) = &order.rebuild_stream {
        let client = Client::of(data, county)?;
        let path = format!("/api/{service}/stream/rebuild");
        let _: Value = client.post(&path, &Value::Null).await?;
        say::line(format!(
            "The stream of {service} was removed; it is being made anew from the journal."
        ));
        return Ok(true);
    }
    let mut findings = vec![nats_server(), keys(data), working_days(data)];
    findings.extend(suite(data, county).await);
    let all_well = findings.iter().all(|finding| finding.well);
    if order.json {
        say::line(json!({ "well": all_well, "findings": findings }));
    } else {
        for Finding { about, well, what } in &findings {
            say::line(format!(
                "{mark} {about:<14} {what}",
                mark = if *well { "ok  " } else { "FAIL" }
            ));
        }
    }
    Ok(all_well)
}

fn nats_server() -> Finding {
    match Binary::locate(&nats_options()) {
        Ok(binary) => well(
            "nats-server",
            format!("{} at {}", binary.version(), binary.program().display()),
        ),
        Err(error) => ill("nats-server", mz_kernel::chain(&error)),
    }
}

fn keys(data: &Path) -> Finding {
    use std::os::unix::fs::PermissionsExt as _;
    let path = data.join("secrets").join("keys.json");
    match std::fs::metadata(&path) {
        Err(_) => well("keys", "none yet; they are made at the first start"),
        Ok(meta) if meta.permissions().mode().trailing_zeros() >= 6 => well(
            "keys",
            format!(
                "{}, read by its owner alone; keep a copy elsewhere",
                path.display()
            ),
        ),
        Ok(_) => ill(
            "keys",
            format!("others can read {0}; run: chmod 600 {0}", path.display()),
        ),
    }
}

/// Terms in working days reach some months ahead: a year without its notice is missed before it begins.
fn working_days(data: &Path) -> Finding {
    const ABOUT: &str = "working days";
    const AHEAD: i32 = 90;
    let county = County::find("batang").and_then(|mut county| county.add_working_days(data).map(|()| county));
    let calendar = match county {
        Ok(county) => county.calendar,
        Err(error) => return ill(ABOUT, mz_kernel::chain(&error)),
    };
    let today = mz_kernel::LegalClock::today(&mz_runtime::WallCalendar);
    let file = data.join(mz_runtime::WORKING_DAYS);
    let file = file.display();
    match calendar.known_until(today) {
        Some(last) if (last - today).get_days() >= AHEAD => well(ABOUT, format!("known until {last}")),
        Some(last) => ill(
            ABOUT,
            format!(
                "known until {last}: cases whose terms reach further are refused; add the State Council's notice of {} to \
                 {file}, in the form of libs/kernel/data/working-days.toml, and start again",
                last.year() + 1
            ),
        ),
        None => ill(
            ABOUT,
            format!(
                "{} is not known; add the State Council's notice to {file}",
                today.year()
            ),
        ),
    }
}

async fn suite(data: &Path, county: DivisionCode) -> Vec<Finding> {
    if !where_file(data).exists() {
        return vec![well("suite", format!("not running on {}", data.display()))];
    }
    let health: Result<Value, ClientError> = match Client::of(data, county) {
        Ok(client) => client.get("/health").await,
        Err(error) => Err(error),
    };
    let health = match health {
        Ok(health) => health,
        Err(ClientError::Http(_)) => {
            return vec![well(
                "suite",
                "it ended without stopping; the next `minzheng up` takes over",
            )];
        }
        Err(error) => return vec![ill("suite", mz_kernel::chain(&error))],
    };
    let mut findings = vec![well("suite", format!("running, {}", health["state"]))];
    for service in health["services"].as_array().into_iter().flatten() {
        findings.extend(service_findings(service));
    }
    for service in health["away"].as_array().into_iter().flatten() {
        let name = service.as_str().unwrap_or("?");
        findings.push(ill("service", format!("{name} does not answer; look at its log")));
    }
    findings
}

fn service_findings(service: &Value) -> Vec<Finding> {
    let name = service["service"].as_str().unwrap_or("?");
    let mut findings = Vec::new();
    if let Some(why) = service["relay_waits"].as_str() {
        findings.push(ill("relay", format!("{name}: {why}")));
    }
    for (source, why) in service["consumer_waits"].as_object().into_iter().flatten() {
        findings.push(ill("consumer", format!("{name} reading {source}: {why}")));
    }
    match service["parked"].as_u64() {
        None | Some(0) => {}
        Some(count) => findings.push(ill(
            "parked",
            format!("{name}: {count} events; see `minzheng parked`"),
        )),
    }
    if findings.is_empty() {
        let (sealed, relayed) = (&service["sealed"], &service["relayed"]);
        findings.push(well(
            "service",
            format!("{name}: {sealed} events, {relayed} relayed"),
        ));
    }
    findings
}
