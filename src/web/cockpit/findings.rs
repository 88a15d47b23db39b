//! Findings as pages show them: one in a list, one on a page of its own, and what would mend it.

use std::time::Duration;

use studio_cockpit::model::drift::{
    Confidence, FieldFact, Finding, FindingDetail, FindingKind, FindingState, Fix, Ignored,
};
use studio_cockpit::model::trouble::Unanswered;
use uuid::Uuid;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::capability::shipped;
use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::finding::{self, Ignore, KnownFinding, Standing};
use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::{RESERVATIONS, ReservationStatus};
use crate::store;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::naming::Names;

/// What a finding's fix would propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FixPlan {
    pub(super) capability: &'static str,
    pub(super) document: DocPath,
    pub(super) status: ReservationStatus,
}

/// What it takes to say where a finding stands.
#[derive(Clone, Debug)]
pub(super) struct Judging {
    pub(super) check: Option<store::findings::Check>,
    pub(super) ignores: Vec<Ignore>,
    pub(super) good_for: Duration,
}

impl Cockpit {
    /// One finding on a page of its own.
    pub(super) async fn finding_page(&self, id: &str) -> Result<FindingDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: format!("Finding {id}") };
        let trouble = |cause| Unanswered::Trouble(self.trouble("The finding", cause));
        let uuid = Uuid::try_parse(id).map_err(|_| missing())?;
        let known = self.store().finding(uuid).await.map_err(trouble)?.ok_or_else(missing)?;
        let check = self.store().check_last().await.map_err(trouble)?;
        let judging = self.judging(check.as_ref()).await.map_err(trouble)?;
        Ok(FindingDetail { finding: self.finding(&known, &judging).await.map_err(trouble)? })
    }

    /// The names that this viewer may read in full.
    pub(super) fn names(&self) -> Names {
        match self.viewer().map(Actor::kind) {
            Ok(ActorKind::Admin | ActorKind::Operator) => Names::Whole,
            Ok(ActorKind::Staff | ActorKind::Human | ActorKind::Agent | ActorKind::System) | Err(_) => Names::Short,
        }
    }

    pub(super) async fn finding(&self, known: &KnownFinding, judging: &Judging) -> store::Result<Finding> {
        let (finding, names) = (&known.finding, self.names());
        let (differ, rest): (Vec<FieldChange>, Vec<FieldChange>) =
            finding.changes.iter().map(|change| names.change(change)).partition(|change| change.before != change.after);
        let fact = |change: &FieldChange| FieldFact {
            field: change.path.to_string(),
            value: change.before.as_ref().map_or_else(|| "missing".to_owned(), facts::words_shortly),
        };
        Ok(Finding {
            id: known.id.to_string(),
            kind: kind(finding.kind),
            collection: finding.collection.to_string(),
            document: finding.path.as_ref().map(|path| names.path(path)),
            title: match finding.path.as_ref().filter(|path| names.path(path) == path.as_str()) {
                Some(path) => self.title(path).await,
                None => None,
            },
            summary: finding.summary.clone(),
            since: known.since.to_jiff(),
            looked_at: known.looked.to_jiff(),
            state: state(known, judging, self.now()),
            changes: facts::changes(&differ, facts::Extent::Short),
            fix: self.fix(known).await?,
            write_id: finding.write.map(|id| id.to_string()),
            rule: finding.rule.clone(),
            facts: rest.iter().map(fact).collect(),
            evidence: finding.evidence.iter().map(|path| names.path(path)).collect(),
            confidence: match finding.confidence {
                finding::Confidence::High => Confidence::High,
                finding::Confidence::Medium => Confidence::Medium,
                finding::Confidence::Low => Confidence::Low,
            },
            as_of: finding.as_of.map(Timestamp::to_jiff),
        })
    }

    async fn fix(&self, known: &KnownFinding) -> store::Result<Fix> {
        if let Some(proposal) = self.store().proposal_from_finding(&known.id.to_string()).await? {
            return Ok(Fix::Proposed { proposal_id: proposal.to_string() });
        }
        Ok(if self.fix_plan(known).await?.is_some() { Fix::Propose } else { Fix::None })
    }

    /// Does it stand open, with a fix that can be proposed and was not?
    pub(super) async fn is_fixable(&self, known: &KnownFinding, judging: &Judging) -> store::Result<bool> {
        let is_open = state(known, judging, self.now()) == FindingState::Open;
        Ok(is_open && self.fix(known).await? == Fix::Propose)
    }

    /// What a proposal made from this finding would ask for, if a capability covers it.
    pub(super) async fn fix_plan(&self, known: &KnownFinding) -> store::Result<Option<FixPlan>> {
        let Some(path) = known.finding.path.as_ref().filter(|_| known.resolved.is_none()) else { return Ok(None) };
        if path.collection().as_str() != RESERVATIONS || !path.is_root() {
            return Ok(None);
        }
        let held = self.store().document(path).await?;
        Ok(held.and_then(|held| plan(known, &held.document)))
    }
}

