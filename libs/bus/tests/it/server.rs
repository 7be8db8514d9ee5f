//! The private server: what survives, who ends whom, and what is proven.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::{self, Context, stream};
use mz_bus::server::{
    DataFolder, LockError, NotProven, Server, ServerOptions, StartError, State, SyncInterval,
    prove_durability, supervise,
};
use mz_testkit::{eventually, nats, nats_binary, nats_with};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(30);

async fn jetstream_of(server: &Server) -> Context {
    let client = server
        .credentials()
        .civil
        .connect_options()
        .connect(server.url())
        .await
        .unwrap();
    jetstream::new(client)
}

/// Makes the stream and publishes one message, acknowledged.
async fn publish_one(context: &Context) {
    let config = stream::Config {
        name: "S".to_owned(),
        subjects: vec!["s.>".to_owned()],
        ..Default::default()
    };
    context.create_stream(config).await.unwrap();
    context
        .publish("s.a", "fact".into())
        .await
        .unwrap()
        .await
        .unwrap();
}

async fn stored(context: &Context) -> u64 {
    context
        .get_stream("S")
        .await
        .unwrap()
        .cached_info()
        .state
        .messages
}

fn runs(pid: u32) -> bool {
    // A process that ended and was not waited for yet has no command line.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.cast_signed()), signal).unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_and_the_address_stays() {
    let mut nats = nats().await;
    let (url, pid) = (nats.url(), nats.server().pid());
    publish_one(&jetstream_of(nats.server()).await).await;

    nats.kill().await;
    assert!(!runs(pid));
    nats.restart().await;

    assert_eq!(nats.url(), url);
    assert_ne!(nats.server().pid(), pid);
    assert_eq!(stored(&jetstream_of(nats.server()).await).await, 1);
}

#[tokio::test]
async fn the_next_start_ends_a_server_that_a_dead_suite_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::lock(folder.path()).unwrap();
    for frozen in [false, true] {
        let orphan = Server::start(nats_binary().await, ServerOptions::in_folder(&data))
            .await
            .unwrap();
        let (pid, credentials) = (orphan.pid(), orphan.credentials().clone());
        if frozen {
            orphan.freeze();
        } else {
            publish_one(&jetstream_of(&orphan).await).await;
        }
        // As after a `kill -9` of a suite where there is no `setpriv`: nobody ends the server.
        std::mem::forget(orphan);

        let next = Server::start(nats_binary().await, ServerOptions::in_folder(&data))
            .await
            .unwrap();
        assert!(!runs(pid), "frozen: {frozen}");
        assert_eq!(*next.credentials(), credentials);
        assert_eq!(stored(&jetstream_of(&next).await).await, 1);
        next.stop().await;
    }
}

#[tokio::test]
async fn a_kill_of_the_suite_takes_its_server_along() {
    if !Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "true"])
        .status()
        .is_ok_and(|it| it.success())
    {
        return mz_testkit::skip(
            "server::a_kill_of_the_suite_takes_its_server_along",
            "setpriv was not found",
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let mut suite = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "server::role_of_a_suite_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let server = eventually("the suite starts its server", SOON, async || {
        let said = std::fs::read_to_string(folder.path().join("pid")).map_err(|error| error.to_string())?;
        said.parse::<u32>().map_err(|error| error.to_string())
    })
    .await;
    assert!(runs(server));

    suite.kill().unwrap();
    suite.wait().unwrap();
    eventually("the server goes with it", SOON, async || {
        if runs(server) {
            Err(format!("{server} still runs"))
        } else {
            Ok(())
        }
    })
    .await;
    DataFolder::lock(&folder.path().join("data")).unwrap();
}

