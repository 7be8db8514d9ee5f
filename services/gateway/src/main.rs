//! The gateway as a process of its own: the service, and the HTTP door to all of them. What it reads is told by
//! `minzheng-gateway help`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use mz_contracts::Gateway;
use mz_http::Role;
use mz_runtime::{App, Failure, HealthPage, Listening, Process, ProcessError, Running, Stop};
use serde_json::Value;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mz_runtime::process::<Gateway>(serve).await
}

async fn serve(process: Process, mut stop: Stop) -> Result<(), ProcessError> {
    let opened = stop.unless_asked(open(&process)).await;
    let Some((running, door)) = opened.transpose()? else {
        return Ok(());
    };
    stop.asked().await;
    door.close().await;
    running.stop().await;
    Ok(())
}

async fn open(process: &Process) -> Result<(Running<Gateway>, Listening), ProcessError> {
    let (county, data) = (&process.county, process.data.path());
    let running = gateway::service().start(process.setting.clone()).await?;
    let (app, signer) = (running.app().clone(), process.secrets.signer());
    let administrator = mz_runtime::token(&signer, "gateway", Role::Administrator, &[county.code]);
    county.enter(&app.bridge, &administrator).await?;
    let password = data.join("secrets").join("administrator");
    gateway::first_administrator(&app, county.code, &password)
        .await
        .map_err(|Failure(problem)| problem.body().detail.clone())?;
    let own = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .with_state(app.clone());
    let api = mz_runtime::door(&app, own, &[]);
    let door = Listening::open(process.listen, gateway::door(app, signer, api)).await?;
    tracing::info!(address = %door.address, "the HTTP door is open");
    Ok((running, door.noted(data)?))
}

async fn metrics(State(app): State<App<Gateway>>) -> Response {
    HealthPage::ask(&app).await.metrics(&app.bridge).await
}

async fn health(State(app): State<App<Gateway>>) -> HealthPage<Value> {
    HealthPage::ask(&app).await
}
