//! Table `proposals`: what was asked for.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::domain::actor::Person;
use crate::domain::agent::KeyPrefix;
use crate::domain::capability::CapabilityId;
use crate::domain::change::{Change, Changes};
use crate::domain::ids::{ProposalId, Uid, WriteId};
use crate::domain::proposal::{Behalf, GivenReason, Proposal, ProposalState};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::changes::changes_of;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "proposals";

struct Row {
    id: String,
    capability: String,
    summary: String,
    reason: String,
    proposer: String,
    proposer_name: String,
    owner: String,
    delegation: Option<String>,
    agent_key: Option<String>,
    finding: Option<String>,
    created_us: i64,
    expires_us: i64,
    state: String,
    state_reason: Option<String>,
    state_us: i64,
    round: i64,
    held: Option<String>,
}

impl Row {
    fn behalf(&mut self) -> Result<Option<Behalf>> {
        let Some(delegation) = self.delegation.take() else { return Ok(None) };
        let key = self.agent_key.take().as_deref().and_then(KeyPrefix::parse);
        let owner = Uid::parse(std::mem::take(&mut self.owner)).column(TABLE)?;
        Ok(Some(Behalf { owner, delegation, key: key.ok_or("an agent's key is none").column(TABLE)? }))
    }

    fn proposal(mut self, changes: Vec<Change>) -> Result<Proposal> {
        let behalf = self.behalf()?;
        Ok(Proposal {
            behalf,
            changes: Changes::parse(changes).column(TABLE)?,
            id: self.id.parse().column(TABLE)?,
            capability: CapabilityId::parse(&self.capability).column(TABLE)?,
            summary: self.summary,
            reason: GivenReason::parse(&self.reason).column(TABLE)?,
            proposer: Person::parse(&self.proposer, &self.proposer_name).ok_or("a proposer is none").column(TABLE)?,
            created: Timestamp::from_micros(self.created_us),
            expires: Timestamp::from_micros(self.expires_us),
            finding: self.finding,
            state: ProposalState::parse(&self.state, self.state_reason.as_deref())
                .ok_or("a state is none")
                .column(TABLE)?,
            state_since: Timestamp::from_micros(self.state_us),
            round: u32::try_from(self.round).column(TABLE)?,
            held: match self.held {
                Some(code) => Some(Reason::parse(&code).ok_or("a reason is none").column(TABLE)?),
                None => None,
            },
        })
    }
}

impl Tx {
    /// Stores a new proposal, unless the same form was sent before: then the proposal that it made.
    pub async fn proposal_insert(
        &mut self,
        proposal: &Proposal,
        request_key: Option<&str>,
    ) -> Result<Option<ProposalId>> {
        if let Some(key) = request_key
            && let Some(same) = self.proposal_by_request(key).await?
        {
            return Ok(Some(same));
        }
        let id = proposal.id.to_string();
        let (hash, capability) = (proposal.content_hash(), proposal.capability.as_str());
        let (hash, reason, proposer) =
            (hash.bytes().as_slice(), proposal.reason.as_str(), proposal.proposer.to_string());
        let behalf = proposal.behalf.as_ref();
        let owner = proposal.owner().as_str();
        let delegation = behalf.map(|behalf| behalf.delegation.as_str());
        let key = behalf.map(|behalf| behalf.key.as_str());
        let (created, expires) = (proposal.created.micros(), proposal.expires.micros());
        let (state, since) = (proposal.state.word(), proposal.state_since.micros());
        sqlx::query!(
            "insert into proposals (id, request_key, capability, content_hash, summary, reason, proposer, proposer_name,
                 owner, delegation, agent_key, finding, created_us, expires_us, state, state_us, round)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id,
            request_key,
            capability,
            hash,
            proposal.summary,
            reason,
            proposer,
            proposal.proposer.name,
            owner,
            delegation,
            key,
            proposal.finding,
            created,
            expires,
            state,
            since,
            proposal.round,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store a proposal")?;
        self.changes_insert(proposal.id, &proposal.changes).await?;
        Ok(None)
    }

