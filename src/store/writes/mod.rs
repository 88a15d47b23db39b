//! Table `writes`: the ledger, and with its before-images the undo history.

mod pages;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::canonical;
use crate::domain::ids::{DocPath, Hash, ProposalId, WriteId};
use crate::domain::ledger::{Landing, WriteRecord, WriteState};
use crate::domain::reads::Day;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::write::Write;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

pub use pages::{LedgerPage, Turn, UndoStanding};

const TABLE: &str = "writes";

struct Row {
    id: String,
    proposal: String,
    place: i64,
    write: String,
    content_hash: Vec<u8>,
    before: Option<String>,
    undoes: Option<String>,
    rebuilt: i64,
    intended_us: i64,
    sent_us: Option<i64>,
    lost_us: Option<i64>,
    state: String,
    settled_us: Option<i64>,
    landed_us: Option<i64>,
    observed_us: Option<i64>,
    reason: Option<String>,
    answer: Option<String>,
}

impl Row {
    fn record(self) -> Result<WriteRecord> {
        let missing = |what: &'static str| move || what;
        let at = |micros: Option<i64>, what| micros.map(Timestamp::from_micros).ok_or_else(missing(what)).column(TABLE);
        let settled = || at(self.settled_us, "a settled write lacks its time");
        let landing = || {
            Ok::<_, crate::store::Error>(Landing {
                at: settled()?,
                update_time: at(self.landed_us, "a landed write lacks its update time")?,
            })
        };
        let reason = || self.reason.as_deref().and_then(Reason::parse).ok_or("a reason code is none").column(TABLE);
        let state = match self.state.as_str() {
            "intended" => WriteState::Intended,
            "unknown" => WriteState::Unknown { at: settled()? },
            "landed" => WriteState::Landed(landing()?),
            "observed" => WriteState::Observed {
                landing: landing()?,
                at: at(self.observed_us, "an observed write lacks its time")?,
            },
            "stale" => WriteState::Stale { at: settled()? },
            "refused" => WriteState::Refused {
                at: settled()?,
                reason: reason()?,
                answer: self.answer.clone().unwrap_or_default(),
            },
            "conflicted" => WriteState::Conflicted { at: settled()? },
            "abandoned" => WriteState::Abandoned { at: settled()?, reason: reason()? },
            _ => return Err("a state is none").column(TABLE),
        };
        Ok(WriteRecord {
            id: self.id.parse().column(TABLE)?,
            proposal: self.proposal.parse().column(TABLE)?,
            place: usize::try_from(self.place).column(TABLE)?,
            write: Write::from_canonical(&self.write).ok_or("a write is none").column(TABLE)?,
            content_hash: hash_column(&self.content_hash, TABLE)?,
            before: self.before.as_deref().map(canonical::decode).transpose().column(TABLE)?,
            undoes: self.undoes.map(|id| id.parse()).transpose().column(TABLE)?,
            rebuilt: self.rebuilt != 0,
            intended: Timestamp::from_micros(self.intended_us),
            sent: self.sent_us.map(Timestamp::from_micros),
            lost: self.lost_us.map(Timestamp::from_micros),
            state,
        })
    }
}

