//! d and e: what documents are made of, and whether they agree with each other. Nothing is read from the cloud but sums.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::consistency::{Gathering, Rules, Said, Sum};
use crate::domain::document::Document;
use crate::domain::finding::{Confidence, Family, Finding, Strange};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::jobs::drift::Drift;
use crate::jobs::drift::look::Look;
use crate::jobs::drift::numbers::Tally;
use crate::store::Tx;

/// How many documents are looked at together.
const PAGE: u32 = 500;

/// How many documents the cloud adds something up for, in one look: each costs a read.
const SUMS: usize = 200;

impl Drift {
    /// Goes through every document of the mirror once; what was counted on the way.
    pub(super) async fn look_inside(&self, reading: &mut Tx, now: Timestamp, look: &mut Look) -> anyhow::Result<Tally> {
        let known: BTreeSet<CollectionId> = look.shown.keys().cloned().collect();
        let rules = self.rules.judged(&known);
        for rule in self.rules.unjudged(&known) {
            let unknown = rule.needs().find(|needed| !known.contains(*needed));
            let is_mirrored = rule.needs().all(|needed| look.mirrored.contains(needed));
            look.rules_unjudged.insert(rule.id.clone());
            // What nobody mirrors is nobody's question here.
            if let Some(unknown) = unknown.filter(|_| is_mirrored) {
                let why = format!("`{}` can't be judged: `{unknown}` is not known", rule.id);
                look.complain(rule.finding.family(), why);
            }
        }
        let (mut tally, mut strange, mut gathering) =
            (Tally::default(), Strange::default(), Gathering::new(&rules, now));
        let (mut findings, mut sums) = (Vec::new(), Vec::new());
        for collection in &known {
            let of = rules.of(collection);
            let mut after: Option<DocPath> = None;
            loop {
                let page: Vec<Document> = reading
                    .documents_after(collection, after.as_ref(), None, PAGE)
                    .await?
                    .into_iter()
                    .map(|held| held.document)
                    .collect();
                let Some(last) = page.last() else { break };
                after = Some(last.path.clone());
                let mut said = Said::default();
                for document in &page {
                    tally.add(self.vocabulary, document);
                    strange.add(self.vocabulary, document);
                    gathering.add(document);
                    said.add(&of, document, now);
                }
                let asked: BTreeSet<&DocPath> = said.questions.iter().flat_map(|question| &question.others).collect();
                let found = if asked.is_empty() { BTreeMap::new() } else { reading.documents_at(&asked).await? };
                let answers = said.questions.iter().flat_map(|one| one.answer(|path| found.get(path), now));
                findings.extend(answers);
                findings.append(&mut said.findings);
                sums.append(&mut said.sums);
                // Others may want to work, too.
                tokio::task::yield_now().await;
            }
        }
        findings.extend(gathering.findings());
        findings.extend(strange.findings());
        findings.extend(self.add_up(sums, look).await);
        for finding in &mut findings {
            finding.confidence = self.confidence(finding, now, look);
        }
        look.findings.append(&mut findings);
        Ok(tally)
    }

    /// Lets the cloud add up what documents say that others come to.
    async fn add_up(&self, mut sums: Vec<Sum>, look: &mut Look) -> Vec<Finding> {
        if sums.len() > SUMS {
            look.complain(Family::Rules, format!("of {} sums only {SUMS} were added up", sums.len()));
            look.rules_unjudged.extend(sums[SUMS..].iter().map(|sum| sum.rule.clone()));
            sums.truncate(SUMS);
        }
        let mut findings = Vec::new();
        for sum in &sums {
            let Some(as_of) = look.shown.get(&sum.document.collection()).copied() else { continue };
            match self.authority.sum_below(&sum.document, &sum.below, &sum.field, as_of).await {
                Ok(added) => findings.extend(sum.answer(&added).map(|found| Finding { as_of: Some(as_of), ..found })),
                Err(error) => {
                    look.complain(Family::Rules, format!("the server can't be asked: {}", error.chain()));
                    look.rules_unjudged.insert(sum.rule.clone());
                    break;
                }
            }
        }
        findings
    }

    /// As sure as the oldest collection that it rests on is fresh.
    fn confidence(&self, finding: &Finding, now: Timestamp, look: &Look) -> Confidence {
        let collections = finding.documents().map(DocPath::collection).chain([finding.collection.clone()]);
        let sure = |collection: CollectionId| {
            let age = look.shown.get(&collection).map(|shown| now.since(*shown));
            age.map_or(Confidence::Low, |age| self.bounds.freshness.confidence(&collection, age))
        };
        collections.collect::<BTreeSet<_>>().into_iter().map(sure).min().unwrap_or(Confidence::Low)
    }
}

/// The shipped rules and words, unless somebody gave others.
pub(super) fn shipped() -> (std::sync::Arc<Rules>, &'static Vocabulary) {
    (Rules::shipped(), Vocabulary::shipped())
}
