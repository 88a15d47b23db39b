//! The audit log.

use studio_cockpit::model::audit::{self, AuditDetail, AuditEntry, AuditFilter, AuditLog, Chain, Link, Verdict};
use studio_cockpit::model::trouble::Unanswered;

use crate::domain::audit::{Action, Entry, Target};
use crate::domain::reason::Reason;
use crate::store::audit::{AuditQuery, ChainState};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;

/// How many entries one page shows.
const PAGE: u16 = 50;

/// The fact under which an event keeps a person's reason.
const REASON: &str = "reason";

impl Cockpit {
    pub(super) async fn audit_page(&self, filter: &AuditFilter) -> AuditLog {
        let query = AuditQuery {
            actor: filter.actor.clone(),
            action: filter.action.clone(),
            target: filter.target.clone(),
            allowed: filter.verdict.map(|verdict| match verdict {
                Verdict::Allow => true,
                Verdict::Deny => false,
            }),
            before: filter.before,
        };
        let found = self.store().audit_entries(&query, PAGE + 1).await;
        let mut found = self.panel("The audit log", found);
        let older = found.as_mut().ok().and_then(|entries| {
            let more = entries.len() > usize::from(PAGE);
            entries.truncate(usize::from(PAGE));
            if more { entries.last().map(|entry| entry.sequence) } else { None }
        });
        let now = self.now();
        let chain = self.store().audit_chain_since(now).await;
        let mut chain = self.panel("The tree of hashes", chain).map(|state| match state {
            ChainState::Holds { entries, walked, .. } => Chain::Holds { entries, at: walked.unwrap_or(now).to_jiff() },
            ChainState::Broken { sequence, .. } => Chain::Broken { sequence, at: now.to_jiff() },
        });
        // What is shown is looked at, whenever the whole log was walked along.
        let changed = found.iter().flatten().rev().find(|entry| !entry.is_intact);
        if let Some(changed) = changed {
            chain = Ok(Chain::Broken { sequence: changed.sequence, at: now.to_jiff() });
        }
        let actors = self.panel("The actors of the audit log", self.store().audit_actors().await);
        AuditLog {
            entries: found.map(|entries| entries.iter().map(entry).collect()),
            older,
            chain,
            actions: Action::ALL.iter().map(|action| action.word().to_owned()).collect(),
            // Without them the filter offers fewer choices; the trouble is logged.
            actors: actors.unwrap_or_default().iter().map(facts::actor).collect(),
        }
    }

    pub(super) async fn audit_entry_page(&self, sequence: u64) -> Result<AuditDetail, Unanswered> {
        let read = async |sequence: u64| {
            let found = self.store().audit_entry(sequence).await;
            self.panel("The audit log", found)
        };
        let found = read(sequence).await?;
        let found = found.ok_or_else(|| Unanswered::Missing { what: format!("Audit entry {sequence}") })?;
        let previous = if sequence > 1 { read(sequence - 1).await? } else { None };
        let next = read(sequence.saturating_add(1)).await?;
        let proof = self.store().audit_proof(sequence).await;
        let proof = self.panel("The proof of an entry", proof);
        let link = match &proof {
            Ok(Some(proof)) if found.is_intact && proof.holds() => Link::Holds,
            Ok(None) | Err(_) if found.is_intact => Link::NotChecked,
            Ok(_) | Err(_) => Link::Broken,
        };
        let event = &found.event;
        let details = event.details.iter().filter(|(name, _)| *name != REASON);
        Ok(AuditDetail {
            entry: entry(&found),
            studio: found.studio.to_string(),
            reason: event.details.get(REASON).cloned(),
            input_hash: event.input.map(|hash| hash.to_string()),
            output_hash: event.output.map(|hash| hash.to_string()),
            signed_with: proof.ok().flatten().map(|proof| proof.checkpoint.size()),
            link,
            previous: previous.map(|entry| entry.sequence),
            next: next.map(|entry| entry.sequence),
            details: details.map(|(name, text)| (name.clone(), text.clone())).collect(),
        })
    }
}

fn entry(entry: &Entry) -> AuditEntry {
    let event = &entry.event;
    AuditEntry {
        sequence: entry.sequence,
        at: event.at.to_jiff(),
        actor: facts::actor(&event.actor),
        action: event.action.word().to_owned(),
        target: match &event.target {
            Target::Service => None,
            Target::Session(id) => Some(audit::Target::Other(format!("session {id}"))),
            Target::Proposal(id) => Some(audit::Target::Proposal(id.to_string())),
            Target::Write(id) => Some(audit::Target::Write(id.to_string())),
            Target::Document(path) => Some(audit::Target::Document(path.to_string())),
            Target::Other(name) => Some(audit::Target::Other(name.clone())),
        },
        verdict: if event.reason == Reason::Ok { Verdict::Allow } else { Verdict::Deny },
        reason_code: event.reason.code().to_owned(),
        hash: entry.hash.to_string(),
    }
}
