//! Tables `audit` and `audit_tree`: the append-only log, and the Merkle tree over it.

/// Hashes of the tree, and proofs out of them.
mod proofs;

/// Signed heads of the tree, and where they are anchored.
mod checkpoints;

/// Finding entries.
mod search;

/// Is the log what was recorded?
mod verify;

/// The log of before the tree becomes its first leaves.
mod planting;

/// The log as a bundle that proves itself.
mod export;

use crate::domain::actor::Person;
use crate::domain::audit::tree::{Frontier, peaks_of};
use crate::domain::audit::walk::THROUGH;
use crate::domain::audit::{Action, Entry, Event, Target, canonical};
use crate::domain::ids::{Hash, StudioId};
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

pub use checkpoints::{AnchorStanding, Sealed, Standing};
pub use export::ExportError;
pub use proofs::Proof;
pub use search::AuditQuery;
pub(super) use verify::Remembered;
pub use verify::{ChainState, VerifyError};

const TABLE: &str = "audit";
const TREE: &str = "audit_tree";

/// What a transaction has appended: it is written many rows at a time, the last of them before the commit.
#[derive(Debug, Default)]
pub(in crate::store) struct Appending {
    /// The right edge of the tree, once this transaction has appended to it.
    frontier: Option<Frontier>,
    waiting: Vec<Leaf>,
}

/// A text with the hashes that it adds to the tree.
#[derive(Debug)]
pub(in crate::store) struct Leaf {
    pub(in crate::store) sequence: i64,
    pub(in crate::store) text: String,
    pub(in crate::store) hashes: Vec<u8>,
}

/// How many entries wait at most until they are written.
const WAITING: usize = 128;

/// A text with the leaf's hash that the tree has for it.
struct Row {
    entry: String,
    hashes: Vec<u8>,
}

impl Row {
    fn entry(self) -> Result<Entry> {
        let leaf = hash_column(self.hashes.get(..32).unwrap_or_default(), TREE)?;
        Entry::parse(&self.entry, leaf).column(TABLE)
    }
}

impl Tx {
    /// Appends an entry: in the same transaction as what it tells of, or not at all.
    ///
    /// The tree grows in the same transaction, by the leaf and what it completes.
    pub async fn audit(&mut self, studio: &StudioId, event: Event) -> Result<Entry> {
        let mut frontier = match self.appending.frontier.take() {
            Some(frontier) => frontier,
            None => self.audit_frontier().await?,
        };
        let sequence = frontier.size() + 1;
        let hash = self.audit_put(&mut frontier, canonical(sequence, studio, &event)).await?;
        self.appending.frontier = Some(frontier);
        Ok(Entry { sequence, studio: studio.clone(), event, hash, is_intact: true })
    }

    /// Drops the payloads of all entries through this one; says how many. Their leaves stay in the tree.
    ///
    /// An entry says so first, without which the database refuses it. What the log says about itself is kept.
    pub async fn audit_prune(&mut self, studio: &StudioId, event: Event, through: u64) -> Result<u64> {
        let entry = self.audit(studio, event.detail(THROUGH, through.to_string())).await?;
        self.audit_settle().await?;
        let through = i64::try_from(through.min(entry.sequence - 1)).column(TABLE)?;
        let dropped = sqlx::query!(
            "update audit set entry = null where sequence <= ? and entry is not null and action not like 'audit.%'",
            through
        )
        .execute(&mut *self.inner)
        .await
        .doing("drop payloads of the audit log")?;
        Ok(dropped.rows_affected())
    }

    /// Appends this text as the next leaf; its hash.
    async fn audit_put(&mut self, frontier: &mut Frontier, text: String) -> Result<Hash> {
        let sequence = i64::try_from(frontier.size() + 1).column(TABLE)?;
        let mut hashes = Vec::with_capacity(64);
        frontier.push(crate::domain::audit::tree::leaf_hash(text.as_bytes()), |hash| hashes.extend(hash.bytes()));
        let leaf = hash_column(&hashes[..32], TREE)?;
        self.appending.waiting.push(Leaf { sequence, text, hashes });
        if self.appending.waiting.len() >= WAITING {
            self.audit_settle().await?;
        }
        Ok(leaf)
    }

    /// Writes what was appended and still waits for it.
    pub(super) async fn audit_settle(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.appending.waiting);
        self.bulk_audit(&waiting).await
    }

    /// The right edge of the tree: one look at its last entry, and one at its peaks.
    async fn audit_frontier(&mut self) -> Result<Frontier> {
        let size = sqlx::query_scalar!(r#"select coalesce(max(sequence), 0) as "size!: i64" from audit_tree"#)
            .fetch_one(&mut *self.inner)
            .await
            .doing("read the end of the audit log")?;
        let size = u64::try_from(size).column(TREE)?;
        let places = peaks_of(size);
        let found = proofs::stored_at(&mut self.inner, &places).await?;
        Frontier::from_peaks(size, found).ok_or("a hash of its right edge is missing").column(TREE)
    }
}

impl Store {
    /// One entry; `None` also when its payload was dropped.
    pub async fn audit_entry(&self, sequence: u64) -> Result<Option<Entry>> {
        let Ok(sequence) = i64::try_from(sequence) else { return Ok(None) };
        let row = sqlx::query_as!(
            Row,
            r#"select entry as "entry!: String", hashes from audit join audit_tree using (sequence)
             where sequence = ? and entry is not null"#,
            sequence
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read an entry of the audit log")?;
        row.map(Row::entry).transpose()
    }

    /// Entries about one target, oldest first.
    pub async fn audit_about(&self, target: &Target) -> Result<Vec<Entry>> {
        let target = target.to_string();
        let rows = sqlx::query_as!(
            Row,
            r#"select entry as "entry!: String", hashes from audit join audit_tree using (sequence)
             where target = ? order by sequence desc limit 200"#,
            target
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what the audit log has about something")?;
        rows.into_iter().rev().map(Row::entry).collect()
    }

    /// The actors that the log knows, as label and newest name.
    pub async fn audit_actors(&self) -> Result<Vec<Person>> {
        // From one actor to the next along the index: what many entries have in common is looked at once.
        let rows = sqlx::query!(
            r#"with recursive known (actor) as (
                 select min(actor) from audit
                 union all
                 select (select min(later.actor) from audit as later where later.actor > known.actor)
                 from known where known.actor is not null
             )
             select actor as "actor!: String",
                 (select named.actor_name from audit as named where named.actor = known.actor
                     order by named.sequence desc limit 1) as "name!: String"
             from known where actor is not null limit 200"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("list the actors of the audit log")?;
        let person = |label: &str, name: &str| Person::parse(label, name).ok_or("an actor is none").column(TABLE);
        rows.iter().map(|row| person(&row.actor, &row.name)).collect()
    }

    /// The newest entry of one of these actions; 0 when there is none.
    pub async fn audit_newest_of(&self, actions: [Action; 2]) -> Result<u64> {
        let [first, second] = actions.map(Action::word);
        let newest = sqlx::query_scalar!(
            r#"select max(coalesce((select max(sequence) from audit where action = ?), 0),
                 coalesce((select max(sequence) from audit where action = ?), 0)) as "newest!: i64""#,
            first,
            second
        )
        .fetch_one(&self.readers)
        .await
        .doing("find the newest entry of an action")?;
        u64::try_from(newest).column(TABLE)
    }
}

#[cfg(test)]
mod tests;
