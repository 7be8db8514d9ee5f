//! The suite on one machine: from the start to ready, and its memory at rest, beside nats-server alone.

use crate::harness::{Bench, Done, Figure, Sample, Series, complain};
use crate::machine;
use mz_bus::server::{DataFolder, Server, ServerOptions};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Between two looks at a suite that starts.
const LOOK: Duration = Duration::from_millis(1);
const READY_MAX: Duration = Duration::from_mins(1);
/// What a suite at rest still does is done by then.
const REST: Duration = Duration::from_secs(10);

/// Ten starts on a data folder that has been used, and ten of nats-server alone on the same store.
pub(crate) async fn start(bench: &Bench) -> Done<()> {
    let Some((program, folder)) = used_folder().await? else {
        return Ok(());
    };
    let (mut ours, mut bare) = (Series::default(), Series::default());
    for _ in 0..2 * bench.repetitions() {
        let suite = async {
            let (suite, took) = Suite::start(&program, folder.path()).await?;
            suite.stop().await?;
            Ok(Sample::of(ms(took)))
        };
        ours.take(bench, suite).await?;
        let nats = Box::pin(async {
            let (server, _data, took) = nats_alone(folder.path()).await?;
            server.stop().await;
            Ok(Sample::of(ms(took)))
        });
        bare.take(bench, nats).await?;
    }
    let limit = Some(("nats-server alone, start to JetStream's answer", &bare));
    Figure {
        name: "suite.start",
        unit: "ms",
        ours: &ours,
        limit,
        more: json!({}),
    }
    .report()
}

/// The suite with its nats-server ten seconds after a start, and nats-server alone on the same store.
pub(crate) async fn memory(bench: &Bench) -> Done<()> {
    let Some((program, folder)) = used_folder().await? else {
        return Ok(());
    };
    let (mut ours, mut bare) = (Series::default(), Series::default());
    for _ in 0..bench.repetitions() {
        let suite = async {
            let (suite, _) = Suite::start(&program, folder.path()).await?;
            tokio::time::sleep(bench.size(REST)).await;
            let pid = suite.child.id();
            if !machine::has_child(pid, "nats-server")? {
                return Err(
                    "the suite's nats-server is not below it, so that its memory is not known".into(),
                );
            }
            let resident = machine::resident_mib(pid)?;
            suite.stop().await?;
            Ok(Sample::of(resident))
        };
        ours.take(bench, suite).await?;
        let nats = Box::pin(async {
            let (server, _data, _) = nats_alone(folder.path()).await?;
            tokio::time::sleep(bench.size(REST)).await;
            let resident = machine::resident_mib(server.pid())?;
            server.stop().await;
            Ok(Sample::of(resident))
        });
        bare.take(bench, nats).await?;
    }
    let more = json!({ "rest_s": bench.size(REST).as_secs() });
    let limit = Some(("nats-server alone", &bare));
    Figure {
        name: "suite.memory",
        unit: "MiB",
        ours: &ours,
        limit,
        more,
    }
    .report()
}

/// The program that was built beside this one, and a data folder that it has used once; none where it was not built.
pub(crate) async fn used_folder() -> Done<Option<(PathBuf, tempfile::TempDir)>> {
    let program = std::env::current_exe()?.with_file_name("minzheng");
    if !program.exists() {
        complain("not measured: the suite; build it with cargo build --release -p minzheng");
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    Suite::start(&program, folder.path()).await?.0.stop().await?;
    Ok(Some((program, folder)))
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

async fn nats_alone(folder: &Path) -> Done<(Server, DataFolder, Duration)> {
    let binary = mz_testkit::nats_binary().await;
    let data = DataFolder::lock(folder)?;
    let began = Instant::now();
    let server = Server::start(binary, ServerOptions::in_folder(&data)).await?;
    Ok((server, data, began.elapsed()))
}

/// A running `minzheng up`, killed when the value is dropped.
pub(crate) struct Suite {
    child: Child,
}

impl Suite {
    /// Starts it, and answers when its health is well.
    pub(crate) async fn start(program: &Path, folder: &Path) -> Done<(Self, Duration)> {
        let began = Instant::now();
        let mut command = Command::new(program);
        command
            .arg("--data")
            .arg(folder)
            .args(["up", "--listen", "127.0.0.1:0"]);
        let mut suite = Self {
            child: command.stdout(Stdio::null()).spawn()?,
        };
        while began.elapsed() < READY_MAX {
            if is_well(folder).await {
                return Ok((suite, began.elapsed()));
            }
            if let Some(status) = suite.child.try_wait()? {
                return Err(format!("the suite ended at its start: {status}").into());
            }
            tokio::time::sleep(LOOK).await;
        }
        Err("the suite does not become ready".into())
    }

    /// Ctrl-C, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> Done<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), Signal::SIGINT)?;
        while self.child.try_wait()?.is_none() {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        // Both fail where it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A suite writes down where it listens when it does, and removes the note when it stops.
async fn is_well(folder: &Path) -> bool {
    match address(folder) {
        Some(address) => answers(&address)
            .await
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")),
        None => false,
    }
}

/// Where the suite of a folder listens, once it does.
pub(crate) fn address(folder: &Path) -> Option<String> {
    let note: Value = serde_json::from_slice(&std::fs::read(folder.join("suite.json")).ok()?).ok()?;
    Some(note.get("address")?.as_str()?.strip_prefix("http://")?.to_owned())
}

async fn answers(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
