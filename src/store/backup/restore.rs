//! Bringing a copy back: beside the data directory's own database, checked, marked, and only then in its place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::{Hash, StudioId};
use crate::domain::time::Timestamp;
use crate::store::audit::{AuditQuery, ChainState};
use crate::store::backup::{BackupError, Checked, Soundness, checks_of, failed, hash_of, sync_directory};
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

/// What becomes of a database that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Nothing is brought back.
    Never,
    /// It is moved aside.
    MoveAside,
}

/// That a database came back from a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// When.
    pub at: Timestamp,
    /// The SHA-256 of the copy.
    pub copy_hash: Hash,
    /// The last entry of the audit log in the copy.
    pub copy_entries: u64,
    /// When that entry was made: everything stands as it was then.
    pub copy_as_of: Option<Timestamp>,
    /// When the service first started with it.
    pub started: Option<Timestamp>,
}

/// Brings the copy in `file` back as the database of `directory`; what is known of it, and where the old one is now.
///
/// No service may run with the directory: the caller sees to it.
///
/// # Errors
/// [`BackupError`] says why not. Unless it is about the very last step, the directory is as it was.
pub async fn restore(
    file: &Path,
    directory: &Path,
    wanted: Option<&StudioId>,
    replace: Replace,
    now: Timestamp,
) -> std::result::Result<(Restoration, Option<PathBuf>), BackupError> {
    let place = Store::file_in(directory);
    let is_taken = place.try_exists().unwrap_or(true);
    if is_taken && replace == Replace::Never {
        return Err(BackupError::InPlace { file: place });
    }
    if beside(file, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        return Err(BackupError::NotACopy { file: file.to_owned() });
    }
    refuse_unless_sound(file, &checks_of(file).await?, |soundness| soundness != Soundness::Wrong)?;
    fs::create_dir_all(directory).map_err(failed("make the directory", directory))?;
    let workshop = tempfile::Builder::new()
        .prefix(".restoring-")
        .tempdir_in(directory)
        .map_err(failed("make a directory in", directory))?;
    let copy = Store::file_in(workshop.path());
    let (from, to) = (file.to_owned(), copy.clone());
    let copied = tokio::task::spawn_blocking(move || fs::copy(from, to));
    copied.await.map_err(io::Error::other).flatten().map_err(failed("copy", file))?;
    let (copy_hash, _) = hash_of(&copy).await?;
    if hash_of(file).await?.0 != copy_hash {
        return Err(BackupError::Unsound { file: file.to_owned(), why: "it changes while it is read".to_owned() });
    }
    let restoration = mark(file, workshop.path(), wanted, copy_hash, now).await?;
    if beside(&copy, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        return Err(BackupError::Unsound { file: copy, why: "its write-ahead log could not be folded in".to_owned() });
    }
    fs::File::open(&copy).and_then(|opened| opened.sync_all()).map_err(failed("bring to disk", &copy))?;
    let aside = if is_taken { Some(move_aside(&place, now).await?) } else { None };
    // A link, unlike a rename, never takes the place of what a service has made there meanwhile.
    fs::hard_link(&copy, &place).map_err(failed("put the restored database in its place at", &place))?;
    sync_directory(directory)?;
    Ok((restoration, aside))
}