fn state(known: &KnownFinding, judging: &Judging, now: Timestamp) -> FindingState {
    let untold = unjudged(known, judging.check.as_ref());
    match known.standing(&judging.ignores, untold, judging.good_for, now) {
        Standing::InSync => FindingState::Resolved { at: known.resolved.unwrap_or(known.looked).to_jiff() },
        Standing::Drifted => FindingState::Open,
        Standing::Stale => FindingState::Stale,
        Standing::Unknown { why } => FindingState::CouldNotTell { why },
        Standing::Ignored(rule) => FindingState::Ignored(Ignored {
            rule_id: rule.id.to_string(),
            by: rule.by.name.clone(),
            reason: rule.reason.as_str().to_owned(),
            until: rule.expires.to_jiff(),
        }),
    }
}

fn plan(known: &KnownFinding, document: &Document) -> Option<FixPlan> {
    let current = document.fields.get("status").and_then(Value::as_text)?;
    let allowed = ReservationStatus::allowed_from(current);
    let status = match known.finding.kind {
        finding::FindingKind::UnknownWord if known.finding.rule.as_deref() == Some("status") => {
            allowed.first().copied()?
        }
        finding::FindingKind::WriteOverwritten => {
            let ours = known.finding.changes.iter().find(|change| change.path == FieldPath::top("status"))?;
            let ours = ReservationStatus::parse(ours.before.as_ref()?.as_text()?)?;
            // Where our status may not come back, another one may still be proposed.
            allowed.iter().copied().find(|status| *status == ours).or(allowed.first().copied())?
        }
        finding::FindingKind::UnknownWord
        | finding::FindingKind::MirrorDiffers
        | finding::FindingKind::MissingInMirror
        | finding::FindingKind::ExtraInMirror
        | finding::FindingKind::CountDiffers
        | finding::FindingKind::FlagsDisagree
        | finding::FindingKind::NumberDiffers
        | finding::FindingKind::NewField
        | finding::FindingKind::WrongType
        | finding::FindingKind::MissingField
        | finding::FindingKind::DanglingReference
        | finding::FindingKind::RuleBroken
        | finding::FindingKind::ClockDiffers
        | finding::FindingKind::ConfigDiffers => return None,
    };
    Some(FixPlan { capability: shipped::RESERVATION_STATUS_SET, document: document.path.clone(), status })
}

pub(super) const fn kind(kind: finding::FindingKind) -> FindingKind {
    match kind {
        finding::FindingKind::MirrorDiffers => FindingKind::MirrorDiffers,
        finding::FindingKind::MissingInMirror => FindingKind::MissingInMirror,
        finding::FindingKind::ExtraInMirror => FindingKind::ExtraInMirror,
        finding::FindingKind::CountDiffers => FindingKind::CountDiffers,
        finding::FindingKind::WriteOverwritten => FindingKind::WriteOverwritten,
        finding::FindingKind::UnknownWord => FindingKind::UnknownWord,
        finding::FindingKind::FlagsDisagree => FindingKind::FlagsDisagree,
        finding::FindingKind::NumberDiffers => FindingKind::NumberDiffers,
        finding::FindingKind::NewField => FindingKind::NewField,
        finding::FindingKind::WrongType => FindingKind::WrongType,
        finding::FindingKind::MissingField => FindingKind::MissingField,
        finding::FindingKind::DanglingReference => FindingKind::DanglingReference,
        finding::FindingKind::RuleBroken => FindingKind::RuleBroken,
        finding::FindingKind::ClockDiffers => FindingKind::ClockDiffers,
        finding::FindingKind::ConfigDiffers => FindingKind::ConfigDiffers,
    }
}

/// Why the last look could not tell about this finding, if it did not reach it.
pub(super) fn unjudged<'a>(known: &KnownFinding, check: Option<&'a store::findings::Check>) -> Option<&'a str> {
    let check = check?;
    match &check.finished {
        Some((_, store::findings::CheckOutcome::Unknown { why })) if known.looked < check.requested => Some(why),
        Some((_, store::findings::CheckOutcome::Unknown { .. }))
        | Some((_, store::findings::CheckOutcome::Same | store::findings::CheckOutcome::Drift))
        | None => None,
    }
}
