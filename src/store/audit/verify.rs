//! Is the log what was recorded? A walk over entries, tree and checkpoints, in pages and without a query for each row.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::SqliteConnection;

use crate::domain::audit::checkpoint::{Checkpoint, PublicKey, origin};
use crate::domain::audit::walk::{Fault, Verified, Walk};
use crate::domain::ids::Hash;
use crate::domain::time::Timestamp;
use crate::store::audit::TABLE;
use crate::store::bulk::apart;
use crate::store::{self, Column as _, Doing as _, Store};

/// How many entries are read at once.
const PAGE: i64 = 2_000;

/// Why a log was not found to hold.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Something is wrong with it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It could not be told.
    #[error("could not tell whether the audit log holds")]
    Store(#[from] store::Error),
}

/// What a walk along the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainState {
    /// Every entry is what was recorded.
    Holds {
        /// How many there are.
        entries: u64,
        /// The root of their tree.
        head: Hash,
        /// When all of them were last walked along; those that are newer were when they came.
        walked: Option<Timestamp>,
    },
    /// Something is wrong.
    Broken {
        /// The first entry that can't be trusted.
        sequence: u64,
        /// What is wrong.
        fault: Fault,
    },
}

/// The last walk that found nothing wrong, with its time: the next one may go on where it ended; and what the last walk
/// found, whatever it was. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Remembered(Arc<Mutex<Memory>>);

#[derive(Clone, Debug, Default)]
struct Memory {
    walk: Option<(Walk, Timestamp)>,
    found: Option<(ChainState, Timestamp)>,
}

impl Remembered {
    fn get(&self) -> Memory {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).walk = None;
    }

    fn set(&self, walk: Option<(Walk, Timestamp)>, found: &ChainState, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Memory { walk, found: Some((found.clone(), now)) };
    }
}

/// Some entries in a row: one text each and the hashes that the tree stores with it, each end to end.
pub(super) struct Page {
    count: u64,
    first: u64,
    last: u64,
    texts: Vec<u8>,
    text_lengths: String,
    hashes: Vec<u8>,
    hash_lengths: String,
}

/// The entries after this one, up to `through`.
pub(super) async fn page(connection: &mut SqliteConnection, after: u64, through: i64) -> store::Result<Page> {
    let after = i64::try_from(after).column(TABLE)?;
    let row = sqlx::query!(
        r#"select count(*) as "count!: i64", coalesce(min(sequence), 0) as "first!: i64",
             coalesce(max(sequence), 0) as "last!: i64",
             cast(coalesce(group_concat(coalesce(entry, ''), ''), '') as blob) as "texts!: Vec<u8>",
             coalesce(group_concat(coalesce(octet_length(entry), 0), ','), '') as "text_lengths!: String",
             cast(coalesce(group_concat(coalesce(hashes, ''), ''), '') as blob) as "hashes!: Vec<u8>",
             coalesce(group_concat(coalesce(octet_length(hashes), 0), ','), '') as "hash_lengths!: String"
         from (select audit.sequence, entry, hashes from audit left join audit_tree on audit_tree.sequence = audit.sequence
             where audit.sequence > ? and audit.sequence <= ? order by audit.sequence limit ?)"#,
        after,
        through,
        PAGE
    )
    .fetch_one(connection)
    .await
    .doing("walk along the audit log")?;
    let whole = |number| u64::try_from(number).column(TABLE);
    Ok(Page {
        count: whole(row.count)?,
        first: whole(row.first)?,
        last: whole(row.last)?,
        texts: row.texts,
        text_lengths: row.text_lengths,
        hashes: row.hashes,
        hash_lengths: row.hash_lengths,
    })
}

impl Page {
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// How many bytes its lines have, each with its end.
    pub(super) fn size(&self) -> usize {
        self.texts.len() + self.text_lengths.split(',').count()
    }

