//! `verification_runs` and `verifications`: what was to be proved, and what came of it.

use std::collections::BTreeMap;

use crate::domain::ids::CollectionId;
use crate::domain::proof::{Depth, Differences, Verdict, Verification};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

const TABLE: &str = "verifications";

/// How many looks at a collection are kept.
const KEPT: i64 = 20;

/// Collections that are to be proved, or were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// Who asked for it, as a label; `None` when it was due.
    pub requested_by: Option<String>,
    /// When.
    pub requested: Timestamp,
    /// What is to be proved.
    pub collections: Vec<CollectionId>,
    /// How closely.
    pub depth: Depth,
    /// When it was over; `None` while it is not.
    pub finished: Option<Timestamp>,
}

struct RunRow {
    id: i64,
    requested_by: Option<String>,
    requested_us: i64,
    collections: String,
    depth: String,
    finished_us: Option<i64>,
}

impl RunRow {
    fn parse(self) -> Result<Run> {
        const TABLE: &str = "verification_runs";
        Ok(Run {
            id: self.id,
            requested_by: self.requested_by,
            requested: Timestamp::from_micros(self.requested_us),
            collections: serde_json::from_str(&self.collections).column(TABLE)?,
            depth: Depth::parse(&self.depth).ok_or("a depth is none").column(TABLE)?,
            finished: self.finished_us.map(Timestamp::from_micros),
        })
    }
}

struct Row {
    collection: String,
    looked_us: i64,
    verdict: String,
    why: Option<String>,
    is_first: i64,
    read_us: Option<i64>,
    documents: Option<i64>,
    server_documents: Option<i64>,
    hash: Option<Vec<u8>>,
    differing: i64,
    reread: i64,
    missing: i64,
    extra: i64,
    changed: i64,
    repaired: i64,
    reads: i64,
}

impl Row {
    fn parse(self) -> Result<Verification> {
        Ok(Verification {
            collection: CollectionId::parse(self.collection).column(TABLE)?,
            verdict: Verdict::parse(&self.verdict).ok_or("a verdict is none").column(TABLE)?,
            why: self.why,
            is_first: self.is_first != 0,
            read_time: self.read_us.map(Timestamp::from_micros),
            documents: self.documents.map(i64::cast_unsigned),
            server_documents: self.server_documents.map(i64::cast_unsigned),
            hash: self.hash.map(|hash| hash_column(&hash, TABLE)).transpose()?,
            differences: Differences {
                leaves: self.differing.cast_unsigned(),
                reread: self.reread.cast_unsigned(),
                missing: self.missing.cast_unsigned(),
                extra: self.extra.cast_unsigned(),
                changed: self.changed.cast_unsigned(),
                repaired: self.repaired.cast_unsigned(),
            },
            reads: self.reads.cast_unsigned(),
            checked: Timestamp::from_micros(self.looked_us),
        })
    }
}

