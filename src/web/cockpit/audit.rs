//! The audit log.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use studio_cockpit::model::audit::{
    self, AuditDetail, AuditEntry, AuditFilter, AuditLog, Chain, DocumentChange, Link, Proof, Seal, TimeField, Verdict,
};
use studio_cockpit::model::facts::May;
use studio_cockpit::model::trouble::Unanswered;

use crate::domain::actor::ActorKind;
use crate::domain::audit::{Action, Entry, Target};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::audit::{AnchorStanding, AuditQuery, ChainState};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::proposals::effect_on;

/// How many entries one page shows.
const PAGE: u16 = 50;

/// How many entries are walked along at most to say whether the log holds: the seal job walks along all of it.
pub(super) const WALKED_AT_MOST: u64 = 2_000;

/// The fact under which an event keeps a person's reason.
const REASON: &str = "reason";

/// What is wrong with a filter: which field, and a sentence.
pub(super) type Wrong = Vec<(TimeField, String)>;

/// May somebody of this kind take copies of the log?
pub(super) const fn may_export(kind: ActorKind) -> bool {
    match kind {
        ActorKind::Admin | ActorKind::Operator => true,
        ActorKind::Human | ActorKind::Staff | ActorKind::Agent | ActorKind::System => false,
    }
}

/// What a filter asks for, with times as they are meant in the studio's zone.
pub(super) fn query_of(filter: &AuditFilter, zone: &TimeZone) -> Result<AuditQuery, Wrong> {
    let mut wrong = Wrong::new();
    let mut moment = |field, text: &Option<String>| {
        let read = text.as_deref().map(|text| moment_of(text, field, zone));
        match read {
            Some(None) => {
                let rule = "Type a day such as 2026-03-18, or a time such as 2026-03-18T10:00.";
                wrong.push((field, rule.to_owned()));
                None
            }
            Some(moment) => moment,
            None => None,
        }
    };
    let (from, until) = (moment(TimeField::From, &filter.from), moment(TimeField::To, &filter.to));
    if from.is_some_and(|from| until.is_some_and(|until| until <= from)) {
        wrong.push((TimeField::To, "The end has to be after the beginning.".to_owned()));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let allowed = filter.verdict.map(|verdict| match verdict {
        Verdict::Allow => true,
        Verdict::Deny => false,
    });
    Ok(AuditQuery {
        actor: filter.actor.clone(),
        action: filter.action.clone(),
        target: filter.target.clone(),
        allowed,
        reason: filter.reason.clone(),
        from,
        until,
        before: filter.before,
        after: filter.after.filter(|_| filter.before.is_none()),
    })
}

/// A day or a time of the studio. An end includes the whole day or minute that was typed.
fn moment_of(text: &str, field: TimeField, zone: &TimeZone) -> Option<Timestamp> {
    let end = field == TimeField::To;
    let civil = if text.len() == "2026-03-18".len() {
        let day: Date = text.parse().ok()?;
        let day = if end { day.tomorrow().ok()? } else { day };
        day.to_datetime(Time::midnight())
    } else {
        let time: DateTime = text.parse().ok()?;
        if end { time.checked_add(SignedDuration::from_mins(1)).ok()? } else { time }
    };
    Some(civil.to_zoned(zone.clone()).ok()?.timestamp().into())
}

impl Cockpit {
    pub(super) async fn audit_page(&self, filter: &AuditFilter) -> Result<AuditLog, Unanswered> {
        let kind = self.viewer()?.kind();
        let asked = query_of(filter, &self.settings().zone);
        let found = match &asked {
            Ok(query) => self.store().audit_entries(query, PAGE + 1).await,
            Err(_) => Ok(Vec::new()),
        };
        let mut found = self.panel("The audit log", found);
        let (older, newer) = found.as_mut().map_or((None, None), |entries| neighbours(entries, filter));
        let now = self.now();
        let known = self.store().audit_chain_known(now, WALKED_AT_MOST).await;
        let mut chain = self.panel("The tree of hashes", known).map(|known| match known {
            Some((ChainState::Holds { entries, walked, .. }, at)) => {
                Chain::Holds { entries, at: walked.unwrap_or(at).to_jiff() }
            }
            Some((ChainState::Broken { sequence, .. }, at)) => Chain::Broken { sequence, at: at.to_jiff() },
            None => Chain::NotChecked,
        });
        // What is shown is looked at, whenever the whole log was walked along.
        let changed = found.iter().flatten().rev().find(|entry| !entry.is_intact);
        if let Some(changed) = changed {
            chain = Ok(Chain::Broken { sequence: changed.sequence, at: now.to_jiff() });
        }
        let seal = self.seal().await;
        // Without them the filter offers fewer choices; the trouble is logged.
        let actors = self.panel("The actors of the audit log", self.store().audit_actors().await);
        let reasons = self.panel("The denials of the audit log", self.store().audit_denials_known().await);
        Ok(AuditLog {
            entries: found.map(|entries| entries.iter().map(entry).collect()),
            older,
            newer,
            chain,
            seal: self.panel("How the log is sealed", seal),
            actions: Action::ALL.iter().map(|action| action.word().to_owned()).collect(),
            actors: actors.unwrap_or_default().iter().map(facts::actor).collect(),
            reasons: reasons.unwrap_or_default(),
            problems: asked.err().unwrap_or_default(),
            may_export: if may_export(kind) {
                May::Yes
            } else {
                May::No { why: "Only administrators may take copies of the audit log.".to_owned() }
            },
        })
    }

    async fn seal(&self) -> store::Result<Seal> {
        let (sealed, anchored) = (self.store().audit_sealed().await?, self.store().audit_newest_anchor().await?);
        let standing = self.store().audit_standing().await?;
        Ok(Seal {
            entries: self.store().audit_size().await?,
            sealed: sealed.map(|sealed| (sealed.checkpoint.size(), sealed.at.to_jiff())),
            anchored: anchored.and_then(|sealed| Some((sealed.checkpoint.size(), sealed.anchored?.to_jiff()))),
            standing: standing.as_ref().map(|standing| match standing.anchors {
                AnchorStanding::Consistent => audit::AnchorStanding::Consistent,
                AnchorStanding::Behind => audit::AnchorStanding::Behind,
                AnchorStanding::Forked => audit::AnchorStanding::Forked,
            }),
            looked: standing.as_ref().map(|standing| standing.checked.to_jiff()),
            trouble: standing.and_then(|standing| standing.trouble),
        })
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
        // The newest head is the one that a proof leads to.
        let sealed = self.panel("The newest signed head", self.store().audit_sealed().await);
        let told = match (&proof, sealed) {
            (Ok(Some(proof)), Ok(Some(sealed))) => Ok(Some(Proof {
                size: proof.inclusion.size,
                root: proof.checkpoint.root().to_string(),
                steps: proof.inclusion.path.len() as u64,
                sealed: sealed.at.to_jiff(),
                anchored: sealed.anchored.map(Timestamp::to_jiff),
            })),
            (Ok(_), Ok(_)) => Ok(None),
            (Err(trouble), _) => Err(trouble.clone()),
            (_, Err(trouble)) => Err(trouble),
        };
        let changes = self.panel("What the entry is about", self.changes_of(&found.event.target).await);
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
            proof: told,
            changes,
            previous: previous.map(|entry| entry.sequence),
            next: next.map(|entry| entry.sequence),
            details: details.map(|(name, text)| (name.clone(), text.clone())).collect(),
        })
    }

    /// The documents of a write or a proposal before and after, from the before-images of the ledger.
    async fn changes_of(&self, target: &Target) -> store::Result<Vec<DocumentChange>> {
        let records = match target {
            Target::Write(id) => self.store().write(*id).await?.into_iter().collect(),
            Target::Proposal(id) => self.store().writes_of(*id).await?,
            Target::Service | Target::Session(_) | Target::Document(_) | Target::Other(_) => Vec::new(),
        };
        let change = |record: &crate::domain::ledger::WriteRecord| DocumentChange {
            document: record.write.path().to_string(),
            changes: facts::changes(&effect_on(&record.write, record.before.as_ref()), facts::Extent::Short),
        };
        Ok(records.iter().map(change).collect())
    }
}

