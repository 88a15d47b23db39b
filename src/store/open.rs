//! Opening the database: the right SQLite, the right file, the right studio, every migration applied.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::watch;
use uuid::Uuid;

use crate::domain::ids::{Hash, StudioId};
use crate::domain::lease::Holder;
use crate::domain::time::Timestamp;
use crate::store::audit::Remembered;
use crate::store::checkpoint::Checkpointer;
use crate::store::digests::take_note;
use crate::store::repairs::Deletions;
use crate::store::{Column as _, Doing as _, Error, Result, Store, Writer};

pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The first SQLite without the WAL-reset corruption bug (<https://sqlite.org/wal.html>).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How many connections read at the same time.
const READERS: u32 = 4;

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory could not be made.
    #[error("could not make the data directory `{}`", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no database yet.
    #[error("there is no database at `{}`: start the service once with this data directory", file.display())]
    Missing {
        /// Where it was looked for.
        file: PathBuf,
    },
    /// The file could not be made, or not be kept to its owner.
    #[error("could not keep the database at `{}` to its owner", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The linked SQLite is known to lose data.
    #[error("SQLite {version} is linked, but only 3.51.3 and later keep a write-ahead log safe")]
    OldSqlite {
        /// The linked version.
        version: String,
    },
    /// The file belongs to another studio.
    #[error("the database at `{}` belongs to the studio `{found}`, not to `{wanted}`: give every studio its own data directory", file.display())]
    OtherStudio {
        /// The file.
        file: PathBuf,
        /// Whose it is.
        found: StudioId,
        /// Whose it was meant to be.
        wanted: StudioId,
    },
    /// A migration failed, or the file was made by a newer version.
    #[error("could not bring the database at `{}` up to date", file.display())]
    Migrate {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// SQLite failed, or the file is damaged.
    #[error("could not open the database at `{}`", file.display())]
    Store {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: Error,
    },
}

impl OpenError {
    /// Is the file itself damaged, or no database at all?
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store { source, .. } => source.is_damage(),
            Self::Directory { .. }
            | Self::File { .. }
            | Self::Missing { .. }
            | Self::OldSqlite { .. }
            | Self::OtherStudio { .. }
            | Self::Migrate { .. } => false,
        }
    }
}

impl Store {
    /// The database's file in a data directory.
    pub fn file_in(directory: &Path) -> PathBuf {
        directory.join("studio.db")
    }

    /// Opens the studio's database in `directory`, making it if need be, with every migration applied.
    ///
    /// # Errors
    /// [`OpenError`] says what to do. Nothing is changed in a file that belongs to another studio.
    pub async fn open(directory: &Path, studio: &StudioId, now: Timestamp) -> std::result::Result<Self, OpenError> {
        std::fs::create_dir_all(directory)
            .map_err(|source| OpenError::Directory { directory: directory.to_owned(), source })?;
        let file = Self::file_in(directory);
        let failed = |source| OpenError::Store { file: file.clone(), source };
        make_private(&file).map_err(|source| OpenError::File { file: file.clone(), source })?;
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .after_connect(|connection, _| Box::pin(take_note(connection)))
            .connect_with(options(&file).create_if_missing(true))
            .await
            .doing("open a connection for writing")
            .map_err(failed)?;
        check_version(&writer, &file).await?;
        MIGRATIONS.run(&writer).await.map_err(|source| OpenError::Migrate { file: file.clone(), source })?;
        let armed = async { take_note(&mut *writer.acquire().await?).await }.await;
        armed.doing("keep digests of the mirror").map_err(failed)?;
        claim(&writer, studio, now).await.map_err(failed)?;
        let readers = readers(&file).await.map_err(failed)?;
        let folding = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options(&file).pragma("cache_size", "-256"))
            .await
            .doing("open a connection for the write-ahead log")
            .map_err(failed)?;
        let writer = Writer {
            connection: writer,
            synchronous: Arc::new(AtomicBool::new(true)),
            checkpointer: Checkpointer::new(folding),
        };
        let store = Self::checked(file.clone(), readers, Some(writer), Some(studio)).await?;
        store.audit_plant(now).await.map_err(failed)?;
        let edge = store.box_id().await.map_err(failed)?;
        Ok(Self { me: Some(Arc::new(me(edge, directory, now))), ..store })
    }

    /// Opens the database in `directory` for reading only, whatever studio it belongs to.
    pub async fn open_read_only(directory: &Path) -> std::result::Result<Self, OpenError> {
        Self::open_file(&Self::file_in(directory)).await
    }

    /// Opens a database file, such as a copy, for reading only, whatever studio it belongs to.
    pub async fn open_file(file: &Path) -> std::result::Result<Self, OpenError> {
        let file = file.to_owned();
        if !file.exists() {
            return Err(OpenError::Missing { file });
        }
        let readers = readers(&file).await.map_err(|source| OpenError::Store { file: file.clone(), source })?;
        Self::checked(file, readers, None, None).await
    }

    async fn checked(
        file: PathBuf,
        readers: SqlitePool,
        writer: Option<Writer>,
        wanted: Option<&StudioId>,
    ) -> std::result::Result<Self, OpenError> {
        let found = owner(&readers).await.map_err(|source| OpenError::Store { file: file.clone(), source })?;
        if let Some(wanted) = wanted.filter(|wanted| **wanted != found) {
            return Err(OpenError::OtherStudio { file, found, wanted: wanted.clone() });
        }
        let (changed, deletions, walked) = (watch::Sender::new(0), Deletions::default(), Remembered::default());
        Ok(Self { studio: found, readers, writer, changed, deletions, me: None, walked })
    }

    /// This start of this box, as a lease names it.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]: whoever only reads is none.
    pub fn me(&self) -> Result<&Holder> {
        self.me.as_deref().ok_or(Error::ReadOnly)
    }

    /// The id of this data directory, made when it was.
    pub async fn box_id(&self) -> Result<Uuid> {
        let row = sqlx::query!("select id from box").fetch_one(&self.readers).await.doing("read the box's id")?;
        Uuid::try_parse(&row.id).column("box")
    }
}