/// Brings the copy up to date, checks it again, and writes down in it that it came back.
async fn mark(
    file: &Path,
    workshop: &Path,
    wanted: Option<&StudioId>,
    copy_hash: Hash,
    now: Timestamp,
) -> std::result::Result<Restoration, BackupError> {
    let open = |source| BackupError::Open { file: file.to_owned(), source };
    let reader = Store::open_read_only(workshop).await.map_err(open)?;
    let studio = reader.studio().clone();
    reader.close().await;
    if let Some(wanted) = wanted.filter(|wanted| **wanted != studio) {
        return Err(BackupError::OtherStudio { file: file.to_owned(), found: studio, wanted: wanted.clone() });
    }
    let store = Store::open(workshop, &studio, now).await.map_err(open)?;
    refuse_unless_sound(file, &store.check().await, |soundness| soundness == Soundness::Sound)?;
    let ChainState::Holds { entries, .. } = store.audit_chain().await? else {
        return Err(BackupError::Unsound { file: file.to_owned(), why: "its audit log does not hold".to_owned() });
    };
    let last = store.audit_entries(&AuditQuery::default(), 1).await?.pop();
    let restoration = Restoration {
        at: now,
        copy_hash,
        copy_entries: entries,
        copy_as_of: last.map(|entry| entry.event.at),
        started: None,
    };
    let mut tx = store.begin().await?;
    tx.restoration_add(&restoration).await?;
    // Whoever can open the database is its operator.
    let me = Actor::system(&studio, "command").person();
    let event = Event::new(now, me, Action::DatabaseRestored, Target::Service).input(copy_hash);
    tx.audit(&studio, event.detail("copy_entries", entries.to_string())).await?;
    tx.commit().await?;
    store.close().await;
    Ok(restoration)
}

fn refuse_unless_sound(
    file: &Path,
    checks: &[Checked],
    passes: impl Fn(Soundness) -> bool,
) -> std::result::Result<(), BackupError> {
    match checks.iter().find(|checked| !passes(checked.soundness)) {
        Some(Checked { what, says, .. }) => {
            Err(BackupError::Unsound { file: file.to_owned(), why: format!("{what}: {says}") })
        }
        None => Ok(()),
    }
}

/// Gives the database that is there another name, with all that belongs to it.
async fn move_aside(place: &Path, now: Timestamp) -> std::result::Result<PathBuf, BackupError> {
    fold_in(place).await;
    let aside = beside(place, &format!(".replaced-{}", now.to_string().replace([':', '.'], "-")));
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (beside(place, suffix), beside(&aside, suffix));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => {}
            moved => moved.map_err(failed("move aside", &from))?,
        }
    }
    Ok(aside)
}

/// Folds the write-ahead log in, so that one file holds everything. What is damaged is moved as it is.
async fn fold_in(place: &Path) {
    let Ok(mut connection) = SqliteConnectOptions::new().filename(place).connect().await else { return };
    let _ = sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut connection).await;
    let _ = sqlx::Connection::close(connection).await;
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

impl Tx {
    async fn restoration_add(&mut self, restoration: &Restoration) -> Result<()> {
        let (at, hash) = (restoration.at.micros(), restoration.copy_hash.bytes().as_slice());
        let entries = i64::try_from(restoration.copy_entries).column("restorations")?;
        let as_of = restoration.copy_as_of.map(Timestamp::micros);
        sqlx::query!(
            "insert into restorations (at_us, copy_hash, copy_entries, copy_us) values (?, ?, ?, ?)",
            at,
            hash,
            entries,
            as_of,
        )
        .execute(&mut *self.inner)
        .await
        .doing("write down that the database came back from a copy")?;
        Ok(())
    }

    /// Writes down that the service has started with what came back from a copy.
    pub async fn restoration_started(&mut self, now: Timestamp) -> Result<()> {
        let now = now.micros();
        sqlx::query!("update restorations set started_us = ? where started_us is null", now)
            .execute(&mut *self.inner)
            .await
            .doing("write down that the service started with a restored database")?;
        Ok(())
    }
}

impl Store {
    /// The last time that the database came back from a copy, if it ever did.
    pub async fn restoration(&self) -> Result<Option<Restoration>> {
        let row = sqlx::query!(
            "select at_us, copy_hash, copy_entries, copy_us, started_us from restorations order by id desc limit 1"
        )
        .fetch_optional(&self.readers)
        .await
        .doing("ask whether the database came back from a copy")?;
        row.map(|row| {
            Ok(Restoration {
                at: Timestamp::from_micros(row.at_us),
                copy_hash: hash_column(&row.copy_hash, "restorations")?,
                copy_entries: row.copy_entries.unsigned_abs(),
                copy_as_of: row.copy_us.map(Timestamp::from_micros),
                started: row.started_us.map(Timestamp::from_micros),
            })
        })
        .transpose()
    }
}
