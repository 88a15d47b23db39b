//! Table `audit`: the append-only log and its chain of hashes.

use crate::domain::actor::Person;
use crate::domain::audit::{Action, Entry, Event, GENESIS, Target};
use crate::domain::ids::{Hash, StudioId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

const TABLE: &str = "audit";

/// Which entries to read.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only those of this actor, such as `staff:uid`.
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only those whose target contains this text.
    pub target: Option<String>,
    /// Only allowed ones (`true`) or denied ones (`false`).
    pub allowed: Option<bool>,
    /// Only those before this place.
    pub before: Option<u64>,
}

/// What a walk along the whole chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainState {
    /// Every entry follows from the one before.
    Holds {
        /// How many there are.
        entries: u64,
        /// The hash of the last.
        head: Hash,
    },
    /// This entry is the first that does not.
    Broken {
        /// Its place.
        sequence: u64,
    },
}

struct Row {
    sequence: i64,
    at_us: i64,
    studio: String,
    actor: String,
    actor_name: String,
    action: String,
    target: String,
    reason: String,
    input: Option<Vec<u8>>,
    output: Option<Vec<u8>>,
    details: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    fn entry(self) -> Result<Entry> {
        let hash = |bytes: Option<Vec<u8>>| bytes.map(|bytes| hash_column(&bytes, TABLE)).transpose();
        let event = Event {
            at: Timestamp::from_micros(self.at_us),
            actor: Person::parse(&self.actor, &self.actor_name).ok_or("an actor is none").column(TABLE)?,
            action: Action::parse(&self.action).ok_or("an action is none").column(TABLE)?,
            target: Target::parse(&self.target).ok_or("a target is none").column(TABLE)?,
            reason: Reason::parse(&self.reason).ok_or("a reason code is none").column(TABLE)?,
            input: hash(self.input)?,
            output: hash(self.output)?,
            details: serde_json::from_str(&self.details).column(TABLE)?,
        };
        Ok(Entry {
            sequence: u64::try_from(self.sequence).column(TABLE)?,
            studio: StudioId::parse(self.studio).column(TABLE)?,
            event,
            previous: hash_column(&self.previous, TABLE)?,
            hash: hash_column(&self.hash, TABLE)?,
        })
    }
}

impl Tx {
    /// Appends an entry: in the same transaction as what it tells of, or not at all.
    pub async fn audit(&mut self, studio: &StudioId, event: Event) -> Result<Entry> {
        let last = sqlx::query!("select sequence, hash from audit order by sequence desc limit 1")
            .fetch_optional(&mut *self.inner)
            .await
            .doing("read the head of the audit log")?;
        let (sequence, previous) = match last {
            Some(last) => (u64::try_from(last.sequence).column(TABLE)? + 1, hash_column(&last.hash, TABLE)?),
            None => (1, GENESIS),
        };
        let entry = Entry::chained(sequence, studio.clone(), event, previous);
        let event = &entry.event;
        let place = i64::try_from(sequence).column(TABLE)?;
        let (at, studio, actor) = (event.at.micros(), entry.studio.as_str(), event.actor.to_string());
        let (action, target, reason) = (event.action.word(), event.target.to_string(), event.reason.code());
        let input = event.input.as_ref().map(|hash| hash.bytes().as_slice());
        let output = event.output.as_ref().map(|hash| hash.bytes().as_slice());
        let details = serde_json::to_string(&event.details).expect("BUG: a map of texts is JSON");
        let (previous, hash) = (entry.previous.bytes().as_slice(), entry.hash.bytes().as_slice());
        sqlx::query!(
            "insert into audit (sequence, at_us, studio, actor, actor_name, action, target, reason, input, output,
                 details, previous, hash)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            place,
            at,
            studio,
            actor,
            event.actor.name,
            action,
            target,
            reason,
            input,
            output,
            details,
            previous,
            hash,
        )
        .execute(&mut *self.inner)
        .await
        .doing("append to the audit log")?;
        Ok(entry)
    }
}

impl Store {
    /// Entries that match, newest first.
    pub async fn audit_entries(&self, query: &AuditQuery, limit: u16) -> Result<Vec<Entry>> {
        let before = query.before.and_then(|before| i64::try_from(before).ok());
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select sequence, at_us, studio, actor, actor_name, action, target, reason, input, output, details,
                 previous, hash
             from audit
             where (?1 is null or sequence < ?1)
                 and (?2 is null or actor = ?2)
                 and (?3 is null or action = ?3)
                 and (?4 is null or instr(target, ?4) > 0)
                 and (?5 is null or (reason = 'OK') = ?5)
             order by sequence desc
             limit ?6",
            before,
            query.actor,
            query.action,
            query.target,
            query.allowed,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the audit log")?;
        rows.into_iter().map(Row::entry).collect()
    }

