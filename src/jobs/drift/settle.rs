//! What was seen and what is gone, stored with how the look ended.

use std::collections::{BTreeMap, BTreeSet};

use tracing::{info, warn};

use crate::domain::audit::{self, Action, Event};
use crate::domain::finding::{Answer, Family, Finding, Ignore, KnownFinding, ignored};
use crate::domain::time::Timestamp;
use crate::jobs::drift::Drift;
use crate::jobs::drift::look::Look;
use crate::store::Tx;
use crate::store::findings::{Check, CheckOutcome};

/// How many findings are stored in one transaction: those who want to write wait for it.
const AT_ONCE: usize = 500;

impl Drift {
    /// Stores what was seen and what is gone, and how the look ended.
    pub(super) async fn settle(
        &self,
        check: &Check,
        look: &Look,
        known: &[KnownFinding],
    ) -> anyhow::Result<CheckOutcome> {
        let now = self.now();
        let rules = self.store.ignores(now).await?;
        for some in look.findings.chunks(AT_ONCE) {
            let mut tx = self.store.begin().await?;
            for finding in some {
                let news = tx.finding_seen(finding, now).await?;
                if news {
                    self.tell(&mut tx, Action::DriftFound, finding, now).await?;
                }
            }
            tx.commit().await?;
        }
        let seen: BTreeSet<_> = look.findings.iter().map(Finding::id).collect();
        let mut left: Vec<&Finding> = look.findings.iter().collect();
        let unseen: Vec<&KnownFinding> = known.iter().filter(|known| !seen.contains(&known.id)).collect();
        for some in unseen.chunks(AT_ONCE) {
            let mut tx = self.store.begin().await?;
            for KnownFinding { id, finding, .. } in some {
                if look.has_covered(finding) {
                    tx.finding_resolved(*id, now).await?;
                    self.tell(&mut tx, Action::DriftResolved, finding, now).await?;
                } else {
                    left.push(finding);
                }
            }
            tx.commit().await?;
        }
        let open = still_open(&left, &rules, now);
        let outcome = match (open.values().sum::<u64>(), look.all_untold()) {
            (0, None) => CheckOutcome::Same,
            (0, Some(why)) => CheckOutcome::Unknown { why },
            _ => CheckOutcome::Drift,
        };
        let mut tx = self.store.begin().await?;
        for family in Family::ALL {
            let open = open.get(&family).copied().unwrap_or_default();
            tx.answer_add(check.id, family, &Answer { looked: now, untold: look.untold(family), open }).await?;
        }
        tx.check_finish(check.id, &outcome, look.documents_read, now).await?;
        tx.commit().await?;
        self.summarize(check, look, &outcome, &open, left.len());
        Ok(outcome)
    }

    async fn tell(&self, tx: &mut Tx, action: Action, finding: &Finding, now: Timestamp) -> anyhow::Result<()> {
        let target = match &finding.path {
            Some(path) => audit::Target::Document(path.clone()),
            None => audit::Target::Other(finding.collection.to_string()),
        };
        let mut event = Event::new(now, self.me.clone(), action, target)
            .detail("kind", finding.kind.word())
            .detail("finding", finding.id().to_string());
        if let Some(rule) = &finding.rule {
            event = event.detail("rule", rule);
        }
        tx.audit(&self.studio, event).await?;
        Ok(())
    }

    /// One line for each look, also for one that found nothing: its absence is news. It names no document.
    fn summarize(
        &self,
        check: &Check,
        look: &Look,
        outcome: &CheckOutcome,
        open: &BTreeMap<Family, u64>,
        findings: usize,
    ) {
        let of = |family| open.get(&family).copied().unwrap_or_default();
        let untold = look.all_untold();
        let counted = look.shown.len();
        match outcome {
            CheckOutcome::Same => info!(
                event = "drift.none",
                drift.check = check.id,
                drift.collections = counted,
                drift.documents_read = look.documents_read,
                drift.ignored = findings,
                "No drift: {counted} collections looked at, {} documents read again",
                look.documents_read
            ),
            CheckOutcome::Drift | CheckOutcome::Unknown { .. } => warn!(
                event = "drift.found",
                drift.check = check.id,
                drift.collections = counted,
                drift.documents_read = look.documents_read,
                drift.repaired = look.repaired,
                drift.mirror = of(Family::Mirror),
                drift.numbers = of(Family::Numbers),
                drift.writes = of(Family::Writes),
                drift.schema = of(Family::Schema),
                drift.rules = of(Family::Rules),
                drift.settings = of(Family::Settings),
                drift.untold = untold,
                "Drift: {} findings are open{}",
                open.values().sum::<u64>(),
                if untold.is_some() { ", and not everything could be told" } else { "" }
            ),
        }
    }
}

/// How many of these count, by question: those that are ignored do not.
fn still_open(findings: &[&Finding], rules: &[Ignore], now: Timestamp) -> BTreeMap<Family, u64> {
    let mut open = BTreeMap::new();
    for finding in findings.iter().filter(|finding| ignored(finding, rules, now).is_none()) {
        *open.entry(finding.kind.family()).or_default() += 1;
    }
    open
}
