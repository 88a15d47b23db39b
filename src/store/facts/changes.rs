//! Table `fact_changes`: what documents counted as before and after, snapshot by kept snapshot.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::ids::DocPath;
use crate::domain::snapshot::{Counted, Profile, Recount};
use crate::domain::time::Timestamp;
use crate::store::facts::{Stored, TABLE};
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

/// Can the documents behind a difference be told?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Documented {
    /// They can.
    Yes {
        /// Every document that counts otherwise, or whose deadline passed.
        changes: Vec<Recount>,
        /// Collections that were counted from nothing since: what moved in them before that is not known.
        begun_since: Vec<String>,
    },
    /// What moved is remembered since this moment only.
    Since(Timestamp),
}

/// A profile, a deadline, an amount: as they are stored.
type Side = (Option<i64>, Option<i64>, Option<i64>);

/// What moved, by path: what each document was first, and what it is last.
type Sides = BTreeMap<String, (Side, Side)>;

struct Row {
    path: String,
    was_profile: Option<i64>,
    was_due_us: Option<i64>,
    was_cents: Option<i64>,
    now_profile: Option<i64>,
    now_due_us: Option<i64>,
    now_cents: Option<i64>,
}

impl Tx {
    /// Remembers what documents counted as, for the next snapshot that is kept.
    pub(super) async fn fact_changes_note(
        &mut self,
        changed: &[(String, Option<Stored>, Option<Stored>)],
        now: Timestamp,
    ) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let side = |fact: &Option<Stored>| {
            fact.as_ref()
                .map(|fact| (fact.profile, fact.due_us, fact.cents))
                .map_or((None, None, None), |(profile, due, cents)| (Some(profile), due, cents))
        };
        let rows: Vec<_> = changed
            .iter()
            .map(|(path, was, is)| {
                let source = was.as_ref().or(is.as_ref()).map(|fact| fact.source);
                (path, source, side(was), side(is))
            })
            .collect();
        let (rows, now) = (json!(rows).to_string(), now.micros());
        sqlx::query!(
            "insert into fact_changes (interval, path, source, was_profile, was_due_us, was_cents,
                                       now_profile, now_due_us, now_cents, at_us)
             select (select coalesce(max(id), 0) + 1 from snapshots), value ->> 0, value ->> 1,
                 value ->> '$[2][0]', value ->> '$[2][1]', value ->> '$[2][2]',
                 value ->> '$[3][0]', value ->> '$[3][1]', value ->> '$[3][2]', ?2
             from json_each(?1) where true
             on conflict (interval, path) do update set now_profile = excluded.now_profile,
                 now_due_us = excluded.now_due_us, now_cents = excluded.now_cents, at_us = excluded.at_us",
            rows,
            now
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember what moved")?;
        Ok(())
    }

    /// Forgets up to `limit` documents that moved before `before`; how many.
    pub async fn fact_changes_prune(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let before = before.micros();
        let done = sqlx::query!(
            "delete from fact_changes where (interval, path) in (
                 select interval, path from fact_changes where at_us < ? limit ?
             )",
            before,
            limit
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget what moved long ago")?;
        if done.rows_affected() > 0 {
            sqlx::query!("update fact_basis set changes_since_us = max(changes_since_us, ?)", before)
                .execute(&mut *self.inner)
                .await
                .doing("record since when it is remembered what moved")?;
        }
        Ok(done.rows_affected())
    }
}

impl Store {
    /// Every document that counts otherwise at the moment of one kept snapshot than at that of a later one; `None` for
    /// the later one is now.
    pub async fn fact_changes(
        &self,
        (after, taken): (i64, Timestamp),
        upto: Option<(i64, Timestamp)>,
        now: Timestamp,
    ) -> Result<Documented> {
        let mut tx = self.readers.begin().await.doing("start to read what moved")?;
        let basis = sqlx::query_scalar!("select changes_since_us from fact_basis")
            .fetch_optional(&mut *tx)
            .await
            .doing("read since when it is remembered what moved")?;
        let Some(basis) = basis.map(Timestamp::from_micros) else { return Ok(Documented::Since(now)) };
        if taken < basis {
            return Ok(Documented::Since(basis));
        }
        let (last, end) = upto.map_or((i64::MAX, now), |upto| upto);
        let (from_us, end_us) = (taken.micros(), end.micros());
        let begun_since = sqlx::query_scalar!("select collection from fact_sources where begun_us > ?", from_us)
            .fetch_all(&mut *tx)
            .await
            .doing("read what was counted from nothing")?;
        let rows = sqlx::query_as!(
            Row,
            r#"select path as "path!", was_profile as "was_profile: i64", was_due_us as "was_due_us: i64",
                   was_cents as "was_cents: i64", now_profile as "now_profile: i64", now_due_us as "now_due_us: i64",
                   now_cents as "now_cents: i64"
               from fact_changes where interval > ? and interval <= ? order by interval"#,
            after,
            last
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read what moved between two snapshots")?;
        let mut sides: Sides = BTreeMap::new();
        for row in rows {
            let was = (row.was_profile, row.was_due_us, row.was_cents);
            let is = (row.now_profile, row.now_due_us, row.now_cents);
            sides.entry(row.path).and_modify(|sides| sides.1 = is).or_insert((was, is));
        }
        // What did not move may still have come to be over its deadline in the meantime.
        let passed = sqlx::query!(
            r#"select path as "path!", profile as "profile!: i64", due_us as "due_us: i64", cents as "cents: i64" from facts
               where due_us > ?1 and due_us <= ?2
                   and not exists (select 1 from fact_changes as moved
                                   where moved.path = facts.path and moved.interval > ?3)
               union all
               select path, was_profile, was_due_us, was_cents from fact_changes as later
               where interval > ?4 and was_due_us > ?1 and was_due_us <= ?2
                   and not exists (select 1 from fact_changes as moved where moved.path = later.path
                                       and moved.interval > ?3 and moved.interval < later.interval)"#,
            from_us,
            end_us,
            after,
            last
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read whose deadline passed between two snapshots")?;
        for row in passed {
            let side = (Some(row.profile), row.due_us, row.cents);
            sides.entry(row.path).or_insert((side, side));
        }
        let profiles = profiles(&mut tx).await?;
        let counted = |(profile, due, cents): Side| -> Result<Option<Counted>> {
            let Some(id) = profile else { return Ok(None) };
            let profile = profiles.get(&id).ok_or("a profile is missing").column(TABLE)?.clone();
            Ok(Some(Counted { profile, due: due.map(Timestamp::from_micros), cents }))
        };
        let changes = sides.into_iter().map(|(path, (was, is))| {
            Ok(Recount { path: DocPath::parse(path).column(TABLE)?, was: counted(was)?, now: counted(is)? })
        });
        Ok(Documented::Yes { changes: changes.collect::<Result<_>>()?, begun_since })
    }
}

/// Every profile by its id.
pub(super) async fn profiles(from: &mut sqlx::SqliteConnection) -> Result<BTreeMap<i64, Profile>> {
    let rows = sqlx::query!(r#"select id as "id!: i64", profile from fact_profiles"#)
        .fetch_all(from)
        .await
        .doing("read what kinds of documents there are")?;
    rows.into_iter().map(|row| Ok((row.id, serde_json::from_str(&row.profile).column("fact_profiles")?))).collect()
}
