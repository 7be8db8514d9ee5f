//! A server that an earlier suite left behind on our folder.
//!
//! It is known by its command line, `… -c <folder>/nats-server.conf`, which the system keeps: a file with a process
//! number would be missing when the suite died between starting the server and writing it, and could name a
//! process that got the number later. Whoever asks holds the data folder's lock, so the server found has no owner.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::config::Files;

/// How long an orphan may take to end by itself. It has nothing to lose: what it acknowledged is on the disk.
const GRACE: Duration = Duration::from_secs(5);
/// How long the kernel may take to end it.
const KILL: Duration = Duration::from_secs(30);

/// Ends the server, if any, that still works on these files, and waits until it is gone.
pub(super) async fn end(files: &Files) -> io::Result<()> {
    // No configuration, no server that could have been started with it; saves looking at every process.
    if !files.config().exists() {
        return Ok(());
    }
    for pid in find(files)? {
        tracing::warn!(%pid, folder = %files.folder().display(), "ending a nats-server that an earlier suite left behind");
        // A stopped process does not see SIGTERM.
        for signal in [Signal::SIGTERM, Signal::SIGCONT] {
            send(pid, signal)?;
        }
        if !gone(pid, files, GRACE).await {
            send(pid, Signal::SIGKILL)?;
            if !gone(pid, files, KILL).await {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("process {pid} does not end"),
                ));
            }
        }
    }
    Ok(())
}

/// Without `/proc` (macOS) nothing is found.
fn find(files: &Files) -> io::Result<Vec<Pid>> {
    let processes = match fs::read_dir("/proc") {
        Ok(processes) => processes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(numbers
        .map(Pid::from_raw)
        .filter(|pid| is_on(*pid, files))
        .collect())
}

fn is_on(pid: Pid, files: &Files) -> bool {
    // A process that has ended but was not waited for has an empty command line.
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let working_folder = fs::read_link(format!("/proc/{pid}/cwd")).ok();
    names(&line, working_folder.as_deref(), files)
}

/// Whether a command line, its arguments ended by NUL, is that of a server on these files. The folder may have been
/// moved since, which its working folder shows.
fn names(line: &[u8], working_folder: Option<&Path>, files: &Files) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let mut arguments = line.split(|byte| *byte == 0).rev().skip(1);
    let (Some(config), Some(b"-c")) = (arguments.next(), arguments.next()) else {
        return false;
    };
    let config = Path::new(std::ffi::OsStr::from_bytes(config));
    let moved = || config.file_name() == files.config().file_name() && working_folder == Some(files.folder());
    config == files.config() || moved()
}

async fn gone(pid: Pid, files: &Files, within: Duration) -> bool {
    let waited = async {
        while is_on(pid, files) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(within, waited).await.is_ok()
}

fn send(pid: Pid, signal: Signal) -> io::Result<()> {
    match kill(pid, signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_on_our_files_is_ours() {
        let files = Files::below("/data/nats".into()).unwrap();
        let ours =
            |line: &str, cwd: &str| names(line.replace(' ', "\0").as_bytes(), Some(Path::new(cwd)), &files);
        let plain = "nats-server -c /data/nats/nats-server.conf ";
        assert!(ours(plain, "/data/nats"));
        assert!(ours(
            "setpriv --pdeathsig KILL nats-server -c /data/nats/nats-server.conf ",
            "/"
        ));
        assert!(
            ours("nats-server -c /old/nats/nats-server.conf ", "/data/nats"),
            "the folder was moved"
        );
        for other in [
            "nats-server -c /other/nats/nats-server.conf ",
            "tail -f /data/nats/nats-server.conf ",
            "nats-server -c /data/nats/nats-server.conf -D ",
            "-c ",
            "",
        ] {
            assert!(!ours(other, "/other/nats"), "{other:?}");
        }
    }
}
