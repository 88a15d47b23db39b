//! Differences between the mirror and the cloud.

use studio_cockpit::model::drift::{
    Check, CheckOutcome, Drift, DriftFilter, Finding, FindingKind, FindingState, Fix, StateFilter,
};

use crate::domain::capability::shipped;
use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::finding::{self, KnownFinding};
use crate::domain::ids::DocPath;
use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::{RESERVATIONS, ReservationStatus};
use crate::store;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;

/// The most findings that one page shows.
const MOST: u16 = 500;

/// What a finding's fix would propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FixPlan {
    pub(super) capability: &'static str,
    pub(super) document: DocPath,
    pub(super) status: ReservationStatus,
}

impl Cockpit {
    pub(super) async fn drift_page(&self, filter: &DriftFilter) -> Drift {
        let check = self.store().check_last().await;
        let findings = match &check {
            Ok(check) => self.findings(filter, check.as_ref()).await,
            Err(_) => self.findings(filter, None).await,
        };
        let unfiltered = match self.store().finding_count().await {
            Ok(open) => Some(open),
            Err(cause) => {
                self.trouble("The number of findings", cause);
                None
            }
        };
        let last_check = match check {
            Ok(check) => Ok(check.and_then(|check| finished(check, unfiltered))),
            Err(cause) => Err(self.trouble("The last look at the cloud", cause)),
        };
        let asked = match self.store().check_pending().await {
            Ok(pending) => pending.map(|check| check.requested.to_jiff()),
            Err(cause) => {
                self.trouble("The look that was asked for", cause);
                None
            }
        };
        let collections = match self.store().targets().await {
            Ok(targets) => targets.iter().map(|target| target.collection.to_string()).collect(),
            Err(cause) => {
                self.trouble("The mirrored collections", cause);
                Vec::new()
            }
        };
        Drift { findings: self.panel("The findings", findings), unfiltered, last_check, asked, collections }
    }

    async fn findings(
        &self,
        filter: &DriftFilter,
        check: Option<&store::findings::Check>,
    ) -> store::Result<Vec<Finding>> {
        let mut known = match filter.state {
            StateFilter::Open => self.store().findings(false, MOST).await?,
            StateFilter::Resolved => self.store().findings(true, MOST).await?,
            StateFilter::All => {
                let mut all = self.store().findings(false, MOST).await?;
                all.extend(self.store().findings(true, MOST).await?);
                all
            }
        };
        known.retain(|known| {
            filter.kind.is_none_or(|wanted| wanted == kind(known.finding.kind))
                && filter.collection.as_deref().is_none_or(|wanted| wanted == known.finding.collection.as_str())
        });
        let urgency = |known: &KnownFinding| {
            let place = FindingKind::ALL.iter().position(|other| *other == kind(known.finding.kind));
            (known.resolved.is_some(), place, std::cmp::Reverse(known.since))
        };
        known.sort_by_key(urgency);
        let mut findings = Vec::with_capacity(known.len());
        for known in &known {
            findings.push(self.finding(known, check).await?);
        }
        Ok(findings)
    }

    async fn finding(&self, known: &KnownFinding, check: Option<&store::findings::Check>) -> store::Result<Finding> {
        let finding = &known.finding;
        let changes: Vec<FieldChange> =
            finding.changes.iter().filter(|change| change.before != change.after).cloned().collect();
        Ok(Finding {
            id: known.id.to_string(),
            kind: kind(finding.kind),
            collection: finding.collection.to_string(),
            document: finding.path.as_ref().map(DocPath::to_string),
            title: match &finding.path {
                Some(path) => self.title(path).await,
                None => None,
            },
            summary: finding.summary.clone(),
            since: known.since.to_jiff(),
            looked_at: known.looked.to_jiff(),
            state: match (known.resolved, unjudged(known, check)) {
                (Some(at), _) => FindingState::Resolved { at: at.to_jiff() },
                (None, Some(why)) => FindingState::CouldNotTell { why: why.to_owned() },
                (None, None) => FindingState::Open,
            },
            changes: facts::changes(&changes, facts::Extent::Short),
            fix: self.fix(known).await?,
            write_id: finding.write.map(|id| id.to_string()),
        })
    }

    async fn fix(&self, known: &KnownFinding) -> store::Result<Fix> {
        if let Some(proposal) = self.store().proposal_from_finding(&known.id.to_string()).await? {
            return Ok(Fix::Proposed { proposal_id: proposal.to_string() });
        }
        Ok(if self.fix_plan(known).await?.is_some() { Fix::Propose } else { Fix::None })
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

fn plan(known: &KnownFinding, document: &Document) -> Option<FixPlan> {
    let current = document.fields.get("status").and_then(Value::as_text)?;
    let allowed = ReservationStatus::allowed_from(current);
    let status = match known.finding.kind {
        finding::FindingKind::UnknownWord => allowed.first().copied()?,
        finding::FindingKind::WriteOverwritten => {
            let ours = known.finding.changes.iter().find(|change| change.path == FieldPath::top("status"))?;
            let ours = ReservationStatus::parse(ours.before.as_ref()?.as_text()?)?;
            // Where our status may not come back, another one may still be proposed.
            allowed.iter().copied().find(|status| *status == ours).or(allowed.first().copied())?
        }
        finding::FindingKind::MirrorDiffers
        | finding::FindingKind::MissingInMirror
        | finding::FindingKind::ExtraInMirror
        | finding::FindingKind::CountDiffers
        | finding::FindingKind::FlagsDisagree => return None,
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

fn finished(check: store::findings::Check, open: Option<u64>) -> Option<Check> {
    let (at, outcome) = check.finished?;
    let outcome = match outcome {
        store::findings::CheckOutcome::Same => CheckOutcome::Same,
        store::findings::CheckOutcome::Drift => CheckOutcome::Drift { findings: open? },
        store::findings::CheckOutcome::Unknown { why } => CheckOutcome::CouldNotTell { why },
    };
    Some(Check { outcome, at: at.to_jiff(), documents_read: check.documents_read })
}
