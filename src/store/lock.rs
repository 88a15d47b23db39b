//! Only one service for each data directory: what a lease calls a previous life is dead.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The data directory is ours for as long as this is kept. It ends with the process, however that ends.
#[derive(Debug)]
#[must_use = "the directory is free again as soon as this is dropped"]
pub struct DirectoryLock(#[expect(dead_code, reason = "it is held, not read")] File);

/// Why a data directory is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "another service already uses the data directory `{}`: stop it, or give this one a directory of its own",
        directory.display()
    )]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
    /// It can't be locked.
    #[error("could not lock the data directory `{}`", directory.display())]
    Io {
        /// The directory.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl DirectoryLock {
    /// Takes a data directory, making it if need be.
    ///
    /// # Errors
    /// [`LockError::InUse`] while another process has it. Nobody waits.
    pub fn take(directory: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { directory: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(failed)?;
        let file = directory.join("studio-brain.lock");
        let file = File::options().create(true).truncate(false).write(true).open(file).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::InUse { directory: directory.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_owner_at_a_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let inside = directory.path().join("data");
        let first = DirectoryLock::take(&inside).expect("is free");
        assert!(matches!(DirectoryLock::take(&inside), Err(LockError::InUse { .. })));
        drop(first);
        let _second = DirectoryLock::take(&inside).expect("is free again");
    }
}