impl Tx {
    /// Stores the intents and the before-images of writes that have not been sent, or writes that are known again.
    pub async fn writes_intend(&mut self, records: &[&WriteRecord]) -> Result<()> {
        let rows: Vec<_> = records
            .iter()
            .map(|record| {
                let before = record.before.as_ref().map(canonical::encode);
                let intended = record.intended.micros();
                let path = record.write.path().as_str();
                (
                    (record.id, record.proposal, record.place, path, record.write.canonical()),
                    (record.content_hash.to_string(), record.write.effect().to_string(), before),
                    (record.undoes, u8::from(record.rebuilt), intended),
                )
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let rows = serde_json::to_string(&rows).expect("BUG: texts and numbers are JSON");
        sqlx::query!(
            "insert into writes (id, proposal, place, path, write, content_hash, effect, before, undoes, rebuilt,
                 intended_us, state)
             select value ->> '$[0][0]', value ->> '$[0][1]', value ->> '$[0][2]', value ->> '$[0][3]',
                 value ->> '$[0][4]', unhex(value ->> '$[1][0]'), unhex(value ->> '$[1][1]'), value ->> '$[1][2]',
                 value ->> '$[2][0]', value ->> '$[2][1]', value ->> '$[2][2]', 'intended'
             from json_each(?)",
            rows,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store intents")?;
        let settled: Vec<&WriteRecord> =
            records.iter().copied().filter(|record| !matches!(record.state, WriteState::Intended)).collect();
        self.writes_settle(&settled).await
    }

    /// Moves writes on to the states that these records have now.
    pub async fn writes_settle(&mut self, records: &[&WriteRecord]) -> Result<()> {
        let rows: Vec<_> = records
            .iter()
            .map(|record| {
                let state = &record.state;
                let landed = state.landing().map(|landing| landing.update_time.micros());
                let (sent, lost) = (record.sent.map(Timestamp::micros), record.lost.map(Timestamp::micros));
                let (observed, reason, answer) = match state {
                    WriteState::Observed { at, .. } => (Some(at.micros()), None, None),
                    WriteState::Refused { reason, answer, .. } => (None, Some(reason.code()), Some(answer.as_str())),
                    WriteState::Abandoned { reason, .. } => (None, Some(reason.code()), None),
                    WriteState::Intended
                    | WriteState::Unknown { .. }
                    | WriteState::Landed(_)
                    | WriteState::Stale { .. }
                    | WriteState::Conflicted { .. } => (None, None, None),
                };
                let settled = state.settled().map(Timestamp::micros);
                (record.id, state.word(), sent, lost, settled, landed, observed, reason, answer)
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let rows = serde_json::to_string(&rows).expect("BUG: texts and numbers are JSON");
        sqlx::query!(
            "update writes set state = known.value ->> 1, sent_us = known.value ->> 2, lost_us = known.value ->> 3,
                 settled_us = known.value ->> 4, landed_us = known.value ->> 5, observed_us = known.value ->> 6,
                 reason = known.value ->> 7, answer = known.value ->> 8
             from json_each(?) as known where writes.id = known.value ->> 0",
            rows,
        )
        .execute(&mut *self.inner)
        .await
        .doing("settle writes")?;
        Ok(())
    }

    /// Was something with this effect written by us, taken back, and not written again since?
    pub async fn was_rolled_back(&mut self, effect: Hash) -> Result<bool> {
        let effect = effect.bytes().as_slice();
        let row = sqlx::query!(
            r#"select exists (
                 select 1 from writes u where u.state in ('landed', 'observed') and u.undoes = (
                     select w.id from writes w where w.effect = ? and w.state in ('landed', 'observed')
                     order by w.intended_us desc limit 1
                 )
             ) as "back!: bool""#,
            effect,
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("look whether a change was taken back")?;
        Ok(row.back)
    }
}

impl Tx {
    /// One write, as this transaction sees it.
    pub async fn write(&mut self, id: WriteId) -> Result<Option<WriteRecord>> {
        write(&mut *self.inner, id).await
    }
}

impl Store {
    /// One write.
    pub async fn write(&self, id: WriteId) -> Result<Option<WriteRecord>> {
        write(&self.readers, id).await
    }

    /// The writes of a proposal, in the order of its commit.
    pub async fn writes_of(&self, proposal: ProposalId) -> Result<Vec<WriteRecord>> {
        let id = proposal.to_string();
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where proposal = ? order by place",
            id,
        )
        .fetch_all(&self.readers)
        .await
        .doing("read a proposal's writes")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// The writes of these proposals, each's in the order of its commit.
    pub(super) async fn writes_of_all(&self, proposals: &[ProposalId]) -> Result<Vec<WriteRecord>> {
        let ids = serde_json::to_string(proposals).expect("BUG: a list of texts is JSON");
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where proposal in (select value from json_each(?)) order by proposal, place",
            ids,
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the writes of proposals")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// The writes of a document, newest first.
    pub async fn writes_to(&self, path: &DocPath, limit: u16) -> Result<Vec<WriteRecord>> {
        let (path, limit) = (path.as_str(), i64::from(limit));
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where path = ? order by intended_us desc limit ?",
            path,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list a document's writes")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// The write that left a document as it has been since `update_time`, if it was one of ours.
    pub async fn write_that_left(&self, path: &DocPath, update_time: Timestamp) -> Result<Option<WriteRecord>> {
        let (path, landed) = (path.as_str(), update_time.micros());
        let row = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where path = ? and landed_us = ? order by intended_us desc limit 1",
            path,
            landed,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for the write that left a document")?;
        row.map(Row::record).transpose()
    }

    /// The newest writes, newest first.
    pub async fn writes(&self, limit: u16) -> Result<Vec<WriteRecord>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes order by intended_us desc limit ?",
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list writes")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// How many writes landed on each day since `first`, by day.
    pub async fn writes_landed_by_day(&self, first: Day) -> Result<BTreeMap<Day, u64>> {
        let since = first.start().micros();
        let rows = sqlx::query!(
            r#"select landed_us / 86400000000 as "day!: i64", count(*) as "writes!: i64"
             from writes where landed_us is not null and landed_us >= ? group by 1"#,
            since
        )
        .fetch_all(&self.readers)
        .await
        .doing("count the writes of each day")?;
        let day = |number: i64| Day::of(Timestamp::from_micros(number.saturating_mul(86_400_000_000)));
        Ok(rows.into_iter().map(|row| (day(row.day), row.writes.cast_unsigned())).collect())
    }

    /// How long the last writes took, from the claim to Firestore's answer: of those that landed since a moment.
    pub async fn writes_took(&self, since: Timestamp, limit: u16) -> Result<Vec<Duration>> {
        let (since, limit) = (since.micros(), i64::from(limit));
        let took = sqlx::query_scalar!(
            r#"select settled_us - intended_us as "took!: i64" from writes
             where landed_us is not null and landed_us >= ? and rebuilt = 0 order by landed_us desc limit ?"#,
            since,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read how long writes took")?;
        Ok(took.into_iter().map(|took| Duration::from_micros(u64::try_from(took).unwrap_or_default())).collect())
    }

    /// How many writes have no known end yet. Those that have one are not looked at, however many there are.
    pub async fn writes_open_count(&self) -> Result<u64> {
        let open = sqlx::query_scalar!(
            r#"select count(*) as "open!: i64" from writes where state in ('intended', 'unknown')"#
        )
        .fetch_one(&self.readers)
        .await
        .doing("count open writes")?;
        u64::try_from(open).column(TABLE)
    }

    /// Writes of which we don't know yet whether they landed, oldest first.
    pub async fn writes_open(&self, limit: u16) -> Result<Vec<WriteRecord>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where state in ('intended', 'unknown') order by intended_us, proposal, place limit ?",
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list open writes")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// Writes that landed and that the mirror has not been seen to hold, oldest first.
    pub async fn writes_unobserved(&self, limit: u16) -> Result<Vec<WriteRecord>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes where state = 'landed' order by intended_us limit ?",
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list unobserved writes")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// The newest observed write of each document, unless a newer write of ours is under way there.
    pub async fn writes_standing(&self) -> Result<Vec<WriteRecord>> {
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
                 state, settled_us, landed_us, observed_us, reason, answer
             from writes w
             where state = 'observed' and not exists (
                 select 1 from writes newer
                 where newer.path = w.path and newer.intended_us > w.intended_us
                     and newer.state in ('intended', 'unknown', 'landed', 'observed')
             )
             order by intended_us"
        )
        .fetch_all(&self.readers)
        .await
        .doing("list standing writes")?;
        rows.into_iter().map(Row::record).collect()
    }
}

async fn write<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    id: WriteId,
) -> Result<Option<WriteRecord>> {
    let id = id.to_string();
    let row = sqlx::query_as!(
        Row,
        "select id, proposal, place, write, content_hash, before, undoes, rebuilt, intended_us, sent_us, lost_us,
             state, settled_us, landed_us, observed_us, reason, answer
         from writes where id = ?",
        id,
    )
    .fetch_optional(executor)
    .await
    .doing("read a write")?;
    row.map(Row::record).transpose()
}

#[cfg(test)]
mod tests;
