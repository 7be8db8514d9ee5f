//! A child process with a thread that waits for it, so that it can be signalled safely and dies with us.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;

/// A running or ended child.
#[derive(Debug)]
pub(super) struct Child {
    pid: Pid,
    ended: watch::Receiver<Option<ExitStatus>>,
    waiter: Option<thread::JoinHandle<()>>,
}

impl Child {
    /// Starts the command in a process group of its own, so that a Ctrl-C at the terminal reaches only us and the
    /// broker outlives the services that drain into it.
    ///
    /// A thread of the child's own spawns it and stays until it has ended: a parent-death signal is tied to the
    /// *thread* that spawned, and a pooled one may be gone long before the process is.
    pub(super) fn spawn(mut command: Command) -> io::Result<Child> {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let (tell_pid, pid) = mpsc::sync_channel(1);
        let (tell_end, ended) = watch::channel(None);
        let waiter = thread::Builder::new()
            .name("nats-server".to_owned())
            .spawn(move || match command.spawn() {
                Ok(mut child) => {
                    let _ = tell_pid.send(Ok(child.id()));
                    // `wait` fails only where somebody else reaped the child: it has ended then, too.
                    let status = child.wait().unwrap_or_default();
                    tell_end.send_replace(Some(status));
                }
                Err(error) => {
                    let _ = tell_pid.send(Err(error));
                }
            })?;
        let pid = pid.recv().map_err(io::Error::other)??;
        let pid = Pid::from_raw(i32::try_from(pid).map_err(io::Error::other)?);
        Ok(Child {
            pid,
            ended,
            waiter: Some(waiter),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Sends a signal, unless the child has ended. The end is written down under the lock that is held here, so
    /// that a process number that has been given to another process is not signalled.
    pub(super) fn signal(&self, signal: Signal) {
        let ended = self.ended.borrow();
        if ended.is_none() {
            let _ = kill(self.pid, signal);
        }
    }

    /// How the child ended, if it has.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        *self.ended.borrow()
    }

    /// Waits until the child has ended and was reaped.
    pub(super) async fn wait(&self) {
        let mut ended = self.ended.clone();
        // An error means that the waiting thread is gone, and the child with it.
        let _ = ended.wait_for(Option::is_some).await;
    }
}

/// Whatever happens to a child's owner, the child does not outlive it.
impl Drop for Child {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        if let Some(waiter) = self.waiter.take() {
            let _ = waiter.join();
        }
    }
}

/// The command that starts a program which the kernel kills when we die, even by `kill -9`.
///
/// Asking the kernel for that is a call that the child itself must make; without unsafe code it takes a helper, and
/// util-linux's `setpriv` is one. Where there is none (or another one that does not know the option) the program
/// is started plainly, and the next start takes the orphan over.
pub(super) fn tethered(program: &std::path::Path) -> Command {
    static SETPRIV: OnceLock<bool> = OnceLock::new();
    let works = *SETPRIV.get_or_init(|| {
        let mut probe = Command::new("setpriv");
        probe.args(["--pdeathsig", "KILL", "true"]);
        let probe = probe
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    });
    if !works {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}
