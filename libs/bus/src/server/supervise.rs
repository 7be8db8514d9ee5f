//! Keeping the private server running.

use std::error::Error;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Server;

/// The first pause before a restart; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause. There is no last attempt: a full disk may be emptied in the night.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A server that ran this long is not in a crash loop: the pauses start anew.
const SETTLED: Duration = Duration::from_secs(30);

/// What the supervised server is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It answered when it was started and has not ended since. (A frozen or stalled server is running, too: the
    /// clients' time-outs tell of those.)
    Running {
        /// Its process id.
        pid: u32,
    },
    /// It ended without being asked to and is about to be started again.
    Down {
        /// How many restarts have failed or not held in a row.
        failures: u32,
        /// How it ended, or why it does not start.
        reason: String,
    },
    /// It was stopped for good, as asked.
    Stopped,
}

/// A supervised server. Dropping this value changes nothing: the token stops the server.
#[derive(Debug)]
pub struct Supervised {
    state: watch::Receiver<State>,
    task: JoinHandle<()>,
}

impl Supervised {
    /// The state, to be looked at or waited for.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Waits until the server has been stopped, after the token was cancelled.
    pub async fn stopped(self) {
        // An error is a panic of the task or the runtime's end; the server is killed by either.
        let _ = self.task.await;
    }
}

/// Restarts the server on its port and store whenever it ends by itself, until the token is cancelled; then stops
/// it gracefully.
pub fn supervise(server: Server, stop: CancellationToken) -> Supervised {
    let (tell, state) = watch::channel(State::Running { pid: server.pid() });
    let task = tokio::spawn(async move {
        let mut server = server;
        // What is dropped here when the token comes in the midst of a restart is a child that dies with its value.
        if stop
            .run_until_cancelled(keep_running(&mut server, &tell))
            .await
            .is_none()
        {
            server.stop().await;
            tell.send_replace(State::Stopped);
        }
    });
    Supervised { state, task }
}

async fn keep_running(server: &mut Server, tell: &watch::Sender<State>) {
    let mut failures = 0;
    loop {
        let started = Instant::now();
        tell.send_replace(State::Running { pid: server.pid() });
        server.wait().await;
        if started.elapsed() >= SETTLED {
            failures = 0;
        }
        let mut reason = server
            .ended()
            .map_or_else(String::new, |status| status.to_string());
        tracing::error!(reason, "nats-server ended unexpectedly: restarting it");
        loop {
            tell.send_replace(State::Down { failures, reason });
            tokio::time::sleep(pause(failures)).await;
            failures = failures.saturating_add(1);
            match server.restart().await {
                Ok(()) => break,
                Err(error) => {
                    reason = with_sources(&error);
                    tracing::error!(reason, failures, "nats-server does not start");
                }
            }
        }
        tracing::info!(pid = server.pid(), "nats-server runs again");
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_PAUSE)
}

fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!(pause(0), FIRST_PAUSE);
        assert_eq!(pause(1), FIRST_PAUSE * 2);
        assert_eq!(pause(40), LONGEST_PAUSE);
    }
}