    /// Each text in its order; `None` where the payload was dropped.
    pub(super) fn lines(&self) -> impl Iterator<Item = Option<&[u8]>> {
        apart(&self.texts, &self.text_lengths).map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    /// Walks along it. Whether a row of it is missing shows before it is looked at.
    fn walk(&self, walk: &mut Walk) -> Result<(), Fault> {
        if self.first != walk.at() + 1 {
            return Err(Fault::Missing { sequence: walk.at() + 1 });
        }
        let is_whole = self.last == self.first + self.count - 1;
        for (text, stored) in self.lines().zip(apart(&self.hashes, &self.hash_lengths)) {
            let sequence = walk.at() + 1;
            let stepped = walk.entry(text, stored);
            // After a gap, the next row is in the place of the one that is missing.
            stepped.map_err(|fault| if is_whole { fault } else { Fault::Missing { sequence } })?;
        }
        if !is_whole {
            return Err(Fault::Strange { sequence: walk.at() });
        }
        Ok(())
    }
}

impl Store {
    /// Walks along the whole log: every entry, every hash of the tree, every checkpoint with its signature. If a key is
    /// pinned, it has to have signed.
    ///
    /// # Errors
    /// The first thing that is wrong, or that it could not be told.
    pub async fn audit_verify(&self, pinned: Option<&PublicKey>) -> Result<Verified, VerifyError> {
        let mut tx = self.readers.begin().await.doing("start to walk along the audit log")?;
        let walk = walk_on(&mut tx, Walk::along(origin(&self.studio))).await?;
        Ok(walk.finish(pinned)?)
    }

    /// The same, and remembers for [`Store::audit_chain_since`] how far it came.
    ///
    /// # Errors
    /// It could not be told.
    pub async fn audit_walk(&self, now: Timestamp) -> store::Result<ChainState> {
        self.walked.forget();
        self.audit_chain_since(now).await
    }

    /// What is known of the log without walking along more than `most` entries: what a walk found, and when.
    ///
    /// What was found broken stays so until all of it is walked along again. `None` when nobody has walked along a log that is longer than that.
    pub async fn audit_chain_known(&self, now: Timestamp, most: u64) -> store::Result<Option<(ChainState, Timestamp)>> {
        let Memory { walk, found } = self.walked.get();
        if let Some((ChainState::Broken { .. }, _)) = &found {
            return Ok(found);
        }
        let at = walk.map_or(0, |(walk, _)| walk.at());
        if self.audit_size().await?.saturating_sub(at) > most {
            return Ok(found);
        }
        Ok(Some((self.audit_chain_since(now).await?, now)))
    }

    /// Does the log hold? Walks only along what is new since the last walk, which says when all of it was walked along.
    pub async fn audit_chain_since(&self, now: Timestamp) -> store::Result<ChainState> {
        let (walk, walked) = self.walked.get().walk.unwrap_or_else(|| (Walk::along(origin(&self.studio)), now));
        let mut tx = self.readers.begin().await.doing("start to walk along the audit log")?;
        let on_the_way = async {
            let walk = expecting(&mut tx, walk).await?;
            let covered = i64::try_from(walk.covered()).unwrap_or(i64::MAX);
            // The next checkpoint may cover less than there is now: it is met from where the last one was.
            let sealed = walk_to(&mut tx, walk, covered).await?;
            let walk = walk_to(&mut tx, sealed.clone(), i64::MAX).await?;
            ends(&mut tx, &walk).await?;
            Ok::<_, VerifyError>((sealed, walk.finish(None)?))
        };
        match on_the_way.await {
            Ok((sealed, Verified { entries, root, .. })) => {
                let found = ChainState::Holds { entries, head: root, walked: Some(walked) };
                self.walked.set(Some((sealed, walked)), &found, now);
                Ok(found)
            }
            Err(error) => {
                self.walked.forget();
                let found = broken(error)?;
                self.walked.set(None, &found, now);
                Ok(found)
            }
        }
    }

