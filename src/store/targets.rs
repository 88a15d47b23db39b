//! `targets`: one row per mirrored collection, with where its stream continues and how fresh the mirror is.

use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::domain::watch::{ResumeToken, TargetId};
use crate::store::staging::Backfill;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "targets";

/// What a target's mirror is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// The whole collection is being read; what is shown, if anything, is as of the read time.
    Backfilling,
    /// The collection was read, and its changes since are being fetched.
    CatchingUp,
    /// Every change arrives as it happens.
    Current,
    /// The server refuses the collection.
    Refused,
}

impl TargetState {
    const ALL: [Self; 4] = [Self::Backfilling, Self::CatchingUp, Self::Current, Self::Refused];

    /// The word for it, in the database and for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backfilling => "backfilling",
            Self::CatchingUp => "catching up",
            Self::Current => "current",
            Self::Refused => "refused",
        }
    }
}

/// A mirrored collection: where its stream continues, and how fresh the mirror is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The collection.
    pub collection: CollectionId,
    /// Its number on a stream; the same for ever.
    pub id: TargetId,
    /// What its mirror is worth.
    pub state: TargetState,
    /// How often the whole collection was read and swapped in.
    pub generation: u64,
    /// The collection is shown as it was then; none when it was never read.
    pub read_time: Option<Timestamp>,
    /// Where its stream continues; none: at the read time.
    pub resume_token: Option<ResumeToken>,
    /// The generation under way.
    pub backfill: Backfill,
    /// Our clock when the server was last heard.
    pub heard: Option<Timestamp>,
    /// What went wrong last, and when; none once it works again.
    pub error: Option<(Timestamp, String)>,
}

/// The query that a collection's target is: a resume token is only good for the identical target.
fn fingerprint(collection: &CollectionId) -> String {
    format!("root collection {collection} by __name__")
}

impl Store {
    /// Every mirrored collection, by name.
    pub async fn targets(&self) -> Result<Vec<Target>> {
        let rows = sqlx::query!(
            r#"select collection, target_id, state, generation, read_us, resume_token, backfill_read_us,
                      backfill_documents, backfill_expected, backfill_started_us, heard_us, error, error_us
               from targets order by collection"#
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the mirror's targets")?;
        rows.into_iter()
            .map(|row| {
                let state = TargetState::ALL.into_iter().find(|state| state.as_str() == row.state);
                Ok(Target {
                    collection: CollectionId::parse(row.collection).column(TABLE)?,
                    id: TargetId::new(row.target_id).column(TABLE)?,
                    state: state.ok_or("a state has no meaning").column(TABLE)?,
                    generation: row.generation.cast_unsigned(),
                    read_time: row.read_us.map(Timestamp::from_micros),
                    resume_token: row.resume_token.and_then(ResumeToken::from_bytes),
                    backfill: Backfill {
                        read_time: row.backfill_read_us.map(Timestamp::from_micros),
                        documents: row.backfill_documents.cast_unsigned(),
                        expected: row.backfill_expected.map(i64::cast_unsigned),
                        started: row.backfill_started_us.map(Timestamp::from_micros),
                    },
                    heard: row.heard_us.map(Timestamp::from_micros),
                    error: row.error_us.map(Timestamp::from_micros).zip(row.error),
                })
            })
            .collect()
    }

    /// Waits until every mirrored collection is current and shown as of `read_time` or later.
    ///
    /// Waits for ever if the mirror never gets there: put a timeout around it.
    pub async fn targets_reach(&self, read_time: Timestamp) -> Result<()> {
        let mut changed = self.changed();
        loop {
            let targets = self.targets().await?;
            let there = |target: &Target| {
                target.state == TargetState::Current && target.read_time.is_some_and(|shown| shown >= read_time)
            };
            if !targets.is_empty() && targets.iter().all(there) {
                return Ok(());
            }
            changed.changed().await.expect("BUG: a store holds its own sender");
        }
    }

    /// Makes the mirrored collections exactly these.
    ///
    /// A new one waits for its backfill; one whose query has changed is read again; one that is left out is forgotten.
    pub async fn targets_declare(&self, collections: &[CollectionId]) -> Result<()> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query!("select collection, fingerprint from targets")
            .fetch_all(&mut *tx.inner)
            .await
            .doing("read the mirror's targets")?;
        let mut kept = Vec::new();
        let mut changed = false;
        for row in rows {
            let collection = CollectionId::parse(row.collection).column(TABLE)?;
            if !collections.contains(&collection) {
                tx.collection_forget(&collection).await?;
                changed = true;
            } else if row.fingerprint == fingerprint(&collection) {
                kept.push(collection);
            } else {
                tx.backfill_start(&collection).await?;
                tx.target_fingerprint(&collection).await?;
                changed = true;
                kept.push(collection);
            }
        }
        for collection in collections {
            if !kept.contains(collection) {
                tx.target_add(collection).await?;
                changed = true;
                kept.push(collection.clone());
            }
        }
        if changed { tx.commit().await } else { tx.rollback().await }
    }
}

