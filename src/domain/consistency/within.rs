//! What one document says by itself, and what it has to be held against.

use crate::domain::consistency::rule::{About, Link, Rule, Shape};
use crate::domain::consistency::test::{Test, all_hold, moment, number};
use crate::domain::consistency::{Rules, computed};
use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::finding::Finding;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};

/// Documents that have to be looked up before a rule can be judged.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    rule: &'a Rule,
    document: &'a Document,
    /// The documents.
    pub others: Vec<DocPath>,
    /// How many of the names can be no document's.
    impossible: usize,
}

/// Documents below one that the cloud has to add up before a rule can be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// The rule's id.
    pub rule: String,
    /// The document.
    pub document: DocPath,
    /// The collection below it.
    pub below: CollectionId,
    /// What is added up.
    pub field: FieldPath,
    /// What the document says that it comes to.
    pub kept: Value,
    finding: Finding,
}

/// What one document gave.
#[derive(Debug, Default)]
pub struct Said<'a> {
    /// What it breaks by itself.
    pub findings: Vec<Finding>,
    /// What has to be looked up.
    pub questions: Vec<Question<'a>>,
    /// What has to be added up.
    pub sums: Vec<Sum>,
}

impl Rules {
    /// The rules about documents of this collection.
    pub fn of(&self, collection: &CollectionId) -> Vec<&Rule> {
        self.rules.iter().filter(|rule| rule.collection == *collection).collect()
    }
}

impl<'a> Said<'a> {
    /// Adds what a document says under these rules, which are those of its collection.
    pub fn add(&mut self, rules: &[&'a Rule], document: &'a Document, now: Timestamp) {
        for rule in rules.iter().filter(|rule| all_hold(&rule.when, &document.fields, now)) {
            match &rule.shape {
                Shape::Within { expect } => self.findings.extend(within(rule, expect, document, now)),
                Shape::Refers(link) | Shape::Beside { link, .. } => {
                    let (others, impossible) = link.named_by(document);
                    if !others.is_empty() || impossible > 0 {
                        self.questions.push(Question { rule, document, others, impossible });
                    }
                }
                Shape::Computed(computation) => {
                    if let Some(changes) = computed::compute(*computation, document, now) {
                        self.findings.push(Finding { changes, ..rule.broken_by(document, now) });
                    }
                }
                Shape::Sum { below, field, kept } => {
                    if let Some(value) = kept.get(&document.fields).filter(|value| number(value).is_some()) {
                        self.sums.push(Sum {
                            rule: rule.id.clone(),
                            document: document.path.clone(),
                            below: below.clone(),
                            field: field.clone(),
                            kept: value.clone(),
                            finding: Finding { changes: vec![fact(document, kept)], ..rule.broken_by(document, now) },
                        });
                    }
                }
                Shape::Named { .. } | Shape::Apart { .. } | Shape::Crowd { .. } => {}
            }
        }
    }
}

impl Question<'_> {
    /// The rule that asks.
    pub fn rule(&self) -> &str {
        &self.rule.id
    }

