//! The suite's private nats-server, seen from outside: its process, its port and its store.

use crate::Done;
use async_nats::Client;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::time::Instant;

/// The nats-server on the store of a data folder.
pub(crate) struct Broker {
    data: PathBuf,
}

impl Broker {
    pub(crate) fn of(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
        }
    }

    /// Its process, found by its command line; waits for one that is being started.
    pub(crate) async fn pid(&self) -> Done<Pid> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(pid) = self.find()? {
                return Ok(pid);
            }
            if Instant::now() > deadline {
                return Err("no nats-server runs on the store".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn find(&self) -> Done<Option<Pid>> {
        let config = self.data.canonicalize()?.join("nats").join("nats-server.conf");
        let config = config.to_str().ok_or("the data folder's path is not UTF-8")?;
        for entry in fs::read_dir("/proc")?.flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let (Some(pid), Ok(line)) = (pid, fs::read(entry.path().join("cmdline"))) else {
                continue;
            };
            let mut words = line.split(|byte| *byte == 0);
            if words
                .next()
                .is_some_and(|program| program.ends_with(b"nats-server"))
                && words.any(|word| word == config.as_bytes())
            {
                return Ok(Some(Pid::from_raw(pid)));
            }
        }
        Ok(None)
    }

    /// Sends a signal to the server that runs; one that has just died is not it.
    pub(crate) async fn signal(&self, signal: Signal) -> Done<Pid> {
        loop {
            let pid = self.pid().await?;
            match kill(pid, signal) {
                Err(Errno::ESRCH) => tokio::time::sleep(Duration::from_millis(20)).await,
                other => return Ok(other.map(|()| pid)?),
            }
        }
    }

    fn store(&self) -> PathBuf {
        self.data.join("nats").join("jetstream")
    }

    /// A copy of the store as it is on the disk just now, which is what a crash would leave.
    pub(crate) async fn copy_store(&self, to: &Path) -> Done<()> {
        let pid = self.signal(Signal::SIGSTOP).await?;
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        let copied = copy(&self.store(), to);
        kill(pid, Signal::SIGCONT)?;
        copied
    }

    /// Kills the server, with its store changed before anybody starts it again.
    pub(crate) async fn kill_with(&self, deed: impl FnOnce(&Path) -> Done<()>) -> Done<()> {
        // Frozen first: the suite starts its broker again at once, and must find the deed done.
        let pid = self.signal(Signal::SIGSTOP).await?;
        let (store, meanwhile) = (self.store(), self.data.join("store-meanwhile"));
        let before = self.data.join("store-before");
        for left in [&meanwhile, &before] {
            if left.exists() {
                fs::remove_dir_all(left)?;
            }
        }
        copy(&store, &meanwhile)?;
        deed(&meanwhile)?;
        fs::rename(&store, &before)?;
        if meanwhile.exists() {
            fs::rename(&meanwhile, &store)?;
        }
        kill(pid, Signal::SIGKILL)?;
        Ok(())
    }

    /// As the operator of the account.
    pub(crate) async fn connect(&self) -> Done<Client> {
        let logins: Value = serde_json::from_slice(&fs::read(self.data.join("secrets").join("nats.json"))?)?;
        let login = |field: &str| logins["civil"][field].as_str().unwrap_or_default().to_owned();
        let options = async_nats::ConnectOptions::with_user_and_password(login("user"), login("password"));
        Ok(options
            .connect(format!("127.0.0.1:{}", self.port().await?))
            .await?)
    }

    /// The port on which it listens.
    async fn port(&self) -> Done<u16> {
        let pid = self.pid().await?;
        let socket = |link: PathBuf| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        };
        let inodes: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))?
            .flatten()
            .filter_map(|fd| socket(fs::read_link(fd.path()).ok()?))
            .collect();
        let table = fs::read_to_string("/proc/net/tcp")?;
        let listening = table.lines().skip(1).find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, local, _, "0A", ..] = words[..] else {
                return None;
            };
            let ours = words
                .get(9)
                .is_some_and(|inode| inodes.iter().any(|own| own == inode));
            ours.then(|| u16::from_str_radix(local.rsplit(':').next()?, 16).ok())?
        });
        Ok(listening.ok_or("nats-server does not listen")?)
    }
}

/// Cuts the last third off every file of messages.
pub(crate) fn truncate(store: &Path) -> Done<()> {
    for entry in fs::read_dir(store)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            truncate(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "blk") {
            let length = fs::metadata(&path)?.len();
            let file = fs::OpenOptions::new().write(true).open(&path)?;
            file.set_len(length - length.min(length / 3 + 1))?;
        }
    }
    Ok(())
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) -> Done<()> {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    if copied.success() {
        Ok(())
    } else {
        Err(format!("{} cannot be copied", from.display()).into())
    }
}
