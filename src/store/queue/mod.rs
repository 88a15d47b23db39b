//! The queue of proposals, page by page: lanes one after the other, each in the order of age.
//!
//! # Guarantees
//! * A page costs as many rows as it shows, however long the queue is.
//! * A page begins beside a proposal, not at a number: what came or went in the meantime moves nobody's place.

use std::collections::BTreeMap;

use crate::domain::capability::CapabilityId;
use crate::domain::ids::{DocPath, ProposalId, Uid};
use crate::domain::ledger::WriteRecord;
use crate::store::{Column as _, Doing as _, Result, Store};

const TABLE: &str = "proposals";

/// Proposals that stand together in the queue: before all of the next lane, after all of the lane before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The words of their states.
    pub states: &'static [&'static str],
    /// Their capabilities; `None`: of any.
    pub capabilities: Option<Vec<CapabilityId>>,
    /// Of whom, and for whom.
    pub whose: Whose,
}

/// Of whom proposals are, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// Only those of programs, or only those of people.
    pub of_programs: Option<bool>,
    /// Only those that wait for a word of this person, or only those that don't.
    pub for_person: Option<(Uid, bool)>,
}

/// Which end of a lane comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// What was proposed first.
    Oldest,
    /// What was proposed last.
    Newest,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Just after this proposal.
    After(ProposalId),
    /// So that it ends just before this proposal.
    Before(ProposalId),
}

/// A part of the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueuePage {
    /// The proposals, in the queue's order.
    pub ids: Vec<ProposalId>,
    /// Are there any before?
    pub has_before: bool,
    /// Are there any after?
    pub has_after: bool,
}

/// A proposal's place within its lane.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    created_us: i64,
    id: String,
}

/// What a proposal's place depends on.
struct Known {
    place: Place,
    state: String,
    capability: String,
    is_programs: bool,
    proposer: String,
    round: i64,
}

impl Age {
    const fn turned(self) -> Self {
        match self {
            Self::Oldest => Self::Newest,
            Self::Newest => Self::Oldest,
        }
    }
}

impl Store {
    /// How many proposals there are by the word of their state and their capability.
    pub async fn proposals_counted(&self) -> Result<BTreeMap<(String, CapabilityId), u64>> {
        sqlx::query!("select state, capability, proposals from proposals_counted where proposals > 0")
            .fetch_all(&self.readers)
            .await
            .doing("read how many proposals there are")?
            .into_iter()
            .map(|row| {
                let capability = CapabilityId::parse(&row.capability).column("proposals_counted")?;
                Ok(((row.state, capability), row.proposals.cast_unsigned()))
            })
            .collect()
    }

    /// Up to `limit` proposals of these lanes.
    pub async fn queue_page(&self, lanes: &[Lane], age: Age, turn: Option<Turn>, limit: usize) -> Result<QueuePage> {
        let (cursor, forwards) = match turn {
            None => (None, true),
            Some(Turn::After(id)) => (Some(id), true),
            Some(Turn::Before(id)) => (Some(id), false),
        };
        let begin = match cursor {
            Some(id) => self.place_of(id, lanes).await?,
            None => None,
        };
        let order = if forwards { age } else { age.turned() };
        let mut found: Vec<ProposalId> = Vec::new();
        let rest: Vec<(&Lane, Option<&Place>)> = match &begin {
            None => lanes.iter().map(|lane| (lane, None)).collect(),
            Some((at, place)) if forwards => lanes
                .iter()
                .enumerate()
                .filter(|(index, _)| index >= at)
                .map(|(index, lane)| (lane, (index == *at).then_some(place)))
                .collect(),
            Some((at, place)) => lanes
                .iter()
                .enumerate()
                .filter(|(index, _)| index <= at)
                .map(|(index, lane)| (lane, (index == *at).then_some(place)))
                .rev()
                .collect(),
        };
        for (lane, from) in rest {
            let missing = (limit + 1).saturating_sub(found.len());
            if missing == 0 {
                break;
            }
            found.extend(self.lane(lane, order, from, missing).await?);
        }
        let is_more = found.len() > limit;
        found.truncate(limit);
        let beside = begin.is_some();
        Ok(if forwards {
            QueuePage { ids: found, has_before: beside, has_after: is_more }
        } else {
            found.reverse();
            QueuePage { ids: found, has_before: is_more, has_after: beside }
        })
    }