impl Store {
    /// The oldest run that is not over: one that somebody asked for before one that was due.
    pub async fn run_pending(&self) -> Result<Option<Run>> {
        let row = sqlx::query_as!(
            RunRow,
            r#"select id as "id!: i64", requested_by, requested_us, collections, depth, finished_us
               from verification_runs where finished_us is null order by requested_by is null, id limit 1"#
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for what is to be proved")?;
        row.map(RunRow::parse).transpose()
    }

    /// One run with what came of it so far, in the order in which it came.
    pub async fn run_by_id(&self, id: i64) -> Result<Option<(Run, Vec<Verification>)>> {
        let mut tx = self.readers.begin().await.doing("start to read a proof")?;
        let run = sqlx::query_as!(
            RunRow,
            r#"select id as "id!: i64", requested_by, requested_us, collections, depth, finished_us
               from verification_runs where id = ?"#,
            id
        )
        .fetch_optional(&mut *tx)
        .await
        .doing("read what was to be proved")?;
        let Some(run) = run else { return Ok(None) };
        let rows = sqlx::query_as!(
            Row,
            "select collection, looked_us, verdict, why, is_first, read_us, documents, server_documents, hash,
                 differing, reread, missing, extra, changed, repaired, reads
             from verifications where run = ? order by id",
            id
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read what came of a proof")?;
        let rows = rows.into_iter().map(Row::parse).collect::<Result<_>>()?;
        Ok(Some((run.parse()?, rows)))
    }

    /// The last run with what came of it so far.
    pub async fn run_last(&self) -> Result<Option<(Run, Vec<Verification>)>> {
        let newest = sqlx::query_scalar!(r#"select max(id) as "id?: i64" from verification_runs"#)
            .fetch_one(&self.readers)
            .await
            .doing("look for the last proof")?;
        match newest {
            Some(id) => self.run_by_id(id).await,
            None => Ok(None),
        }
    }

    /// The last look at each collection.
    pub async fn verifications_last(&self) -> Result<BTreeMap<CollectionId, Verification>> {
        let rows = sqlx::query_as!(
            Row,
            "select collection, looked_us, verdict, why, is_first, read_us, documents, server_documents, hash,
                 differing, reread, missing, extra, changed, repaired, reads
             from verifications where id in (select max(id) from verifications group by collection)"
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what was last proved")?;
        let last = rows.into_iter().map(|row| {
            let last = row.parse()?;
            Ok((last.collection.clone(), last))
        });
        last.collect()
    }

    /// As of when each collection was last proved to be what the server has.
    pub async fn proved_as_of(&self) -> Result<BTreeMap<CollectionId, Timestamp>> {
        let rows = sqlx::query!(
            r#"select collection as "collection!", max(read_us) as "read_us!: i64"
               from verifications where verdict = 'equal' and read_us is not null group by collection"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("read as of when the mirror is proved")?;
        let proved = rows
            .into_iter()
            .map(|row| Ok((CollectionId::parse(row.collection).column(TABLE)?, Timestamp::from_micros(row.read_us))));
        proved.collect()
    }
}

impl Tx {
    /// Asks for collections to be proved; the run's number. Somebody's same wish that is not fulfilled yet is joined.
    pub async fn run_request(
        &mut self,
        requested_by: Option<&str>,
        collections: &[CollectionId],
        depth: Depth,
        now: Timestamp,
    ) -> Result<i64> {
        let collections = serde_json::to_string(collections).expect("BUG: names are JSON");
        let (depth, now) = (depth.word(), now.micros());
        let pending = sqlx::query_scalar!(
            r#"select id as "id!: i64" from verification_runs
               where finished_us is null and collections = ? and depth = ? and (requested_by is null) = (? is null)
                   and not exists (select 1 from verifications where run = verification_runs.id)"#,
            collections,
            depth,
            requested_by
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("look for the same wish")?;
        if let Some(id) = pending {
            return Ok(id);
        }
        let done = sqlx::query!(
            "insert into verification_runs (requested_by, requested_us, collections, depth) values (?, ?, ?, ?)",
            requested_by,
            now,
            collections,
            depth
        )
        .execute(&mut *self.inner)
        .await
        .doing("ask for a proof")?;
        Ok(done.last_insert_rowid())
    }

    /// Stores what came of one collection of a run. Old looks at it are forgotten.
    pub async fn verification_add(&mut self, run: i64, verification: &Verification) -> Result<()> {
        let Verification { verdict, why, is_first, differences, .. } = verification;
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (collection, checked) = (verification.collection.as_str(), verification.checked.micros());
        let (verdict, why, is_first) = (verdict.word(), why.as_deref(), i64::from(*is_first));
        let read = verification.read_time.map(Timestamp::micros);
        let (documents, theirs) = (verification.documents.map(whole), verification.server_documents.map(whole));
        let hash = verification.hash.map(|hash| hash.bytes().to_vec());
        let (leaves, reread) = (whole(differences.leaves), whole(differences.reread));
        let (missing, extra) = (whole(differences.missing), whole(differences.extra));
        let (changed, repaired) = (whole(differences.changed), whole(differences.repaired));
        let reads = whole(verification.reads);
        sqlx::query!(
            "insert into verifications (run, collection, looked_us, verdict, why, is_first, read_us, documents,
                 server_documents, hash, differing, reread, missing, extra, changed, repaired, reads)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            run,
            collection,
            checked,
            verdict,
            why,
            is_first,
            read,
            documents,
            theirs,
            hash,
            leaves,
            reread,
            missing,
            extra,
            changed,
            repaired,
            reads
        )
        .execute(&mut *self.inner)
        .await
        .doing("store what came of a proof")?;
        sqlx::query!(
            "delete from verifications where collection = ?1 and run <> ?2 and id not in
                 (select id from verifications where collection = ?1 order by id desc limit ?3)
                 and id not in (
                     select id from verifications where collection = ?1 and verdict = 'equal' order by id desc limit 1
                 )",
            collection,
            run,
            KEPT
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget old proofs")?;
        Ok(())
    }

    /// Records that a run is over. Those of which nothing is left are forgotten.
    pub async fn run_finish(&mut self, id: i64, now: Timestamp) -> Result<()> {
        let now = now.micros();
        sqlx::query!("update verification_runs set finished_us = ? where id = ?", now, id)
            .execute(&mut *self.inner)
            .await
            .doing("finish a proof")?;
        sqlx::query!(
            "delete from verification_runs where finished_us is not null and id <> ?
                 and not exists (select 1 from verifications where run = verification_runs.id)",
            id
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget old runs")?;
        Ok(())
    }

    /// Forgets the proofs of a collection that is no longer mirrored.
    pub(super) async fn verifications_forget(&mut self, collection: &CollectionId) -> Result<()> {
        let collection = collection.as_str();
        sqlx::query!("delete from verifications where collection = ?", collection)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's proofs")?;
        Ok(())
    }
}