    /// One entry.
    pub async fn audit_entry(&self, sequence: u64) -> Result<Option<Entry>> {
        let query = AuditQuery { before: Some(sequence.saturating_add(1)), ..AuditQuery::default() };
        let newest = self.audit_entries(&query, 1).await?.into_iter().next();
        Ok(newest.filter(|entry| entry.sequence == sequence))
    }

    /// Entries about one target, oldest first.
    pub async fn audit_about(&self, target: &Target) -> Result<Vec<Entry>> {
        let query = AuditQuery { target: Some(target.to_string()), ..AuditQuery::default() };
        let mut entries = self.audit_entries(&query, 200).await?;
        entries.retain(|entry| entry.event.target == *target);
        entries.reverse();
        Ok(entries)
    }

    /// The actors that the log knows, as label and newest name.
    pub async fn audit_actors(&self) -> Result<Vec<Person>> {
        let rows =
            sqlx::query!(r#"select actor as "actor!: String", max(actor_name) as "name!: String" from audit group by actor limit 200"#)
                .fetch_all(&self.readers)
                .await
                .doing("list the actors of the audit log")?;
        let person = |label: &str, name: &str| Person::parse(label, name).ok_or("an actor is none").column(TABLE);
        rows.iter().map(|row| person(&row.actor, &row.name)).collect()
    }

    /// Walks the whole chain and says whether it holds.
    pub async fn audit_chain(&self) -> Result<ChainState> {
        const PAGE: i64 = 1_000;
        let (mut sequence, mut head) = (0_u64, GENESIS);
        loop {
            let after = i64::try_from(sequence).column(TABLE)?;
            let rows = sqlx::query_as!(
                Row,
                "select sequence, at_us, studio, actor, actor_name, action, target, reason, input, output, details,
                     previous, hash
                 from audit where sequence > ? order by sequence limit ?",
                after,
                PAGE,
            )
            .fetch_all(&self.readers)
            .await
            .doing("walk the audit log")?;
            if rows.is_empty() {
                return Ok(ChainState::Holds { entries: sequence, head });
            }
            for row in rows {
                let place = u64::try_from(row.sequence).unwrap_or(0);
                match row.entry() {
                    Ok(entry) if entry.follows(sequence, head) => (sequence, head) = (entry.sequence, entry.hash),
                    Ok(_) | Err(_) => return Ok(ChainState::Broken { sequence: place }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Actor;

    async fn store_with_entries(count: u32) -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("legal");
        let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
        let actor = Actor::system(&studio, "push").person();
        let mut tx = store.begin().await.expect("begins");
        for number in 0..count {
            let event = Event::new(Timestamp::from_micros(1), actor.clone(), Action::ServiceStarted, Target::Service);
            tx.audit(&studio, event.detail("n", number.to_string())).await.expect("appends");
        }
        tx.commit().await.expect("commits");
        (directory, store)
    }

    #[tokio::test]
    async fn the_log_refuses_update_and_delete() {
        let (_directory, store) = store_with_entries(2).await;
        let mut tx = store.begin().await.expect("begins");
        for sql in ["update audit set reason = 'OK'", "delete from audit"] {
            let error = sqlx::query(sql).execute(&mut *tx.inner).await.expect_err("is refused");
            assert!(error.to_string().contains("refuses"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_change_behind_our_back_is_found_at_its_place() {
        let (_directory, store) = store_with_entries(5).await;
        assert!(matches!(store.audit_chain().await, Ok(ChainState::Holds { entries: 5, .. })));
        let mut tx = store.begin().await.expect("begins");
        for sql in ["drop trigger audit_refuses_update", "update audit set actor_name = 'x' where sequence = 3"] {
            sqlx::query(sql).execute(&mut *tx.inner).await.expect("works for an intruder");
        }
        tx.commit().await.expect("commits");
        assert_eq!(store.audit_chain().await.expect("walks"), ChainState::Broken { sequence: 3 });
    }

    #[tokio::test]
    async fn entries_come_newest_first_and_page_by_place() {
        let (_directory, store) = store_with_entries(5).await;
        let places = |entries: Vec<Entry>| entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>();
        let all = AuditQuery::default();
        assert_eq!(places(store.audit_entries(&all, 2).await.expect("reads")), [5, 4]);
        let older = AuditQuery { before: Some(4), allowed: Some(true), ..all };
        assert_eq!(places(store.audit_entries(&older, 10).await.expect("reads")), [3, 2, 1]);
        assert_eq!(store.audit_entry(3).await.expect("reads").map(|entry| entry.sequence), Some(3));
        assert_eq!(store.audit_entry(9).await.expect("reads"), None);
    }
}
