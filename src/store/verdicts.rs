//! Table `verdicts`: what people decided about proposals.

use std::collections::BTreeMap;

use crate::domain::actor::Person;
use crate::domain::ids::ProposalId;
use crate::domain::proposal::{Choice, GivenReason, RejectionCode, Verdict};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

impl Tx {
    /// Stores a person's decision.
    pub async fn verdict_insert(&mut self, proposal: ProposalId, verdict: &Verdict) -> Result<()> {
        let (id, actor, choice) = (proposal.to_string(), verdict.by.to_string(), verdict.choice.word());
        let (reason, hash, at) =
            (verdict.reason.as_str(), verdict.content_hash.bytes().as_slice(), verdict.at.micros());
        let code = verdict.code.map(RejectionCode::word);
        sqlx::query!(
            "insert into verdicts (proposal, round, actor, actor_name, choice, code, reason, content_hash, at_us)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id,
            verdict.round,
            actor,
            verdict.by.name,
            choice,
            code,
            reason,
            hash,
            at,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store a decision")?;
        Ok(())
    }

    /// The decisions about a proposal, as this transaction sees them, oldest first.
    pub async fn verdicts(&mut self, proposal: ProposalId) -> Result<Vec<Verdict>> {
        Ok(verdicts_of(&mut *self.inner, &[proposal]).await?.remove(&proposal).unwrap_or_default())
    }

    /// The decisions about these proposals, as this transaction sees them, each's oldest first.
    pub async fn verdicts_of(&mut self, proposals: &[ProposalId]) -> Result<BTreeMap<ProposalId, Vec<Verdict>>> {
        verdicts_of(&mut *self.inner, proposals).await
    }
}

impl Store {
    /// The decisions about a proposal, oldest first.
    pub async fn verdicts(&self, proposal: ProposalId) -> Result<Vec<Verdict>> {
        Ok(self.verdicts_of(&[proposal]).await?.remove(&proposal).unwrap_or_default())
    }

    /// The decisions about these proposals, each's oldest first.
    pub async fn verdicts_of(&self, proposals: &[ProposalId]) -> Result<BTreeMap<ProposalId, Vec<Verdict>>> {
        verdicts_of(&self.readers, proposals).await
    }
}

async fn verdicts_of<'e>(
    executor: impl sqlx::Executor<'e, Database = sqlx::Sqlite>,
    proposals: &[ProposalId],
) -> Result<BTreeMap<ProposalId, Vec<Verdict>>> {
    const TABLE: &str = "verdicts";
    let ids = serde_json::to_string(proposals).expect("BUG: a list of texts is JSON");
    let rows = sqlx::query!(
        "select proposal, round, actor, actor_name, choice, code, reason, content_hash, at_us from verdicts
         where proposal in (select value from json_each(?)) order by id",
        ids,
    )
    .fetch_all(executor)
    .await
    .doing("read the decisions about proposals")?;
    let mut verdicts: BTreeMap<ProposalId, Vec<Verdict>> = BTreeMap::new();
    for row in rows {
        let verdict = Verdict {
            by: Person::parse(&row.actor, &row.actor_name).ok_or("an actor is none").column(TABLE)?,
            choice: Choice::parse(&row.choice).ok_or("a choice is none").column(TABLE)?,
            code: match row.code {
                Some(code) => Some(RejectionCode::parse(&code).ok_or("a code is none").column(TABLE)?),
                None => None,
            },
            reason: GivenReason::parse(&row.reason).column(TABLE)?,
            round: u32::try_from(row.round).column(TABLE)?,
            content_hash: hash_column(&row.content_hash, TABLE)?,
            at: Timestamp::from_micros(row.at_us),
        };
        verdicts.entry(row.proposal.parse().column(TABLE)?).or_default().push(verdict);
    }
    Ok(verdicts)
}
