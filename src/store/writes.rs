//! Table `writes`: the ledger, and with its before-images the undo history.

use crate::domain::canonical;
use crate::domain::ids::{ProposalId, WriteId};
use crate::domain::ledger::{Landing, WriteRecord, WriteState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::write::Write;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

const TABLE: &str = "writes";

struct Row {
    id: String,
    proposal: String,
    write: String,
    content_hash: Vec<u8>,
    before: Option<String>,
    undoes: Option<String>,
    intended_us: i64,
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
                reason: self.reason.as_deref().and_then(Reason::parse).ok_or("a reason code is none").column(TABLE)?,
                answer: self.answer.clone().unwrap_or_default(),
            },
            _ => return Err("a state is none").column(TABLE),
        };
        Ok(WriteRecord {
            id: self.id.parse().column(TABLE)?,
            proposal: self.proposal.parse().column(TABLE)?,
            write: Write::from_canonical(&self.write).ok_or("a write is none").column(TABLE)?,
            content_hash: hash_column(&self.content_hash, TABLE)?,
            before: self.before.as_deref().map(canonical::decode).transpose().column(TABLE)?,
            undoes: self.undoes.map(|id| id.parse()).transpose().column(TABLE)?,
            intended: Timestamp::from_micros(self.intended_us),
            state,
        })
    }
}

impl Tx {
    /// Stores the intent and the before-image of a write that has not been sent.
    pub async fn write_intend(&mut self, record: &WriteRecord) -> Result<()> {
        let (id, proposal, path) = (record.id.to_string(), record.proposal.to_string(), record.write.path().as_str());
        let (write, hash) = (record.write.canonical(), record.content_hash.bytes().as_slice());
        let before = record.before.as_ref().map(canonical::encode);
        let (undoes, intended) = (record.undoes.map(|id| id.to_string()), record.intended.micros());
        sqlx::query!(
            "insert into writes (id, proposal, path, write, content_hash, before, undoes, intended_us, state)
             values (?, ?, ?, ?, ?, ?, ?, ?, 'intended')",
            id,
            proposal,
            path,
            write,
            hash,
            before,
            undoes,
            intended,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store an intent")?;
        Ok(())
    }

    /// Moves a write on.
    pub async fn write_settle(&mut self, id: WriteId, state: &WriteState) -> Result<()> {
        let (id, word, landing) = (id.to_string(), state.word(), state.landing());
        let (settled, observed) = match state {
            WriteState::Intended => (None, None),
            WriteState::Unknown { at } | WriteState::Stale { at } | WriteState::Refused { at, .. } => (Some(*at), None),
            WriteState::Landed(landing) => (Some(landing.at), None),
            WriteState::Observed { landing, at } => (Some(landing.at), Some(at.micros())),
        };
        let (reason, answer) = match state {
            WriteState::Refused { reason, answer, .. } => (Some(reason.code()), Some(answer.as_str())),
            WriteState::Intended
            | WriteState::Unknown { .. }
            | WriteState::Landed(_)
            | WriteState::Observed { .. }
            | WriteState::Stale { .. } => (None, None),
        };
        let settled = settled.map(Timestamp::micros);
        let landed = landing.map(|landing| landing.update_time.micros());
        sqlx::query!(
            "update writes set state = ?, settled_us = ?, landed_us = ?, observed_us = ?, reason = ?, answer = ? where id = ?",
            word,
            settled,
            landed,
            observed,
            reason,
            answer,
            id,
        )
        .execute(&mut *self.inner)
        .await
        .doing("settle a write")?;
        Ok(())
    }
}

impl Store {
    /// One write.
    pub async fn write(&self, id: WriteId) -> Result<Option<WriteRecord>> {
        let id = id.to_string();
        let row = sqlx::query_as!(
            Row,
            "select id, proposal, write, content_hash, before, undoes, intended_us, state, settled_us, landed_us,
                 observed_us, reason, answer
             from writes where id = ?",
            id,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read a write")?;
        row.map(Row::record).transpose()
    }

    /// The write of a proposal.
    pub async fn write_of(&self, proposal: ProposalId) -> Result<Option<WriteRecord>> {
        let id = proposal.to_string();
        let write = sqlx::query_scalar!("select id from writes where proposal = ?", id)
            .fetch_optional(&self.readers)
            .await
            .doing("look for a proposal's write")?;
        match write {
            Some(write) => self.write(write.parse().column(TABLE)?).await,
            None => Ok(None),
        }
    }

    /// The ledger, newest first; of one state, if one is given.
    pub async fn writes(&self, state: Option<&str>, limit: u16) -> Result<Vec<WriteRecord>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, write, content_hash, before, undoes, intended_us, state, settled_us, landed_us,
                 observed_us, reason, answer
             from writes where ?1 is null or state = ?1 order by intended_us desc limit ?2",
            state,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list writes")?;
        rows.into_iter().map(Row::record).collect()
    }

    /// How many writes there are, and how many of them have no known end yet.
    pub async fn write_counts(&self) -> Result<(u64, u64)> {
        let row = sqlx::query!(
            r#"select count(*) as "all!: i64", count(*) filter (where state in ('intended', 'unknown')) as "open!: i64"
             from writes"#
        )
        .fetch_one(&self.readers)
        .await
        .doing("count writes")?;
        Ok((u64::try_from(row.all).column(TABLE)?, u64::try_from(row.open).column(TABLE)?))
    }

    /// Writes of which we don't know yet whether they landed, oldest first.
    pub async fn writes_open(&self, limit: u16) -> Result<Vec<WriteRecord>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            "select id, proposal, write, content_hash, before, undoes, intended_us, state, settled_us, landed_us,
                 observed_us, reason, answer
             from writes where state in ('intended', 'unknown') order by intended_us limit ?",
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
            "select id, proposal, write, content_hash, before, undoes, intended_us, state, settled_us, landed_us,
                 observed_us, reason, answer
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
            "select id, proposal, write, content_hash, before, undoes, intended_us, state, settled_us, landed_us,
                 observed_us, reason, answer
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
