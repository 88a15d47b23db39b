//! Copies of the whole database: taken while the service runs, checked before they count, and brought back.
//!
//! # Guarantees
//! * A copy is one moment of the database, whatever is written meanwhile, and one file that needs no other beside it.
//! * Nothing has a copy's name before it is whole, checked and on disk, and nothing is ever overwritten.
//! * What comes back was checked again, and knows that it came back.

/// Is a database whole?
mod check;

/// What a database holds, to compare two by content.
mod contents;

/// Bringing a copy back.
mod restore;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::domain::ids::{Hash, StudioId};
use crate::store::{self, Doing as _, OpenError, Result, Store};

pub use check::{Checked, Soundness};
pub use restore::{Replace, Restoration, restore};

/// Why a copy could not be taken or brought back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something at its place.
    #[error("there is a file at `{}` already, and nothing is ever overwritten: choose another name", file.display())]
    Taken {
        /// The place.
        file: PathBuf,
    },
    /// There is a database where the copy shall be brought back.
    #[error("there is a database at `{}` already: say --replace to move it aside", file.display())]
    InPlace {
        /// The database.
        file: PathBuf,
    },
    /// A file could not be read or written.
    #[error("could not {doing} `{}`", file.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is the file of a database that is in use, or was left behind by a crash.
    #[error("`{}` has a write-ahead log beside it, so it is no copy: take one with `studio-brain db backup`", file.display())]
    NotACopy {
        /// The file.
        file: PathBuf,
    },
    /// A check found it wrong.
    #[error("`{}` is not sound: {why}", file.display())]
    Unsound {
        /// The file.
        file: PathBuf,
        /// What was found.
        why: String,
    },
    /// It belongs to another studio.
    #[error("`{}` belongs to the studio `{found}`, not to `{wanted}`", file.display())]
    OtherStudio {
        /// The file.
        file: PathBuf,
        /// Whose it is.
        found: StudioId,
        /// Whose it was meant to be.
        wanted: StudioId,
    },
    /// The database could not be opened.
    #[error("could not use `{}` as a database", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// The database could not answer.
    #[error("could not copy the database")]
    Store(#[from] store::Error),
}

impl BackupError {
    /// Is it a proper no, and neither a slip nor trouble: what was asked for must not be done?
    pub const fn is_no(&self) -> bool {
        match self {
            Self::Taken { .. }
            | Self::InPlace { .. }
            | Self::NotACopy { .. }
            | Self::Unsound { .. }
            | Self::OtherStudio { .. } => true,
            Self::File { .. } | Self::Open { .. } | Self::Store(_) => false,
        }
    }
}

/// A copy that is being taken: it has another name, and is removed if it comes to nothing.
#[derive(Debug)]
pub struct Backup {
    file: PathBuf,
    unfinished: NamedTempFile,
}

/// A copy that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// How large it is.
    pub bytes: u64,
    /// Its SHA-256.
    pub hash: Hash,
}

impl Backup {
    /// Makes room for a copy at `file`.
    ///
    /// # Errors
    /// If there is something already, or its directory can't be written.
    pub fn at(file: &Path) -> std::result::Result<Self, BackupError> {
        if file.try_exists().unwrap_or(true) {
            return Err(BackupError::Taken { file: file.to_owned() });
        }
        // Readable by its owner alone: it holds everything.
        let unfinished = tempfile::Builder::new()
            .prefix(".backup-")
            .tempfile_in(directory_of(file))
            .map_err(failed("make a file beside", file))?;
        Ok(Self { file: file.to_owned(), unfinished })
    }

    /// Copies the database as it is at one moment. Others go on reading and writing meanwhile.
    ///
    /// # Errors
    /// If the disk is full, or the database can't be read.
    pub async fn copy(&self, store: &Store) -> std::result::Result<(), BackupError> {
        store.copy_into(self.unfinished.path()).await?;
        self.unfinished.as_file().sync_all().map_err(failed("bring to disk", self.unfinished.path()))
    }

    /// How many bytes are copied.
    pub fn written(&self) -> u64 {
        self.unfinished.path().metadata().map_or(0, |file| file.len())
    }

    /// What is wrong with the copy, and what is not.
    ///
    /// # Errors
    /// If it can't be opened.
    pub async fn check(&self) -> std::result::Result<Vec<Checked>, BackupError> {
        checks_of(self.unfinished.path()).await
    }

    /// Gives the copy its name, from which on it counts.
    ///
    /// # Errors
    /// If something else has taken its place meanwhile.
    pub async fn keep(self) -> std::result::Result<Copied, BackupError> {
        let Self { file, unfinished } = self;
        let (hash, bytes) = hash_of(unfinished.path()).await?;
        unfinished.persist_noclobber(&file).map_err(|error| {
            if error.error.kind() == io::ErrorKind::AlreadyExists {
                BackupError::Taken { file: file.clone() }
            } else {
                failed("give its name to", &file)(error.error)
            }
        })?;
        sync_directory(directory_of(&file))?;
        Ok(Copied { bytes, hash })
    }
}

impl Store {
    /// How large the database is, without its write-ahead log: about what a copy comes to.
    pub async fn size(&self) -> Result<u64> {
        let sql = "select page_count * page_size from pragma_page_count, pragma_page_size";
        let size: i64 =
            sqlx::query_scalar(sql).fetch_one(&self.readers).await.doing("ask how large the database is")?;
        Ok(size.unsigned_abs())
    }

    /// Copies everything, as of one moment, into an empty file.
    async fn copy_into(&self, file: &Path) -> Result<()> {
        let file = file.to_string_lossy().into_owned();
        sqlx::query("vacuum into ?").bind(file).execute(&self.readers).await.doing("copy the database")?;
        Ok(())
    }
}

async fn checks_of(file: &Path) -> std::result::Result<Vec<Checked>, BackupError> {
    let store = match Store::open_file(file).await {
        Ok(store) => store,
        Err(source) if source.is_damage() => {
            return Err(BackupError::Unsound {
                file: file.to_owned(),
                why: "it is no database of ours, or damaged".to_owned(),
            });
        }
        Err(source) => return Err(BackupError::Open { file: file.to_owned(), source }),
    };
    let checks = store.check().await;
    store.close().await;
    Ok(checks)
}

/// The SHA-256 of a file, and its length.
async fn hash_of(file: &Path) -> std::result::Result<(Hash, u64), BackupError> {
    let path = file.to_owned();
    let hashed = tokio::task::spawn_blocking(move || {
        let (mut file, mut hasher, mut length) = (File::open(path)?, Sha256::new(), 0);
        let mut chunk = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                return Ok((Hash::from_bytes(hasher.finalize().into()), length));
            }
            hasher.update(&chunk[..read]);
            length += read as u64;
        }
    });
    hashed.await.map_err(io::Error::other).flatten().map_err(failed("read", file))
}

/// A name is only on disk once its directory is.
fn sync_directory(directory: &Path) -> std::result::Result<(), BackupError> {
    File::open(directory).and_then(|opened| opened.sync_all()).map_err(failed("bring to disk", directory))
}

fn directory_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let file = file.to_owned();
    move |source| BackupError::File { doing, file, source }
}
