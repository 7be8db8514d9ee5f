//! The places where a process may die between an officer's request and the last acknowledgement.
//!
//! Product code calls [`Faults::reach`] at each of them. In production it is [`NoFaults`] and costs one virtual
//! call; a test makes a step fail or the process die there, and looks whether anything was lost or counted twice.

use crate::StoreError;
use std::fmt;

/// One place on the way of a command and of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A command's rows are written, the transaction is still open.
    Commit,
    /// The transaction is durable, nobody has been told.
    Committed,
    /// The chain's new positions are written, the transaction is still open.
    Seal,
    /// The chain's new positions are durable, nothing is published.
    Sealed,
    /// Messages are about to be sent to the broker.
    Publish,
    /// The broker has stored them, the relay does not know yet.
    Published,
    /// A consumer has a message in hand and has done nothing.
    Receive,
    /// Inbox and effect are written, the transaction is still open.
    Apply,
    /// Inbox and effect are durable, the message is not acknowledged.
    Applied,
    /// The acknowledgement was sent.
    Acknowledged,
}

impl Step {
    /// Every step, in the order in which an event meets them.
    pub const ALL: [Self; 10] = [
        Self::Commit,
        Self::Committed,
        Self::Seal,
        Self::Sealed,
        Self::Publish,
        Self::Published,
        Self::Receive,
        Self::Apply,
        Self::Applied,
        Self::Acknowledged,
    ];

    /// The name used on command lines and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Committed => "committed",
            Self::Seal => "seal",
            Self::Sealed => "sealed",
            Self::Publish => "publish",
            Self::Published => "published",
            Self::Receive => "receive",
            Self::Apply => "apply",
            Self::Applied => "applied",
            Self::Acknowledged => "acknowledged",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No step has this name.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no step {0:?}; the steps are commit, committed, seal, sealed, publish, published, receive, apply, applied, acknowledged"
)]
pub struct UnknownStep(String);

impl std::str::FromStr for Step {
    type Err = UnknownStep;
    fn from_str(text: &str) -> Result<Self, UnknownStep> {
        Self::ALL
            .into_iter()
            .find(|step| step.name() == text)
            .ok_or_else(|| UnknownStep(text.to_owned()))
    }
}

/// Decides what happens at a [`Step`].
pub trait Faults: Send + Sync + 'static {
    /// Called when `service` reaches `step`; an error is treated as a failure of that step.
    fn reach(&self, service: &'static str, step: Step) -> Result<(), StoreError>;
}

/// Nothing ever fails on purpose.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn reach(&self, _service: &'static str, _step: Step) -> Result<(), StoreError> {
        Ok(())
    }
}
