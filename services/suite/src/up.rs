//! `minzheng up`: the suite until Ctrl-C.

use crate::cli;
use crate::county::County;
use crate::say;
use crate::suite::{Options, Suite};
use mz_runtime::logging::{self, Collector, LogTo};
use mz_runtime::{CrashAt, Stop};
use mz_store::{Faults, NoFaults};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

/// Runs the suite and answers when it has stopped cleanly.
pub async fn up(data: &Path, up: cli::Up) -> Result<(), Box<dyn Error>> {
    let log = data.join("log");
    std::fs::create_dir_all(&log)?;
    let log = log.join("minzheng.log");
    let collector = up.otlp.as_deref().map(|endpoint| Collector {
        endpoint,
        service: None,
        version: env!("CARGO_PKG_VERSION"),
    });
    let _logging = logging::start(LogTo::File(&log), &up.log, collector)?;
    let faults: Arc<dyn Faults> = match up.crash_at {
        Some(text) => Arc::new(text.parse::<CrashAt>()?),
        None => Arc::new(NoFaults),
    };
    let mut county = County::find(&up.county)?;
    county.add_working_days(data)?;
    let name = county.name.clone();
    let options = Options {
        listen: up.listen,
        database: up.database,
        legal_date: up.legal_date,
        faults,
        ..Options::new(data, county)
    };
    let mut stop = Stop::listen()?;
    let started = stop.unless_asked(Suite::start(options)).await;
    let Some(suite) = started.transpose()? else {
        return Ok(());
    };
    greet(&suite, data, &log, &name, up.listen.port());
    stop.asked().await;
    say::line("Stopping: finishing what is in hand …");
    suite.stop().await;
    say::line("Stopped.");
    Ok(())
}

fn greet(suite: &Suite, data: &Path, log: &Path, county: &str, wanted_port: u16) {
    let base = suite.base_url();
    let moved = match suite.address().port() {
        port if port == wanted_port || wanted_port == 0 => String::new(),
        port => format!("   (port {wanted_port} is taken by another program: listening on {port})"),
    };
    let folder = data.display();
    let data_flag = if data == Path::new("data") {
        String::new()
    } else {
        format!(" --data {folder}")
    };
    let first = suite.first_password().map_or_else(String::new, |file| {
        let (login, file) = (gateway::FIRST_LOGIN, file.display());
        format!("   (sign in as {login}; the first password is in {file})")
    });
    say::line(format!(
        "Minzheng 民政 {version} is up.

  console   {base}/{first}{moved}
  API       {base}/api/<service>/…
  services  {services}
  health    {base}/health
  county    {county} ({area}), legal date {today}
  data      {folder}   log {log}
  NATS      {nats} (private; every message is synced before it is acknowledged)

Sign in: every request carries the token of an officer.

  export TOKEN=$(cargo run --release -q -- token --name maker --role township-officer{data_flag})
  curl -s -H \"Authorization: Bearer $TOKEN\" {base}/api/registration/divisions

Stop with Ctrl-C.",
        version = env!("CARGO_PKG_VERSION"),
        services = crate::parts::NAMES.join(", "),
        area = suite.area(),
        today = suite.today(),
        log = log.display(),
        nats = suite.nats().server,
    ));
}
