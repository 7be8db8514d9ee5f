//! What can go wrong between a unit of work and the disk.

/// A failure of the store. The variants tell a caller what to do: repeat, give up, or call an administrator.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row that had to change was not there, or not in the version that the work had read.
    #[error("{what} was changed by somebody else meanwhile; read it again and repeat")]
    Conflict {
        /// What the work tried to change.
        what: &'static str,
    },
    /// A unique key is taken.
    #[error("a row with the same key exists already")]
    Duplicate(#[source] BoxedError),
    /// The same idempotency key came with another request.
    #[error("the idempotency key was used before for a different request; send a new key")]
    KeyReused,
    /// The engine cannot serve now: no connection, disk full, shutting down. Nothing was stored.
    #[error("the database cannot be used at the moment; nothing was stored, repeat later with the same key")]
    Unavailable(#[source] BoxedError),
    /// The connection broke during COMMIT: the work may have been stored or not.
    #[error("it is not known whether the work was stored; repeat it with the same idempotency key")]
    Unknown(#[source] BoxedError),
    /// Concurrent transactions could not be ordered; [`crate::Db::write`] repeats those by itself.
    #[error("the transaction could not be ordered among others")]
    Unordered(#[source] BoxedError),
    /// A column holds what the program never writes there.
    #[error("column {column} of the statement cannot be read")]
    Malformed {
        /// Position of the column, from 0.
        column: usize,
        /// What was expected and found.
        #[source]
        source: crate::Malformed,
    },
    /// The unit of work awaited something other than its transaction (D2).
    #[error("a unit of work awaited something other than SQL")]
    Awaited,
    /// The unit of work took a failed statement for a success: PostgreSQL had given the transaction up by then, so
    /// that nothing of it would have been stored. The error of a statement is the error of its work.
    #[error("a unit of work went on after a statement of it had failed")]
    WentOn,
    /// An event or an answer could not be written as JSON.
    #[error("a value could not be written as JSON")]
    Encoding(#[source] serde_json::Error),
    /// An event is too large to be published.
    #[error("an event of type {ty} has {bytes} bytes, more than the broker takes; cut it into parts")]
    EventTooLarge {
        /// The event's type.
        ty: &'static str,
        /// The size of its data.
        bytes: usize,
    },
    /// The URL names no engine that the suite knows.
    #[error("the database URL must start with sqlite: or postgres:, not {scheme}:")]
    UnknownEngine {
        /// What stands before the colon.
        scheme: String,
    },
    /// A migration that was applied has another text now.
    #[error("migration {name} was changed after it had been applied; add a new one instead")]
    MigrationChanged {
        /// The migration's name.
        name: String,
    },
    /// The journal's chain does not hold.
    #[error("the journal's chain is broken at position {position}: {what}")]
    ChainBroken {
        /// Position in the chain, from 1.
        position: u64,
        /// What differs.
        what: &'static str,
    },
    /// A sealed column cannot be opened.
    #[error("a sealed value cannot be opened: {what}")]
    Unsealable {
        /// Which check failed.
        what: &'static str,
    },
    /// A fault that a test asked for.
    #[error("a fault was injected at step {0}")]
    Injected(crate::Step),
    /// Anything else that the engine said: a defect in a statement.
    #[error("the database refused a statement")]
    Sql(#[source] BoxedError),
}

/// A driver's error, kept as the source.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

impl StoreError {
    /// True where the same work may succeed later without any change.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_)
                | Self::Unknown(_)
                | Self::Unordered(_)
                | Self::Conflict { .. }
                | Self::Injected(_)
        )
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let Some(code) = error.sqlite_error() else {
            return Self::Sql(error.into());
        };
        match code.code {
            Code::ConstraintViolation
                if matches!(
                    code.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                ) =>
            {
                Self::Duplicate(error.into())
            }
            Code::DatabaseBusy
            | Code::DatabaseLocked
            | Code::DiskFull
            | Code::SystemIoFailure
            | Code::CannotOpen
            | Code::OutOfMemory
            | Code::ReadOnly => Self::Unavailable(error.into()),
            _ => Self::Sql(error.into()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(db) = &error else {
            return match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
                other => Self::Sql(other.into()),
            };
        };
        let code = db.code().unwrap_or_default().into_owned();
        match code.as_str() {
            "23505" => Self::Duplicate(error.into()),
            "40001" | "40P01" => Self::Unordered(error.into()),
            // Class 08 connection, 53 resources (disk full, too many connections), 57P shutdown, 58 system.
            c if ["08", "53", "57", "58"].iter().any(|class| c.starts_with(class)) => {
                Self::Unavailable(error.into())
            }
            _ => Self::Sql(error.into()),
        }
    }
}