    /// The proposal that the same request made before.
    pub async fn proposal_by_request(&mut self, key: &str) -> Result<Option<ProposalId>> {
        let id = sqlx::query_scalar!("select id from proposals where request_key = ?", key)
            .fetch_optional(&mut *self.inner)
            .await
            .doing("look for the same request")?;
        id.map(|id| id.parse().column(TABLE)).transpose()
    }

    /// One proposal, as this transaction sees it.
    pub async fn proposal(&mut self, id: ProposalId) -> Result<Option<Proposal>> {
        Ok(proposals_of(&mut self.inner, &[id]).await?.pop())
    }

    /// These proposals, as this transaction sees them, in the order asked for. Those that are not there are left out.
    pub async fn proposals_of(&mut self, ids: &[ProposalId]) -> Result<Vec<Proposal>> {
        proposals_of(&mut self.inner, ids).await
    }

    /// Moves a proposal on.
    pub async fn proposal_move(&mut self, id: ProposalId, state: ProposalState, now: Timestamp) -> Result<()> {
        self.proposals_move(&[id], state, now).await
    }

    /// The same, of several.
    pub async fn proposals_move(&mut self, ids: &[ProposalId], state: ProposalState, now: Timestamp) -> Result<()> {
        let (word, since) = (state.word(), now.micros());
        let ids = serde_json::to_string(ids).expect("BUG: a list of texts is JSON");
        let reason = if let ProposalState::Denied(reason) = state { Some(reason.code()) } else { None };
        sqlx::query!(
            "update proposals set state = ?, state_reason = ?, state_us = ?, held = null
             where id in (select value from json_each(?))",
            word,
            reason,
            since,
            ids,
        )
        .execute(&mut *self.inner)
        .await
        .doing("move proposals")?;
        Ok(())
    }

    /// Until when a proposal may be used from now on.
    pub async fn proposal_expires(&mut self, id: ProposalId, expires: Timestamp) -> Result<()> {
        let (id, expires) = (id.to_string(), expires.micros());
        sqlx::query!("update proposals set expires_us = ? where id = ?", expires, id)
            .execute(&mut *self.inner)
            .await
            .doing("set when a proposal expires")?;
        Ok(())
    }

    /// Opens a proposal again: it waits, and is decided anew.
    pub async fn proposal_reopen(&mut self, id: ProposalId, expires: Timestamp, now: Timestamp) -> Result<()> {
        self.proposal_move(id, ProposalState::Waiting, now).await?;
        self.proposal_expires(id, expires).await?;
        let id = id.to_string();
        sqlx::query!("update proposals set round = round + 1 where id = ?", id)
            .execute(&mut *self.inner)
            .await
            .doing("open a proposal again")?;
        Ok(())
    }

    /// Records why an approved proposal is held back; says whether that is news.
    pub async fn proposal_hold(&mut self, id: ProposalId, reason: Reason) -> Result<bool> {
        let (id, code) = (id.to_string(), reason.code());
        let done = sqlx::query!("update proposals set held = ?1 where id = ?2 and held is not ?1", code, id)
            .execute(&mut *self.inner)
            .await
            .doing("hold a proposal back")?;
        Ok(done.rows_affected() > 0)
    }

    /// Has an undo of this write been proposed that may still come, or has come?
    pub async fn undo_of(&mut self, write: WriteId) -> Result<Option<ProposalId>> {
        undo_of(&mut *self.inner, write).await
    }
}

impl Store {
    /// One proposal.
    pub async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>> {
        Ok(self.proposals_of(&[id]).await?.pop())
    }

    /// These proposals, in the order asked for. Those that are not there are left out.
    pub async fn proposals_of(&self, ids: &[ProposalId]) -> Result<Vec<Proposal>> {
        let mut reader = self.readers.acquire().await.doing("read proposals")?;
        proposals_of(&mut reader, ids).await
    }

    /// How many proposals are open, and how many are over.
    pub async fn proposal_counts(&self) -> Result<(u64, u64)> {
        let row = sqlx::query!(
            r#"select ifnull(sum(proposals) filter (where state in ('waiting', 'approved')), 0) as "open!: i64",
                   ifnull(sum(proposals), 0) as "all!: i64"
             from proposals_counted"#
        )
        .fetch_one(&self.readers)
        .await
        .doing("count proposals")?;
        let (open, all) = (u64::try_from(row.open).column(TABLE)?, u64::try_from(row.all).column(TABLE)?);
        Ok((open, all - open))
    }

