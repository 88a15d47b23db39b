//! What we remember. All SQL lives here, one file per table; one writer, many readers.
//!
//! # Guarantees
//! * Every change goes through a [`Tx`](crate::store::Tx), which holds the one connection that writes: a change and its audit entry are
//!   one transaction, and no two changes ever wait for each other's locks.
//! * A committed transaction is on disk (`synchronous = full`), unless it only holds what Firestore can tell again
//!   ([`Store::begin_rebuildable`](crate::store::Store::begin_rebuildable)); its waiters are told through [`Store::changed`](crate::store::Store::changed).
//! * What comes back is a domain type; a row that can't be one is [`Error::Damaged`](crate::store::Error::Damaged), never a default.

/// The box and the studio that this file belongs to.
mod open;

/// The append-only log and its Merkle tree.
pub mod audit;

/// What was asked for.
pub mod proposals;

/// The queue of proposals, page by page.
pub mod queue;

/// Table `changes`: what each proposal does to each document.
mod changes;

/// What people decided about proposals.
mod verdicts;

/// The ledger and the undo history.
pub mod writes;

/// Table `rebuilds`: making the ledger again from the receipts.
mod rebuilds;

/// How often things happened.
mod quotas;

/// Whether anything may be written at all.
mod kill_switch;

/// Which box writes, as this start has seen it.
mod lease;

/// Only one service for each data directory.
mod lock;

/// What may be done without its approval, for a while.
mod exemptions;

/// Texts that wait for a review.
mod intake;

/// Programs with a key of their own.
mod agents;

/// Their keys as people look through them.
mod agent_keys;

/// What owners let agents do in their name, as mirrored.
mod delegations;

/// What was denied to agents, for people to look into.
mod traces;

/// A decision and its audit entry.
mod decided;

/// Disagreements, and the looks that found them.
pub mod findings;

/// The mirror: documents as the last applied snapshot has them.
pub mod documents;

/// The mirror's documents as people look for them.
pub mod browse;

/// The mirror as of one moment, page by page.
mod reading;

/// The mirror's next generation while it is read.
pub mod staging;

/// Many rows with one statement.
pub mod bulk;

/// Which documents changed since somebody last looked.
pub mod feed;

/// How far the audit log and the mirror have come.
mod place;

/// What the studio's state knows of each document.
pub mod facts;

/// The studio's state as it was.
pub mod snapshots;

/// What was kept of the mirror when it was written.
pub mod digests;

/// Putting a document of the mirror right.
pub mod repairs;

/// What was to be proved, and what came of it.
pub mod verifications;

/// The parts in which a collection is read.
pub mod ranges;

/// Collections that nobody configured.
pub mod discovery;

/// The mirrored collections: where their streams continue.
pub mod targets;

/// Every version of a document that the mirror observed.
mod history;

/// What Firestore bills, by day.
mod reads;

/// Signed-in browsers.
mod sessions;

/// The studio's own word on who may sign in.
mod staff;

/// What a browser is told once.
mod flashes;

/// Attempts to sign in at a provider, and who is whom at several of them.
mod sign_in;

/// Forms that wait until their person has signed in again.
mod kept_forms;

/// Folding the write-ahead log into the database.
mod checkpoint;

/// Copies of the whole database.
pub mod backup;

/// How taking everything back would go.
pub mod rehearsals;

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use checkpoint::Checkpointer;
use sqlx::{SqlSafeStr as _, SqlitePool};
use tokio::sync::watch;

use crate::domain::ids::{Hash, StudioId};
use crate::domain::lease::Holder;

pub use agents::{AgentState, Suspension};
pub use bulk::Staged;
pub use decided::Decided;
pub use delegations::Delegations;
pub use discovery::FoundCollection;
pub use documents::{Held, Mirrored};
pub use exemptions::{ExemptionQuery, ExemptionUse};
pub use intake::{IntakeDecision, IntakeItem, IntakeQuery, IntakeReview};
pub use kill_switch::SwitchAct;
pub use lease::Looked;
pub use lock::{DirectoryLock, LockError};
pub use open::OpenError;
pub use place::Place;
pub use quotas::{QuotaAsk, QuotaFault, TopLimited};
pub use ranges::Range;
pub use reads::DaySum;
pub use sign_in::KnownIdentity;
pub use staff::StaffRow;
pub use staging::{Backfill, Generation, Pace};
pub use targets::{Target, TargetState};
pub use traces::{Denial, DenialQuery, DenialTrace};

/// The studio's database. Clone it freely: clones share the connections.
#[derive(Clone, Debug)]
pub struct Store {
    studio: StudioId,
    readers: SqlitePool,
    writer: Option<Writer>,
    changed: watch::Sender<u64>,
    deletions: repairs::Deletions,
    /// This start of this box; nobody for whoever only reads.
    me: Option<Arc<Holder>>,
    walked: audit::Remembered,
}

/// The one connection that writes.
#[derive(Clone, Debug)]
struct Writer {
    connection: SqlitePool,
    /// Does a commit on it wait for the disk now?
    synchronous: Arc<AtomicBool>,
    checkpointer: Checkpointer,
}