fn me(edge: Uuid, directory: &Path, now: Timestamp) -> Holder {
    Holder {
        edge: edge.to_string(),
        start: Uuid::now_v7().to_string(),
        machine: machine().map_or_else(String::new, |name| Hash::of(format!("studio-brain {name}")).to_string()),
        directory: directory.canonicalize().unwrap_or_else(|_| directory.to_owned()).display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: Some(now),
    }
}

/// What is the same for every start on this machine, and told to nobody as it is: its id, or else its host's name.
fn machine() -> Option<String> {
    let read = |file| std::fs::read_to_string(file).ok().map(|text: String| text.trim().to_owned());
    let known = |name: &String| !name.is_empty() && name != "uninitialized";
    let first = ["/etc/machine-id", "/proc/sys/kernel/hostname"].into_iter();
    first.filter_map(read).find(known)
}

/// Makes the file if there is none, and nobody's but its owner's: it holds members' documents. SQLite gives its
/// write-ahead log the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    let open = OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    let found = open.metadata()?.permissions().mode() & 0o777;
    if found & 0o077 != 0 {
        open.set_permissions(Permissions::from_mode(found & 0o700))?;
        for beside in ["-wal", "-shm"] {
            let mut name = file.as_os_str().to_owned();
            name.push(beside);
            match std::fs::set_permissions(name, Permissions::from_mode(0o600)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
    }
    Ok(())
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "-24576")
        .pragma("wal_autocheckpoint", "8000") // 32 MiB: a backfill writes much at once.
}

async fn readers(file: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).pragma("cache_size", "-8192");
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // Each is tested when it is given back; an idle connection to a file does not break.
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .doing("open a connection for reading")
}

async fn check_version(pool: &SqlitePool, file: &Path) -> std::result::Result<(), OpenError> {
    let version: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(pool)
        .await
        .doing("ask SQLite for its version")
        .map_err(|source| OpenError::Store { file: file.to_owned(), source })?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { version });
    }
    Ok(())
}

async fn claim(writer: &SqlitePool, studio: &StudioId, now: Timestamp) -> Result<()> {
    let (id, studio, now) = (Uuid::now_v7().to_string(), studio.as_str(), now.micros());
    sqlx::query!("insert or ignore into box (one, id, studio, created_us) values (1, ?, ?, ?)", id, studio, now)
        .execute(writer)
        .await
        .doing("name the database's studio")?;
    Ok(())
}

async fn owner(readers: &SqlitePool) -> Result<StudioId> {
    let row = sqlx::query!("select studio from box").fetch_one(readers).await.doing("read the database's studio")?;
    StudioId::parse(row.studio).column("box")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_opens_again_only_for_its_own_studio() {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = |text| StudioId::parse(text).expect("a studio");
        let now = Timestamp::from_micros(1);
        let store = Store::open(directory.path(), &studio("west"), now).await.expect("opens");
        let first = store.box_id().await.expect("has an id");
        store.probe().await.expect("can be written");
        store.close().await;
        let again = Store::open(directory.path(), &studio("west"), now).await.expect("opens again");
        assert_eq!(again.box_id().await.expect("has an id"), first);
        again.close().await;
        let other = Store::open(directory.path(), &studio("east"), now).await;
        assert!(matches!(other, Err(OpenError::OtherStudio { .. })), "{other:?}");
    }

    #[tokio::test]
    async fn a_read_only_database_refuses_changes_and_needs_a_file() {
        let directory = tempfile::tempdir().expect("a directory");
        assert!(matches!(Store::open_read_only(directory.path()).await, Err(OpenError::Missing { .. })));
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
        let reader = Store::open_read_only(directory.path()).await.expect("opens for reading");
        assert!(matches!(reader.begin().await, Err(Error::ReadOnly)));
        assert_eq!(reader.studio(), store.studio());
    }
}