    /// Walks along the whole log and says whether it holds. It remembers nothing.
    pub async fn audit_chain(&self) -> store::Result<ChainState> {
        match self.audit_verify(None).await {
            Ok(Verified { entries, root, .. }) => Ok(ChainState::Holds { entries, head: root, walked: None }),
            Err(error) => broken(error),
        }
    }
}

fn broken(error: VerifyError) -> store::Result<ChainState> {
    match error {
        // What nobody has signed can't be trusted from the first entry on.
        VerifyError::Fault(fault) => Ok(ChainState::Broken { sequence: fault.entry().unwrap_or(1), fault }),
        VerifyError::Store(error) => Err(error),
    }
}

/// Goes on with a walk to the end of the log.
pub(super) async fn walk_on(connection: &mut SqliteConnection, walk: Walk) -> Result<Walk, VerifyError> {
    let walk = expecting(connection, walk).await?;
    let walk = walk_to(connection, walk, i64::MAX).await?;
    ends(connection, &walk).await?;
    Ok(walk)
}

/// Tells a walk of the checkpoints that it does not know.
async fn expecting(connection: &mut SqliteConnection, mut walk: Walk) -> Result<Walk, VerifyError> {
    let known = i64::try_from(walk.checkpoints()).column("audit_checkpoints")?;
    let checkpoints =
        sqlx::query!("select number, size, note from audit_checkpoints where number > ? order by number", known)
            .fetch_all(&mut *connection)
            .await
            .doing("read the checkpoints of the audit log")?;
    for row in checkpoints {
        let number = u64::try_from(row.number).column("audit_checkpoints")?;
        walk.expect(number, &row.note)?;
        if Checkpoint::parse(&row.note).ok().and_then(|known| i64::try_from(known.size()).ok()) != Some(row.size) {
            return Err(Fault::Checkpoint { number, what: "not what its note says" }.into());
        }
    }
    Ok(walk)
}

/// Goes on with a walk up to an entry.
async fn walk_to(connection: &mut SqliteConnection, mut walk: Walk, through: i64) -> Result<Walk, VerifyError> {
    let mut now = page(connection, walk.at(), through).await?;
    while !now.is_empty() {
        // The database reads the next page while this one is hashed.
        let (next, walked) = tokio::join!(page(connection, now.last, through), async { now.walk(&mut walk) });
        walked?;
        now = next?;
    }
    Ok(walk)
}

/// Nothing stands before the first, behind the last, or beside the log.
async fn ends(connection: &mut SqliteConnection, walk: &Walk) -> Result<(), VerifyError> {
    let bounds = sqlx::query!(
        r#"select coalesce((select min(sequence) from audit), 1) as "first!: i64",
             coalesce((select min(sequence) from audit_tree), 1) as "first_hash!: i64",
             coalesce((select max(sequence) from audit_tree), 0) as "last_hash!: i64",
             coalesce((select min(number) from audit_checkpoints), 1) as "first_checkpoint!: i64",
             coalesce((select max(number) from audit_anchors), 0) as "last_anchor!: i64",
             (select count(*) from audit_chained) as "unplanted!: i64""#
    )
    .fetch_one(&mut *connection)
    .await
    .doing("read the ends of the audit log")?;
    if bounds.first.min(bounds.first_hash) < 1 || bounds.unplanted > 0 {
        return Err(Fault::Strange { sequence: 0 }.into());
    }
    if u64::try_from(bounds.last_hash).unwrap_or(u64::MAX) > walk.at() {
        return Err(Fault::Missing { sequence: walk.at() + 1 }.into());
    }
    let (known, noted) = (walk.checkpoints(), u64::try_from(bounds.last_anchor).unwrap_or(u64::MAX));
    if bounds.first_checkpoint < 1 {
        return Err(Fault::Checkpoint { number: 0, what: "not where it has to be" }.into());
    }
    if noted > known {
        return Err(Fault::Checkpoint { number: known + 1, what: "missing" }.into());
    }
    Ok(())
}
