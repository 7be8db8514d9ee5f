//! What moves money in the books, whichever fact or command asks for it: each works on many rows at once.

mod absorb;
mod keep;
mod leave;
mod net;
mod raise;
mod reduce;

pub(crate) use absorb::{absorb, code};
pub(crate) use keep::keep;
pub(crate) use leave::{empty, payable, recheck, reopen};
pub(crate) use net::net_lines;
pub(crate) use reduce::{Entry, reduce};

use mz_bus::ReactionError;
use mz_http::Problem;
use mz_kernel::FenError;
use mz_runtime::Failure;
use mz_store::StoreError;

/// Why the books cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An amount beyond what can be counted.
    #[error("an amount of the books cannot be counted")]
    Fen(#[from] FenError),
}

impl From<MoveError> for Failure {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Store(error) => error.into(),
            MoveError::Fen(error) => Problem::internal(error).into(),
        }
    }
}

impl From<MoveError> for ReactionError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Store(error) => error.into(),
            error @ MoveError::Fen(_) => Self::Refused(mz_kernel::chain(&error)),
        }
    }
}
