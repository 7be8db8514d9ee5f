//! Death on purpose: a process that kills itself at a chosen step, for the stories that look what was lost.

use mz_store::{Faults, Step, StoreError};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// `funeral-reform:published:2`: when the service reaches the step for the second time, the process gets SIGKILL.
#[derive(Debug)]
pub struct CrashAt {
    service: String,
    step: Step,
    time: u64,
    reached: AtomicU64,
}

/// Not of the form `service:step:time`.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not of the form service:step:time, such as funeral-reform:published:1")]
pub struct NotACrash(String);

impl FromStr for CrashAt {
    type Err = NotACrash;
    fn from_str(text: &str) -> Result<Self, NotACrash> {
        let bad = || NotACrash(text.to_owned());
        let mut parts = text.split(':');
        let (Some(service), Some(step), Some(time), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        Ok(Self {
            service: service.to_owned(),
            step: step.parse().map_err(|_| bad())?,
            time: time.parse().map_err(|_| bad())?,
            reached: AtomicU64::new(0),
        })
    }
}

impl Faults for CrashAt {
    fn reach(&self, service: &'static str, step: Step) -> Result<(), StoreError> {
        if service == self.service
            && step == self.step
            && self.reached.fetch_add(1, Ordering::SeqCst) + 1 == self.time
        {
            // SIGKILL cannot be caught: no destructor runs, no buffer is flushed.
            let _ = kill(Pid::this(), Signal::SIGKILL);
        }
        Ok(())
    }
}
