//! One suite a data folder.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A data folder that this process holds alone, until it is dropped or the process ends, however it ends.
///
/// The lock is an advisory one of the operating system on `<folder>/minzheng.lock`, whose content, the owner's
/// process id, only serves the message to the second suite.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates the folder (0700) if need be and locks it.
    pub fn lock(path: &Path) -> Result<DataFolder, LockError> {
        let failed = |source| LockError::Folder {
            folder: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let name = path.join("minzheng.lock");
        // Not truncated on opening: until we hold the lock the content is the other owner's.
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let mut lock = options.open(&name).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::in_use(path, &name)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        lock.set_len(0)
            .and_then(|()| writeln!(lock, "{}", std::process::id()))
            .map_err(failed)?;
        Ok(DataFolder { path, _lock: lock })
    }

    /// The folder, absolute and without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Why a data folder could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{} is in use by {}: stop that suite, or name another data folder",
        folder.display(), owner.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}")))]
    AlreadyInUse {
        /// The data folder.
        folder: PathBuf,
        /// The owner's process id; `None` in the moment between its locking and its writing it down.
        owner: Option<u32>,
    },
    /// It cannot be created, opened or locked at all.
    #[error("{} cannot be used as data folder: name a folder that can be written to", folder.display())]
    Folder {
        /// The data folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LockError {
    fn in_use(folder: PathBuf, lock: &Path) -> Self {
        let owner = fs::read_to_string(lock)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        LockError::AlreadyInUse { folder, owner }
    }
}
