//! Folding the write-ahead log into the database while others write.
//!
//! SQLite folds it in inside of the commit that makes the log too long, and that commit then waits for two syncs of much
//! data. Folding little and often, on a connection of its own, leaves next to nothing to wait for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::SqlitePool;
use tokio_util::task::TaskTracker;
use tracing::warn;

/// How long to leave the log alone.
const EVERY: Duration = Duration::from_millis(200);

/// Folds the log in, at most once at a time. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Checkpointer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: SqlitePool,
    tasks: TaskTracker,
    under_way: AtomicBool,
    last: Mutex<Instant>,
}

impl Checkpointer {
    /// Over a connection of its own.
    pub(super) fn new(connection: SqlitePool) -> Self {
        let (tasks, last) = (TaskTracker::new(), Mutex::new(Instant::now()));
        Self(Arc::new(Inner { connection, tasks, under_way: AtomicBool::new(false), last }))
    }

    /// Something was written: folds it in if it is time, without making anybody wait.
    pub(super) fn nudge(&self) {
        let inner = &self.0;
        let is_time = inner.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= EVERY;
        if !is_time || inner.tasks.is_closed() || inner.under_way.swap(true, Ordering::AcqRel) {
            return;
        }
        let me = Arc::clone(inner);
        inner.tasks.spawn(async move {
            // Passive: it waits for nobody, and what it leaves the next one takes.
            if let Err(error) = sqlx::query("pragma wal_checkpoint(passive)").execute(&me.connection).await {
                warn!("The write-ahead log could not be folded in, it grows meanwhile: {error}");
            }
            *me.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            me.under_way.store(false, Ordering::Release);
        });
    }

    /// Waits for the last one and closes the connection.
    pub(super) async fn close(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.connection.close().await;
    }
}
