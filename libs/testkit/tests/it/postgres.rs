//! The test process's PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr as _;
use std::time::Duration;

use mz_testkit::{CuttingProxy, eventually, postgres_or_skip};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Executor as _};

async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn every_database_is_fresh() {
    let Some(postgres) = postgres_or_skip("postgres::every_database_is_fresh").await else {
        return;
    };
    let (one, other) = (postgres.database().await, postgres.database().await);
    connect(&one)
        .await
        .execute("CREATE TABLE person (id BIGINT)")
        .await
        .unwrap();
    connect(&other)
        .await
        .execute("CREATE TABLE person (id BIGINT)")
        .await
        .unwrap();
    let again = connect(&one)
        .await
        .execute("CREATE TABLE person (id BIGINT)")
        .await;
    again.unwrap_err();
}

#[tokio::test]
async fn a_proxy_can_stand_in_front() {
    let Some(postgres) = postgres_or_skip("postgres::a_proxy_can_stand_in_front").await else {
        return;
    };
    let proxy = CuttingProxy::start(postgres.upstream()).await;
    let mut connection = connect(&postgres.database_behind(&proxy).await).await;
    connection.execute("SELECT 1").await.unwrap();
    proxy.cut_after(0);
    connection.execute("SELECT 1").await.unwrap_err();
}

#[tokio::test]
async fn a_kill_of_the_test_process_takes_its_server_along() {
    let name = "postgres::a_kill_of_the_test_process_takes_its_server_along";
    if postgres_or_skip(name).await.is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "postgres::role_of_a_test_process_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let soon = Duration::from_mins(2);
    let said = folder.path().join("socket");
    let socket = eventually("the process starts its server", soon, async || {
        std::fs::read_to_string(&said).map_err(|error| error.to_string())
    })
    .await;
    let socket = PathBuf::from(socket);
    assert!(socket.exists());

    process.kill().unwrap();
    process.wait().unwrap();
    let cluster = socket.parent().unwrap();
    eventually("the server and its folder go with it", soon, async || {
        if cluster.exists() {
            Err(format!("{} is still there", cluster.display()))
        } else {
            Ok(())
        }
    })
    .await;
}

/// Not a test: the process that the test above kills.
#[tokio::test]
#[ignore = "a part of a_kill_of_the_test_process_takes_its_server_along, which runs it in a folder of its own"]
async fn role_of_a_test_process_until_it_is_killed() {
    let postgres = mz_testkit::postgres().await.unwrap();
    std::fs::write("socket.new", postgres.socket().to_str().unwrap()).unwrap();
    std::fs::rename("socket.new", Path::new("socket")).unwrap();
    // Until the test goes away, should it forget to kill us.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
}
