//! Differences between the mirror and the cloud.

use std::time::Duration;

use studio_cockpit::model::drift::{
    Check, CheckOutcome, Drift, DriftFilter, Finding, FindingKind, Question, QuestionState, StateFilter,
};

use crate::domain::finding::{Answer, Family, KnownFinding, Standing};
use crate::store;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::findings::{Judging, kind};
use crate::web::desk;

/// The most findings that are put in order.
const MOST: u16 = 2_000;

/// How long a look is good for: one is due every few minutes.
pub(super) const GOOD_FOR: Duration = Duration::from_secs(3_600);

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
        let questions =
            self.store().drift_answers().await.map(|answers| {
                Family::ALL.into_iter().map(|family| self.question(family, answers.get(&family))).collect()
            });
        let findings = self.panel("The findings", findings);
        Drift {
            matching: findings.as_ref().ok().map(|(matching, _)| *matching),
            findings: findings.map(|(_, findings)| findings),
            unfiltered,
            last_check,
            asked,
            collections,
            questions: self.panel("What the last look said", questions),
            stale: self.too_old().await,
        }
    }

    /// What is too old to base anything on, in words.
    async fn too_old(&self) -> Vec<String> {
        let targets = match self.store().targets().await {
            Ok(targets) => targets,
            Err(cause) => return vec![self.trouble("The age of the mirror", cause).what],
        };
        let bounds = &self.settings().bounds;
        let told = |target: &store::Target| {
            let name = &target.collection;
            match desk::judge(bounds, target, self.now()) {
                desk::Freshness::Fresh | desk::Freshness::Aging => None,
                desk::Freshness::Stale => {
                    let minutes = bounds.stale_after(name).as_secs() / 60;
                    Some(format!("`{name}` is older than {minutes} min: nothing is proposed on what it says"))
                }
                desk::Freshness::Unknown => Some(format!("`{name}` is not known: nothing is said about it")),
            }
        };
        targets.iter().filter_map(told).collect()
    }

    fn question(&self, family: Family, answer: Option<&Answer>) -> Question {
        let name = match family {
            Family::Mirror => "Mirror and cloud",
            Family::Numbers => "Key numbers",
            Family::Writes => "Our writes",
            Family::Schema => "Fields and words",
            Family::Rules => "Between documents",
            Family::Settings => "Clock and configuration",
        };
        let state = match answer {
            None => QuestionState::Unknown { why: "nobody has looked yet".to_owned() },
            Some(answer) => match answer.standing(GOOD_FOR, self.now()) {
                Standing::InSync | Standing::Ignored(_) => QuestionState::InSync,
                Standing::Drifted => QuestionState::Drifted(answer.open),
                Standing::Stale => QuestionState::Stale,
                Standing::Unknown { why } => QuestionState::Unknown { why },
            },
        };
        Question { name, state, looked_at: answer.map(|answer| answer.looked.to_jiff()) }
    }

    /// What it takes to say where findings stand.
    pub(super) async fn judging(&self, check: Option<&store::findings::Check>) -> store::Result<Judging> {
        Ok(Judging { check: check.cloned(), ignores: self.store().ignores(self.now()).await?, good_for: GOOD_FOR })
    }

    /// How many findings match, and those of the page.
    async fn findings(
        &self,
        filter: &DriftFilter,
        check: Option<&store::findings::Check>,
    ) -> store::Result<(u64, Vec<Finding>)> {
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
        let judging = self.judging(check).await?;
        let first = (filter.page as usize).saturating_mul(DriftFilter::PAGE);
        let mut findings = Vec::with_capacity(DriftFilter::PAGE);
        for known in known.iter().skip(first).take(DriftFilter::PAGE) {
            findings.push(self.finding(known, &judging).await?);
        }
        Ok((known.len() as u64, findings))
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