impl Tx {
    async fn target_add(&mut self, collection: &CollectionId) -> Result<()> {
        let (print, collection) = (fingerprint(collection), collection.as_str());
        sqlx::query!(
            "insert into targets (collection, target_id, fingerprint, state, generation, backfill_documents)
             values (?, (select coalesce(max(target_id), 0) + 1 from targets), ?, 'backfilling', 0, 0)",
            collection,
            print
        )
        .execute(&mut *self.inner)
        .await
        .doing("add a target to the mirror")?;
        Ok(())
    }

    async fn target_fingerprint(&mut self, collection: &CollectionId) -> Result<()> {
        let (print, collection) = (fingerprint(collection), collection.as_str());
        sqlx::query!("update targets set fingerprint = ? where collection = ?", print, collection)
            .execute(&mut *self.inner)
            .await
            .doing("record a target's query")?;
        Ok(())
    }

    /// Records that collections are shown as of `read_time`, and where their streams continue.
    ///
    /// Without a new token the old one stays. `heard` is our clock now.
    pub async fn targets_advance<'a>(
        &mut self,
        targets: impl IntoIterator<Item = (TargetId, Option<&'a ResumeToken>)>,
        read_time: Timestamp,
        heard: Timestamp,
    ) -> Result<()> {
        let advanced: Vec<(i32, Option<String>)> = targets
            .into_iter()
            .map(|(id, token)| (id.number(), token.map(|token| hex::encode(token.bytes()))))
            .collect();
        let advanced = serde_json::to_string(&advanced).expect("BUG: numbers and texts are JSON");
        let (read, heard) = (read_time.micros(), heard.micros());
        sqlx::query!(
            "update targets set state = 'current', read_us = max(coalesce(read_us, ?1), ?1),
                 resume_token = coalesce(unhex(advanced.value ->> 1), resume_token),
                 heard_us = ?2, error = null, error_us = null
             from json_each(?3) as advanced where target_id = advanced.value ->> 0",
            read,
            heard,
            advanced
        )
        .execute(&mut *self.inner)
        .await
        .doing("record how fresh the mirror is")?;
        Ok(())
    }

    /// Gives a collection's token up: its stream continues at the read time.
    pub async fn target_forget_token(&mut self, target: TargetId) -> Result<()> {
        let id = target.number();
        sqlx::query!("update targets set resume_token = null where target_id = ?", id)
            .execute(&mut *self.inner)
            .await
            .doing("forget a resume token")?;
        Ok(())
    }

    /// Records what went wrong with a collection, and what its mirror is worth from now on.
    pub async fn target_failed(
        &mut self,
        target: TargetId,
        state: TargetState,
        error: &str,
        now: Timestamp,
    ) -> Result<()> {
        let (id, state, now) = (target.number(), state.as_str(), now.micros());
        sqlx::query!(
            "update targets set state = ?, error = ?, error_us = ? where target_id = ?",
            state,
            error,
            now,
            id
        )
        .execute(&mut *self.inner)
        .await
        .doing("record what went wrong with a target")?;
        Ok(())
    }
}
