//! When to stop: Ctrl-C, or what a service manager sends.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM. Once it is made they end the process no more: they are waited for here.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Listens from now on.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Answers when it is time to stop.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Does `start`, which may be cut off at any step, as by the death of the process; none if it was.
    pub fn unless_asked<T>(&mut self, start: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        let start = Box::pin(start);
        async {
            tokio::select! {
                done = start => Some(done),
                () = self.asked() => None,
            }
        }
    }
}