/// Keeps one page of what was found, and says where the pages before and after it begin.
fn neighbours(entries: &mut Vec<Entry>, filter: &AuditFilter) -> (Option<u64>, Option<u64>) {
    let upwards = filter.after.is_some() && filter.before.is_none();
    let more = entries.len() > usize::from(PAGE);
    if more && upwards {
        entries.remove(0);
    }
    entries.truncate(usize::from(PAGE));
    let ends = (entries.last().map(|entry| entry.sequence), entries.first().map(|entry| entry.sequence));
    // Where one came from, there is something.
    let (older, newer) = if upwards { (true, more) } else { (more, filter.before.is_some()) };
    (ends.0.filter(|_| older), ends.1.filter(|_| newer))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_studios_and_an_end_includes_its_day_or_minute() {
        let zone = TimeZone::get("America/Phoenix").expect("a zone");
        let query = |from: &str, to: &str| {
            let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let filter = AuditFilter { from: text(from), to: text(to), ..AuditFilter::default() };
            query_of(&filter, &zone)
        };
        let told = |asked: Result<AuditQuery, Wrong>| {
            let query = asked.expect("is right");
            [query.from, query.until].map(|at| at.map(|at| at.to_string()).unwrap_or_default())
        };
        let day = ["2026-03-18T07:00:00.000000Z", "2026-03-19T07:00:00.000000Z"].map(str::to_owned);
        assert_eq!(told(query("2026-03-18", "2026-03-18")), day);
        let minute = ["2026-03-18T17:00:00.000000Z", "2026-03-18T17:01:00.000000Z"].map(str::to_owned);
        assert_eq!(told(query("2026-03-18T10:00", "2026-03-18T10:00")), minute);
        assert_eq!(query("yesterday", "2026-03").expect_err("is wrong").len(), 2);
        let backwards = query("2026-03-18", "2026-03-17").expect_err("is wrong");
        assert_eq!(backwards[0].0, TimeField::To);
    }
}
