//! The gateway as a process of its own: the service, and the HTTP door to all of them. What it reads is told by
//! `minzheng-gateway help`.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use mz_contracts::Gateway;
use mz_http::{Role, TokenSigner};
use mz_runtime::{App, County, Failure, HealthPage, Listening, Process, ProcessError, Running, Setting};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mz_runtime::process::<Gateway>(serve).await
}

async fn serve(mut process: Process) -> Result<(), ProcessError> {
    let signer = process.secrets.signer();
    let opened = process.stop.unless_asked(open(
        process.setting,
        process.county,
        signer,
        process.data.path(),
        process.listen,
    ));
    let Some((running, door)) = opened.await.transpose()? else {
        return Ok(());
    };
    process.stop.asked().await;
    door.close().await;
    running.stop().await;
    Ok(())
}

async fn open(
    setting: Setting,
    county: County,
    signer: TokenSigner,
    data: &Path,
    listen: SocketAddr,
) -> Result<(Running<Gateway>, Listening), ProcessError> {
    let running = gateway::service().start(setting).await?;
    let app = running.app().clone();
    let administrator = mz_runtime::token(&signer, "gateway", Role::Administrator, &[county.code]);
    county.enter(&app.bridge, &administrator).await?;
    let password = data.join("secrets").join("administrator");
    gateway::first_administrator(&app, county.code, &password)
        .await
        .map_err(|Failure(problem)| problem.body().detail.clone())?;
    let own = Router::new()
        .route("/health", get(health))
        .with_state(app.clone());
    let api = mz_runtime::door(&app, own, &[]);
    let door = Listening::open(listen, gateway::door(app, signer, api)).await?;
    tracing::info!(address = %door.address, "the HTTP door is open");
    Ok((running, door.noted(data)?))
}

async fn health(State(app): State<App<Gateway>>) -> HealthPage<Value> {
    HealthPage::ask(&app).await
}
