//! The `minzheng` program as a child process.

use crate::door::Door;
use serde_json::Value;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(crate) use crate::door::Gone;

/// How long a start may take on a machine that compiles beside it.
pub(crate) const START_MAX: Duration = Duration::from_mins(1);

/// A running `minzheng up`. It is killed when the value is dropped.
pub(crate) struct Program {
    child: Child,
    data: PathBuf,
    door: Door,
}

/// What is asked of it.
impl Deref for Program {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

/// Starts `minzheng up` and does not wait for it.
pub(crate) fn spawn(data: &Path, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minzheng"));
    command
        .arg("--data")
        .arg(data)
        .args(["up", "--listen", "127.0.0.1:0"])
        .args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Runs a command of the program to its end; answers its standard output.
pub(crate) fn run(data: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minzheng"));
    let output = command
        .arg("--data")
        .arg(data)
        .args(args)
        .output()
        .expect("the program runs");
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

impl Program {
    /// Starts on a data folder at a legal date, and answers when it is healthy; `Gone` when it died before that.
    pub(crate) async fn start(data: &Path, more: &[&str]) -> Result<Self, Gone> {
        let note = data.join("suite.json");
        // What the process before left behind must not be taken for the new one's.
        let _ = std::fs::remove_file(&note);
        let child = spawn(data, more);
        let mut program = Self {
            child,
            data: data.to_owned(),
            door: Door::at(String::new()),
        };
        let deadline = tokio::time::Instant::now() + START_MAX;
        loop {
            if program.child.try_wait().expect("a child").is_some() {
                return Err(Gone);
            }
            if let Ok(bytes) = std::fs::read(&note)
                && let Ok(found) = serde_json::from_slice::<Value>(&bytes)
            {
                program.door = Door::at(found["address"].as_str().expect("an address").to_owned());
                return Ok(program);
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "the suite is not up: {}",
                program.errors()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.data.join("log").join("minzheng.log")).unwrap_or_default()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A token for an officer.
    pub(crate) fn token(&self, name: &str, role: &str) -> String {
        run(&self.data, &["token", "--name", name, "--role", role])
            .trim()
            .to_owned()
    }

    /// The process id of the private nats-server.
    pub(crate) fn nats_pid(&self) -> u32 {
        nats_on(&self.data).expect("a nats-server on the store")
    }

    /// Ctrl-C; answers when the process has ended well.
    pub(crate) fn stop(mut self) {
        interrupt(self.child.id());
        let status = tokio::task::block_in_place(|| self.child.wait()).expect("it ends");
        assert!(status.success(), "{status}: {}", self.errors());
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until the process has died by itself.
    pub(crate) fn died(mut self) {
        let status = tokio::task::block_in_place(|| self.child.wait()).expect("it ends");
        assert!(
            !status.success(),
            "it was expected to die, and ended with {status}"
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn interrupt(pid: u32) {
    signal(pid, "INT");
}

pub(crate) fn signal(pid: u32, name: &str) {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid.to_string())
        .status()
        .expect("kill runs");
    assert!(status.success(), "kill -{name} {pid}");
}

/// The nats-server that runs on the store of a data folder, found by its command line.
pub(crate) fn nats_on(data: &Path) -> Option<u32> {
    let folder = data.canonicalize().ok()?;
    let config = folder.join("nats").join("nats-server.conf");
    let config = config.to_str()?.to_owned();
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        let mut words = line.split(|byte| *byte == 0);
        let program = words.next()?;
        (program.ends_with(b"nats-server") && words.any(|word| word == config.as_bytes())).then_some(pid)
    })
}
