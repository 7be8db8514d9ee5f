//! Starting and stopping.

use crate::program::{Program, nats_on, run, spawn};
use crate::walk::{self, FIRST_DAY, Officers};
use mz_testkit::eventually;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_stops_cleanly_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    // Whenever this runs, the coming years are known.
    let year = |year| format!("[[year]]\nyear = {year}\ndocument = \"试\"\noff = []\nwork = []\n");
    let years: String = (2027..2100).map(year).collect();
    std::fs::write(data.join("working-days.toml"), years).unwrap();
    let program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let officers = Officers::of(&program);
    let seen = walk::walk(&program, &officers).await.unwrap();
    program.stop();
    assert_eq!(nats_on(data), None, "a nats-server was left behind");
    assert!(!data.join("suite.json").exists());

    let program = Program::start(data, &["--legal-date", "2026-04-10"])
        .await
        .expect("it starts again");
    let officers = Officers::of(&program);
    assert_eq!(
        walk::walk(&program, &officers).await.unwrap(),
        seen,
        "the same keys, the same answers"
    );
    walk::again(&program, &officers).await.unwrap();
    assert!(run(data, &["parked"]).contains("Nothing is parked"));
    // One document for all: whatever a service adds is in it, under the door's path.
    let document = program.get("", "/openapi.json").await.unwrap();
    for path in [
        "/api/funeral-reform/deaths",
        "/api/gateway/users",
        "/api/social-assistance/runs",
    ] {
        assert!(
            document["paths"][path]["post"]["operationId"].is_string(),
            "no {path} in {document}"
        );
    }
    // A problem's page is found whoever may answer with it: the suite, a service, or each of them.
    for code in [
        "clock.follows-calendar",
        "identity.number-held",
        "case.same-officer",
    ] {
        let (status, page) = program.page(&format!("/problems/{code}")).await;
        assert!(status == 200 && page.contains(code), "{code}: {status} {page}");
    }
    assert_eq!(program.page("/problems/nothing").await.0, 404);
    assert!(run(data, &["doctor"]).contains("running, \"ok\""));
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_leaves_no_nats_server_that_the_next_start_cannot_take_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let mut program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let before = program.nats_pid();
    program.kill();
    let program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts again");
    assert_ne!(program.nats_pid(), before);
    assert!(!is_alive(before), "two servers on one store");
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_journal_row_is_named_while_the_suite_runs_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minzheng"));
        let output = command
            .arg("--data")
            .arg(data)
            .args(["verify-journal", "--json"])
            .output()
            .unwrap();
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.success(), said)
    };
    let (well, said) = verify();
    assert!(
        !well && said["journals"].as_array().unwrap().is_empty(),
        "a folder without a journal does not pass: {said}"
    );
    let program = Program::start(data, &["--legal-date", FIRST_DAY]).await.unwrap();
    let officers = Officers::of(&program);
    walk::walk(&program, &officers).await.unwrap();
    let (well, said) = verify();
    assert!(well && said["journals"].as_array().unwrap().len() == 7, "{said}");
    program.stop();

    let database = rusqlite::Connection::open(data.join("db").join("funeral-reform.db")).unwrap();
    let event: String = database
        .query_row(
            "SELECT id FROM journal WHERE type LIKE '%death.registered%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let changed = "UPDATE journal SET data = replace(data, '2026-01-20', '2026-01-30')";
    assert_eq!(database.execute(changed, []).unwrap(), 1);
    let (well, said) = verify();
    let journals = said["journals"].as_array().unwrap();
    let broken: Vec<_> = journals
        .iter()
        .filter(|journal| journal["well"] == false)
        .collect();
    assert!(!well && broken.len() == 1, "{said}");
    assert_eq!(broken[0]["service"], "funeral-reform");
    assert_eq!(broken[0]["broken"]["position"], 1);
    assert_eq!(broken[0]["broken"]["event"], event);

    // A row that cannot even be read is named by its place, and the other journals are looked at all the same.
    let database = rusqlite::Connection::open(data.join("db").join("notification.db")).unwrap();
    let changed = "UPDATE journal SET legal_date = replace(legal_date, '-', 'x') \
                   WHERE n = (SELECT n FROM seal WHERE position = 3)";
    assert_eq!(database.execute(changed, []).unwrap(), 1);
    let (well, said) = verify();
    let journals = said["journals"].as_array().unwrap();
    let position = |service: &str| {
        let journal = journals
            .iter()
            .find(|journal| journal["service"] == service)
            .unwrap();
        journal["broken"]["position"].as_u64()
    };
    assert!(!well && journals.len() == 7, "{said}");
    assert_eq!(
        (position("notification"), position("funeral-reform")),
        (Some(3), Some(1)),
        "{said}"
    );
    assert_eq!(position("registration"), None, "{said}");
}

/// A process that died and was not reaped yet by whoever inherited it is not alive.
fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .any(|line| line.starts_with("State:") && !line.contains("zombie"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_suite_on_the_same_folder_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let program = Program::start(data, &[]).await.expect("it starts");
    let second = spawn(data, &[]).wait_with_output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains(&program.pid().to_string()), "{said}");
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_starts_beside_others_who_hold_its_favourite_ports() {
    // Whether we or others hold them does not matter.
    let _held: Vec<_> = [4222, 5432, 8080]
        .iter()
        .filter_map(|port| TcpListener::bind(("127.0.0.1", *port)).ok())
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_minzheng"));
    let mut child = command
        .arg("--data")
        .arg(folder.path())
        .arg("up")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let note = folder.path().join("suite.json");
    eventually("it is up", Duration::from_mins(1), async || {
        if note.exists() { Ok(()) } else { Err("not yet") }.map_err(str::to_owned)
    })
    .await;
    crate::program::interrupt(child.id());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut said).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(said.contains("port 8080 is taken by another program"), "{said}");
    assert!(said.contains("127.0.0.1"), "{said}");
}