/// A transaction on the one connection that writes. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub struct Tx {
    inner: sqlx::Transaction<'static, sqlx::Sqlite>,
    changed: watch::Sender<u64>,
    checkpointer: Checkpointer,
    deletions: repairs::Deletions,
    appending: audit::Appending,
    counters: quotas::Counters,
}

/// Why the database could not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite failed.
    #[error("could not {doing}")]
    Sqlite {
        /// What we were doing, as it stands after "could not".
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds what we never write: the file was changed by something else, or is damaged.
    #[error("a row of `{table}` is damaged: {what}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The database was opened for reading only.
    #[error("the database is open for reading only")]
    ReadOnly,
}

impl Error {
    /// Is the file itself damaged, or no database at all?
    pub fn is_damage(&self) -> bool {
        const CORRUPT_OR_NO_DATABASE: [u32; 2] = [11, 26];
        match self {
            Self::Sqlite { source, .. } => source
                .as_database_error()
                .and_then(|error| error.code()?.parse::<u32>().ok())
                .is_some_and(|code| CORRUPT_OR_NO_DATABASE.contains(&(code & 0xff))),
            Self::Damaged { .. } => true,
            Self::ReadOnly => false,
        }
    }
}

/// What every function here returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Store {
    /// The studio whose data this is.
    pub fn studio(&self) -> &StudioId {
        &self.studio
    }

    /// Starts a change. Waits for the change that is under way, if there is one.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_synchronous(true).await
    }

    /// Starts a change of what Firestore can tell again: its commit does not wait for the disk.
    ///
    /// A loss of power may undo the last of such changes, never a part of one, and none that a change of [`Store::begin`]
    /// followed.
    pub async fn begin_rebuildable(&self) -> Result<Tx> {
        self.begin_synchronous(false).await
    }

    /// Starts a look at one moment. It waits for nobody, and can change nothing: the connection only reads.
    pub async fn begin_reading(&self) -> Result<Tx> {
        let writer = self.writer.as_ref().ok_or(Error::ReadOnly)?;
        Ok(Tx {
            inner: self.readers.begin().await.doing("start to look at one moment")?,
            changed: self.changed.clone(),
            checkpointer: writer.checkpointer.clone(),
            deletions: self.deletions.clone(),
            appending: audit::Appending::default(),
            counters: quotas::Counters::default(),
        })
    }

    async fn begin_synchronous(&self, wanted: bool) -> Result<Tx> {
        let writer = self.writer.as_ref().ok_or(Error::ReadOnly)?;
        let mut connection = writer.connection.acquire().await.doing("get the connection that writes")?;
        if writer.synchronous.swap(wanted, Ordering::AcqRel) != wanted {
            let pragma = if wanted { "pragma synchronous = full" } else { "pragma synchronous = normal" };
            let changed = sqlx::query(pragma).execute(&mut *connection).await;
            if changed.is_err() {
                writer.synchronous.store(!wanted, Ordering::Release);
            }
            changed.doing("say whether a commit waits for the disk")?;
        }
        let inner = sqlx::Transaction::begin(connection, Some("begin immediate".into_sql_str()))
            .await
            .doing("start a transaction")?;
        Ok(Tx {
            inner,
            changed: self.changed.clone(),
            checkpointer: writer.checkpointer.clone(),
            deletions: self.deletions.clone(),
            appending: audit::Appending::default(),
            counters: quotas::Counters::default(),
        })
    }

    /// Says, without saying what, that something has changed. Events wake; passes look.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Proves that the database can be written, by writing nothing in a real transaction.
    pub async fn probe(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query!("update box set id = id").execute(&mut *tx.inner).await.doing("probe the database for writing")?;
        tx.inner.rollback().await.doing("end the probe of the database")
    }

    /// How often something was changed since the database was opened. A change that was not counted yet is not answered yet.
    pub fn changes(&self) -> u64 {
        *self.changed.borrow()
    }

    /// Closes every connection; the last one folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.checkpointer.close().await;
            writer.connection.close().await;
        }
    }
}

impl Tx {
    /// Makes the change durable, then tells those who wait for one.
    pub async fn commit(mut self) -> Result<()> {
        self.digests_settle().await?;
        self.quotas_settle().await?;
        self.audit_settle().await?;
        self.inner.commit().await.doing("commit a transaction")?;
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        self.checkpointer.nudge();
        Ok(())
    }

    /// Gives the change up.
    pub async fn rollback(self) -> Result<()> {
        self.inner.rollback().await.doing("roll a transaction back")
    }
}

/// Says what we were doing when SQLite failed.
trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T>;
}

impl<T> Doing<T> for std::result::Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str) -> Result<T> {
        self.map_err(|source| Error::Sqlite { doing, source })
    }
}

/// Parses what a column holds, or says that its table is damaged.
trait Column<T> {
    fn column(self, table: &'static str) -> Result<T>;
}

impl<T, E: Display> Column<T> for std::result::Result<T, E> {
    fn column(self, table: &'static str) -> Result<T> {
        self.map_err(|error| Error::Damaged { table, what: error.to_string() })
    }
}

fn hash_column(bytes: &[u8], table: &'static str) -> Result<Hash> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| "a hash is not 32 bytes").column(table)?;
    Ok(Hash::from_bytes(bytes))
}