    /// Proposals that the push job may take, oldest first: those that are approved, and those that wait while an exemption
    /// stands in for their approvals. Those that are held back come last.
    pub async fn proposals_ready(&self, now: Timestamp, limit: u16) -> Result<Vec<ProposalId>> {
        let (now, limit) = (now.micros(), i64::from(limit));
        let ids = sqlx::query_scalar!(
            "select p.id from proposals p
             where p.state = 'approved' or (p.state = 'waiting' and exists (
                 select 1 from exemptions x
                 where x.capability = p.capability and x.expires_us > ?1
                     and x.owner = p.owner
                     and not exists (select 1 from changes c
                         where c.proposal = p.id and (c.place > 1 or c.subject is not ifnull(x.resource, c.subject)))
                     and not exists (select 1 from exemption_events e
                         where e.exemption = x.id and e.what in ('revoked', 'expired'))))
             order by p.held is not null, p.state_us limit ?2",
            now,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("list approved proposals")?;
        ids.iter().map(|id| id.parse().column(TABLE)).collect()
    }

    /// Open proposals whose time is over.
    pub async fn proposals_overdue(&self, now: Timestamp, limit: u16) -> Result<Vec<ProposalId>> {
        let (now, limit) = (now.micros(), i64::from(limit));
        let ids = sqlx::query_scalar!(
            "select id from proposals where state in ('waiting', 'approved') and expires_us <= ? order by expires_us limit ?",
            now,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("list overdue proposals")?;
        ids.iter().map(|id| id.parse().column(TABLE)).collect()
    }

    /// The proposal to take this write back that may still come, or has come.
    pub async fn undo_of(&self, write: WriteId) -> Result<Option<ProposalId>> {
        undo_of(&self.readers, write).await
    }

    /// The newest proposal made from a finding that may still lead to a write.
    pub async fn proposal_from_finding(&self, finding: &str) -> Result<Option<ProposalId>> {
        let id = sqlx::query_scalar!(
            "select id from proposals where finding = ? and state in ('waiting', 'approved', 'sent')
             order by created_us desc limit 1",
            finding,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for a proposal of a finding")?;
        id.map(|id| id.parse().column(TABLE)).transpose()
    }
}

async fn undo_of<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    write: WriteId,
) -> Result<Option<ProposalId>> {
    let write = write.to_string();
    let id = sqlx::query_scalar!(
        "select p.id from changes c join proposals p on p.id = c.proposal
             left join writes w on w.proposal = c.proposal and w.place = c.place
         where c.undoes = ? and (p.state in ('waiting', 'approved') or w.state in ('intended', 'unknown', 'landed', 'observed'))
         order by p.created_us desc limit 1",
        write,
    )
    .fetch_optional(executor)
    .await
    .doing("look for an undo")?;
    id.map(|id| id.parse().column(TABLE)).transpose()
}

async fn proposals_of(from: &mut SqliteConnection, ids: &[ProposalId]) -> Result<Vec<Proposal>> {
    let wanted = serde_json::to_string(ids).expect("BUG: a list of texts is JSON");
    let rows = sqlx::query_as!(
        Row,
        "select id, capability, summary, reason, proposer, proposer_name, owner, delegation, agent_key, finding,
             created_us, expires_us, state, state_reason, state_us, round, held
         from proposals where id in (select value from json_each(?))",
        wanted,
    )
    .fetch_all(&mut *from)
    .await
    .doing("read proposals")?;
    let mut changes = changes_of(from, &wanted).await?;
    let mut found: BTreeMap<String, Proposal> = BTreeMap::new();
    for row in rows {
        let (id, changes) = (row.id.clone(), changes.remove(&row.id).unwrap_or_default());
        found.insert(id, row.proposal(changes)?);
    }
    Ok(ids.iter().filter_map(|id| found.remove(&id.to_string())).collect())
}