    /// The first write of each of these proposals that has become one.
    pub async fn writes_first_of(&self, proposals: &[ProposalId]) -> Result<BTreeMap<ProposalId, WriteRecord>> {
        let mut first: BTreeMap<ProposalId, WriteRecord> = BTreeMap::new();
        for record in self.writes_of_all(proposals).await? {
            first.entry(record.proposal).or_insert(record);
        }
        Ok(first)
    }

    /// The proposals that are about this document or write it, newest first.
    pub async fn proposals_about(&self, document: &DocPath, limit: u16) -> Result<Vec<ProposalId>> {
        let (path, limit) = (document.as_str(), i64::from(limit));
        sqlx::query_scalar!(
            r#"select id as "id!" from proposals where id in (
                   select proposal from changes where path = ?1 union select proposal from changes where subject = ?1
               ) order by created_us desc limit ?2"#,
            path,
            limit,
        )
        .fetch_all(&self.readers)
        .await
        .doing("look for the proposals about a document")?
        .iter()
        .map(|id| id.parse().column(TABLE))
        .collect()
    }

    /// The first of a lane, those after `from`.
    async fn lane(&self, lane: &Lane, age: Age, from: Option<&Place>, limit: usize) -> Result<Vec<ProposalId>> {
        let any = [None];
        let named: Vec<Option<&str>>;
        let capabilities = match &lane.capabilities {
            None => &any[..],
            Some(ids) => {
                named = ids.iter().map(|id| Some(id.as_str())).collect();
                named.as_slice()
            }
        };
        let mut found: Vec<Place> = Vec::new();
        for state in lane.states {
            for capability in capabilities {
                found.extend(self.leg((state, *capability), &lane.whose, (age, from), limit).await?);
            }
        }
        found.sort();
        if age == Age::Newest {
            found.reverse();
        }
        found.truncate(limit);
        found.iter().map(|place| place.id.parse().column(TABLE)).collect()
    }

    /// The first of one state and capability, those after `from`.
    async fn leg(
        &self,
        (state, capability): (&str, Option<&str>),
        whose: &Whose,
        (age, from): (Age, Option<&Place>),
        limit: usize,
    ) -> Result<Vec<Place>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let programs = whose.of_programs;
        let (person, wanted) = match &whose.for_person {
            Some((person, wanted)) => (Some(format!(":{person}")), *wanted),
            None => (None, true),
        };
        let (from_us, from_id) = match (from, age) {
            (Some(place), _) => (place.created_us, place.id.as_str()),
            (None, Age::Oldest) => (i64::MIN, ""),
            (None, Age::Newest) => (i64::MAX, ""),
        };
        macro_rules! leg {
            ($sql:tt) => {
                sqlx::query_as!(Place, $sql, state, capability, from_us, from_id, programs, person, wanted, limit)
                    .fetch_all(&self.readers)
                    .await
            };
        }
        let found = match (age, capability) {
            (Age::Oldest, Some(_)) => leg!(
                r#"select created_us as "created_us!", id as "id!" from proposals p
                   where state = ?1 and capability = ?2 and (created_us, id) > (?3, ?4)
                       and (?5 is null or (delegation is not null) = ?5)
                       and (?6 is null or (state = 'waiting' and substr(proposer, -length(?6)) <> ?6 and not exists (
                           select 1 from verdicts v where v.proposal = p.id and v.round = p.round and substr(v.actor, -length(?6)) = ?6
                       )) = ?7)
                   order by created_us, id limit ?8"#
            ),
            (Age::Newest, Some(_)) => leg!(
                r#"select created_us as "created_us!", id as "id!" from proposals p
                   where state = ?1 and capability = ?2 and (created_us, id) < (?3, ?4)
                       and (?5 is null or (delegation is not null) = ?5)
                       and (?6 is null or (state = 'waiting' and substr(proposer, -length(?6)) <> ?6 and not exists (
                           select 1 from verdicts v where v.proposal = p.id and v.round = p.round and substr(v.actor, -length(?6)) = ?6
                       )) = ?7)
                   order by created_us desc, id desc limit ?8"#
            ),
            (Age::Oldest, None) => leg!(
                r#"select created_us as "created_us!", id as "id!" from proposals p
                   where state = ?1 and ?2 is null and (created_us, id) > (?3, ?4)
                       and (?5 is null or (delegation is not null) = ?5)
                       and (?6 is null or (state = 'waiting' and substr(proposer, -length(?6)) <> ?6 and not exists (
                           select 1 from verdicts v where v.proposal = p.id and v.round = p.round and substr(v.actor, -length(?6)) = ?6
                       )) = ?7)
                   order by created_us, id limit ?8"#
            ),
            (Age::Newest, None) => leg!(
                r#"select created_us as "created_us!", id as "id!" from proposals p
                   where state = ?1 and ?2 is null and (created_us, id) < (?3, ?4)
                       and (?5 is null or (delegation is not null) = ?5)
                       and (?6 is null or (state = 'waiting' and substr(proposer, -length(?6)) <> ?6 and not exists (
                           select 1 from verdicts v where v.proposal = p.id and v.round = p.round and substr(v.actor, -length(?6)) = ?6
                       )) = ?7)
                   order by created_us desc, id desc limit ?8"#
            ),
        };
        found.doing("read the queue of proposals")
    }

    /// The lane of a proposal and its place there; of one that has left the queue, the place that it would have.
    async fn place_of(&self, id: ProposalId, lanes: &[Lane]) -> Result<Option<(usize, Place)>> {
        let text = id.to_string();
        let row = sqlx::query!(
            r#"select created_us, state, capability, proposer, round, delegation is not null as "is_programs!: bool"
               from proposals where id = ?"#,
            text
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for a proposal's place")?;
        let Some(row) = row else { return Ok(None) };
        let known = Known {
            place: Place { created_us: row.created_us, id: text },
            state: row.state,
            capability: row.capability,
            is_programs: row.is_programs,
            proposer: row.proposer,
            round: row.round,
        };
        for (at, lane) in lanes.iter().enumerate() {
            if lane.may_hold(&known) && self.is_whose(&known, &lane.whose).await? {
                return Ok(Some((at, known.place)));
            }
        }
        let alike = lanes.iter().position(|lane| lane.is_of(&known.capability));
        Ok(alike.map(|at| (at, known.place)))
    }

    async fn is_whose(&self, known: &Known, whose: &Whose) -> Result<bool> {
        let Some((person, wanted)) = &whose.for_person else { return Ok(true) };
        let is_own = known.proposer.ends_with(&format!(":{person}"));
        let (id, tail) = (known.place.id.as_str(), format!(":{person}"));
        let has_spoken = sqlx::query_scalar!(
            r#"select exists (select 1 from verdicts where proposal = ?1 and round = ?2 and substr(actor, -length(?3)) = ?3) as "spoken!: bool""#,
            id,
            known.round,
            tail,
        )
        .fetch_one(&self.readers)
        .await
        .doing("look whether somebody has decided")?;
        Ok((known.state == "waiting" && !is_own && !has_spoken) == *wanted)
    }
}

impl Lane {
    fn is_of(&self, capability: &str) -> bool {
        self.capabilities.as_ref().is_none_or(|ids| ids.iter().any(|id| id.as_str() == capability))
    }

    fn may_hold(&self, known: &Known) -> bool {
        self.states.contains(&known.state.as_str())
            && self.is_of(&known.capability)
            && self.whose.of_programs.is_none_or(|programs| programs == known.is_programs)
    }
}

#[cfg(test)]
mod tests;