/// Not a test: the process that the test above kills. Its server is started from a runtime's thread that ends at
/// once, so that a death signal tied to that thread would come too early.
#[test]
#[ignore = "a part of a_kill_of_the_suite_takes_its_server_along, which runs it in a folder of its own"]
fn role_of_a_suite_until_it_is_killed() {
    let start = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let data = DataFolder::lock(Path::new("data")).unwrap();
            (
                Server::start(nats_binary().await, ServerOptions::in_folder(&data))
                    .await
                    .unwrap(),
                data,
            )
        })
    };
    let (server, _data) = std::thread::spawn(start).join().unwrap();
    assert!(server.ended().is_none());
    std::fs::write("pid.new", server.pid().to_string()).unwrap();
    std::fs::rename("pid.new", "pid").unwrap();
    // Until the test goes away, should it forget to kill us.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
}

#[tokio::test]
async fn a_frozen_server_answers_when_it_is_thawed() {
    let nats = nats().await;
    let context = jetstream_of(nats.server()).await;
    publish_one(&context).await;

    nats.freeze();
    let mut answer = Box::pin(context.publish("s.b", "late".into()).await.unwrap().into_future());
    tokio::time::timeout(Duration::from_millis(200), &mut answer)
        .await
        .unwrap_err();
    nats.thaw();
    assert_eq!(answer.await.unwrap().sequence, 2);
}

#[tokio::test]
async fn a_supervised_server_comes_back_on_its_port_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::lock(folder.path()).unwrap();
    let server = Server::start(nats_binary().await, ServerOptions::in_folder(&data))
        .await
        .unwrap();
    let (url, first, login) = (server.url(), server.pid(), server.credentials().civil.clone());
    publish_one(&jetstream_of(&server).await).await;
    let stop = CancellationToken::new();
    let supervised = supervise(server, stop.clone());
    let mut state = supervised.state();
    assert_eq!(*state.borrow(), State::Running { pid: first });

    signal(first, Signal::SIGKILL);
    state
        .wait_for(|state| matches!(state, State::Down { .. }))
        .await
        .unwrap();
    let again = state
        .wait_for(|state| matches!(state, State::Running { .. }))
        .await
        .unwrap()
        .clone();
    let client = login.connect_options().connect(&url).await.unwrap();
    assert_eq!(stored(&jetstream::new(client)).await, 1);

    stop.cancel();
    supervised.stopped().await;
    assert_eq!(*state.borrow(), State::Stopped);
    let State::Running { pid: second } = again else {
        unreachable!("waited for it")
    };
    assert!(second != first && !runs(second));
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_in_the_servers_words() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::lock(folder.path()).unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ServerOptions::in_folder(&data);
    options.port = Some(holder.local_addr().unwrap().port());
    let refused = Server::start(nats_binary().await, options).await.unwrap_err();
    assert!(
        matches!(&refused, StartError::Died { said, .. } if said.contains("address already in use")),
        "{refused}"
    );
}

#[tokio::test]
async fn durability_is_proven_only_where_the_server_syncs_always() {
    let synced = nats().await;
    prove_durability(&synced.url(), &synced.credentials().sys)
        .await
        .unwrap();

    let relaxed = nats_with(SyncInterval::Relaxed).await;
    let refused = prove_durability(&relaxed.url(), &relaxed.credentials().sys).await;
    assert!(matches!(refused, Err(NotProven::NotSynced { .. })), "{refused:?}");

    // A login that may not ask proves nothing, nor does a server that is gone.
    let refused = prove_durability(&synced.url(), &synced.credentials().civil).await;
    assert!(matches!(refused, Err(NotProven::NotAsked { .. })), "{refused:?}");
    synced.kill().await;
    let refused = prove_durability(&synced.url(), &synced.credentials().sys).await;
    assert!(matches!(refused, Err(NotProven::NotAsked { .. })), "{refused:?}");
}

#[test]
fn a_data_folder_belongs_to_one_suite() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = DataFolder::lock(&data).unwrap();
    let refused = DataFolder::lock(&data).unwrap_err();
    let me = std::process::id();
    assert!(
        matches!(refused, LockError::AlreadyInUse { owner: Some(owner), .. } if owner == me),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains(&format!("process {me}")),
        "{refused}"
    );
    drop(first);
    DataFolder::lock(&data).unwrap();
}