    /// What the rule says, when `find` looks a document up.
    pub fn answer<'d>(&self, find: impl Fn(&DocPath) -> Option<&'d Document>, now: Timestamp) -> Vec<Finding> {
        match &self.rule.shape {
            Shape::Refers(link) => {
                let missing = self.impossible + self.others.iter().filter(|other| find(other).is_none()).count();
                let finding = || Finding {
                    summary: format!(
                        "`{}` names {missing} of `{}` that {} not exist",
                        link.by,
                        link.to,
                        do_or_does(missing)
                    ),
                    changes: vec![fact(self.document, &link.by)],
                    ..self.rule.broken_by(self.document, now)
                };
                (missing > 0).then(finding).into_iter().collect()
            }
            Shape::Beside { other: tests, differ, same, before, about, .. } => {
                let others = self.others.iter().filter_map(&find);
                let like = others.filter(|other| all_hold(tests, &other.fields, now));
                let pairs = [before.as_ref(), same.as_ref(), differ.as_ref()];
                let like = like.filter_map(|other| Some((other, self.sides(other, pairs)?)));
                match about {
                    About::Other => {
                        like.map(|(other, changes)| self.found(other, self.document, changes, now)).collect()
                    }
                    About::This => {
                        let mut whole: Option<Finding> = None;
                        for (other, changes) in like {
                            let found = self.found(self.document, other, changes, now);
                            match &mut whole {
                                Some(whole) => whole.evidence.extend(found.evidence),
                                None => whole = Some(found),
                            }
                        }
                        whole.into_iter().collect()
                    }
                }
            }
            Shape::Within { .. }
            | Shape::Named { .. }
            | Shape::Apart { .. }
            | Shape::Crowd { .. }
            | Shape::Sum { .. }
            | Shape::Computed(_) => Vec::new(),
        }
    }

    /// What differs between the two documents; `None` when nothing does that should not.
    fn sides(
        &self,
        other: &Document,
        [before, same, differ]: [Option<&(FieldPath, FieldPath)>; 3],
    ) -> Option<Vec<FieldChange>> {
        if let Some((theirs, ours)) = before {
            let [theirs, ours] = [theirs.get(&other.fields), ours.get(&self.document.fields)];
            if moment(theirs?)? >= moment(ours?)? {
                return None;
            }
        }
        let both = |(ours, theirs): &(FieldPath, FieldPath)| {
            let before = ours.get(&self.document.fields).filter(|value| **value != Value::Null)?.clone();
            let after = theirs.get(&other.fields).filter(|value| **value != Value::Null)?.clone();
            Some(FieldChange { path: ours.clone(), before: Some(before), after: Some(after) })
        };
        let mut changes = Vec::new();
        if let Some(pair) = same {
            changes.extend(Some(both(pair)?).filter(|change| change.before == change.after));
        }
        if let Some(pair) = differ {
            changes.extend(Some(both(pair)?).filter(|change| change.before != change.after));
        }
        let asked = usize::from(same.is_some()) + usize::from(differ.is_some());
        (changes.len() == asked).then_some(changes)
    }

    fn found(&self, about: &Document, beside: &Document, changes: Vec<FieldChange>, now: Timestamp) -> Finding {
        let mut found = self.rule.broken_by(about, now);
        found.summary = self.rule.summary(self.document, now);
        found.evidence.retain(|path| *path != beside.path);
        found.evidence.insert(0, beside.path.clone());
        Finding { changes, ..found }
    }
}

impl Sum {
    /// The finding, if what the cloud added up is not what the document says.
    pub fn answer(&self, added: &Value) -> Option<Finding> {
        let differs = number(&self.kept) != number(added);
        let mut finding = self.finding.clone();
        for change in &mut finding.changes {
            change.after = Some(added.clone());
        }
        differs.then_some(finding)
    }
}

impl Link {
    /// The documents that this one names, and how many names can be no document's.
    pub fn named_by(&self, document: &Document) -> (Vec<DocPath>, usize) {
        let one = |value: &Value| value.as_text().filter(|text| !text.is_empty()).map(str::to_owned);
        let names: Vec<String> = match self.by.get(&document.fields) {
            Some(Value::Array(items)) => items.iter().filter_map(one).collect(),
            Some(value) => one(value).into_iter().collect(),
            None => Vec::new(),
        };
        let count = names.len();
        let paths: Vec<DocPath> = names.iter().filter_map(|name| DocPath::in_collection(&self.to, name).ok()).collect();
        let impossible = count - paths.len();
        (paths, impossible)
    }
}

impl Rule {
    /// The finding that this document breaks the rule.
    pub(super) fn broken_by(&self, document: &Document, now: Timestamp) -> Finding {
        Finding {
            rule: Some(self.id.clone()),
            evidence: self.cites.iter().flat_map(|link| link.named_by(document).0).collect(),
            ..Finding::about(self.finding, document.path.clone(), self.summary(document, now))
        }
    }

    fn summary(&self, document: &Document, now: Timestamp) -> String {
        let ages = self.when.iter().filter_map(|test| test.age(document, now));
        std::iter::once(self.says.clone()).chain(ages).collect::<Vec<_>>().join("; ")
    }
}

fn within(rule: &Rule, expect: &[Test], document: &Document, now: Timestamp) -> Option<Finding> {
    let broken: Vec<&Test> = expect.iter().filter(|test| test.holds(&document.fields, now) == Some(false)).collect();
    if broken.is_empty() && !expect.is_empty() {
        return None;
    }
    let rests_on = rule.when.iter().map(|test| fact(document, &test.field));
    let differs = broken.iter().map(|test| FieldChange {
        path: test.field.clone(),
        before: test.field.get(&document.fields).cloned(),
        after: test.expected(&document.fields),
    });
    Some(Finding { changes: differs.chain(rests_on).collect(), ..rule.broken_by(document, now) })
}

/// What a field holds, as something that a finding rests on: the same on both sides.
pub(super) fn fact(document: &Document, field: &FieldPath) -> FieldChange {
    let found = field.get(&document.fields).cloned();
    FieldChange { path: field.clone(), before: found.clone(), after: found }
}

const fn do_or_does(count: usize) -> &'static str {
    if count == 1 { "does" } else { "do" }
}
