//! The key's files in the data directory. Nobody but the service's user may read them; they are never in the database.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rand::TryRng as _;
use rand::rngs::{SysError, SysRng};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::audit::checkpoint::{BadKey, PublicKey, SealKey};
use crate::domain::ids::StudioId;

/// Why the key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file could not be read or written.
    #[error("could not {doing} the audit key's file `{}`", file.display())]
    File {
        /// What we were doing, as it stands after "could not".
        doing: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error("`{}` holds no key: put the right one back, or move it away to begin with a new one", file.display())]
    Bad {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: BadKey,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a key")]
    NoRandomness(#[source] SysError),
}

/// Where the key is kept.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    current: PathBuf,
    next: PathBuf,
    public: PathBuf,
}

impl KeyFiles {
    /// The files in a data directory.
    pub fn in_directory(data: &Path) -> Self {
        let file = |name| data.join(name);
        Self { current: file("audit.key"), next: file("audit.key.next"), public: file("audit.pub") }
    }

    /// The key that signs; `None` before it is made.
    pub(super) fn current(&self) -> Result<Option<SealKey>, KeyError> {
        read(&self.current)
    }

    /// The key that is to sign next; `None` when none is.
    pub(super) fn next(&self) -> Result<Option<SealKey>, KeyError> {
        read(&self.next)
    }

    /// Makes the key that signs.
    pub(super) fn create(&self, studio: &StudioId) -> Result<SealKey, KeyError> {
        make(&self.current, studio)
    }

    /// Makes the key that is to sign next.
    pub(super) fn create_next(&self, studio: &StudioId) -> Result<SealKey, KeyError> {
        make(&self.next, studio)
    }

    /// The next key signs from now on.
    pub(super) fn promote(&self) -> Result<(), KeyError> {
        fs::rename(&self.next, &self.current).map_err(|source| failed("replace", &self.current, source))?;
        sync_directory(&self.current)
    }

    /// Tells everyone on the box what the signatures are verified with.
    pub(super) fn publish(&self, key: &PublicKey) -> Result<(), KeyError> {
        let text = format!("{key}\n");
        if fs::read_to_string(&self.public).is_ok_and(|known| known == text) {
            return Ok(());
        }
        let file = self.public.with_extension("pub.new");
        let written = fs::write(&file, text).and_then(|()| fs::rename(&file, &self.public));
        written.map_err(|source| failed("write", &self.public, source))
    }
}

fn failed(doing: &'static str, file: &Path, source: io::Error) -> KeyError {
    KeyError::File { doing, file: file.to_owned(), source }
}

fn read(file: &Path) -> Result<Option<SealKey>, KeyError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => SecretString::from(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed("read", file, source)),
    };
    SealKey::parse(&text).map(Some).map_err(|source| KeyError::Bad { file: file.to_owned(), source })
}

/// The file is there with the whole key in it, or not at all.
fn make(file: &Path, studio: &StudioId) -> Result<SealKey, KeyError> {
    let mut seed = [0; 32];
    SysRng.try_fill_bytes(&mut seed).map_err(KeyError::NoRandomness)?;
    let key = SealKey::from_seed(studio, seed);
    let draft = file.with_extension("draft");
    let write = || {
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        out.write_all(key.text().expose_secret().as_bytes())?;
        out.write_all(b"\n")?;
        out.sync_all()?;
        fs::rename(&draft, file)
    };
    write().map_err(|source| failed("write", file, source))?;
    sync_directory(file)?;
    Ok(key)
}

fn sync_directory(file: &Path) -> Result<(), KeyError> {
    let directory = file.parent().unwrap_or(file);
    fs::File::open(directory).and_then(|open| open.sync_all()).map_err(|source| failed("keep", file, source))
}
