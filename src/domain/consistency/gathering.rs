//! What documents say together: those that nobody names, that overlap, that are too many.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::canonical;
use crate::domain::consistency::Rules;
use crate::domain::consistency::rule::{Rule, Shape};
use crate::domain::consistency::test::{all_hold, moment};
use crate::domain::document::Document;
use crate::domain::finding::Finding;
use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};

/// What is remembered of documents while they are gone through: what the rules ask for, and nothing else.
#[derive(Debug)]
pub struct Gathering<'a> {
    gathered: Vec<Gathered<'a>>,
    now: Timestamp,
}

#[derive(Debug)]
struct Gathered<'a> {
    rule: &'a Rule,
    held: Held<'a>,
}

#[derive(Debug)]
enum Held<'a> {
    /// Those that have to be named, and the names that were seen.
    Named { by: &'a FieldPath, wanted: Vec<Finding>, names: BTreeSet<Box<str>> },
    /// By the value of a field: each with when it is.
    Apart { of: &'a FieldPath, from: &'a FieldPath, until: &'a FieldPath, groups: BTreeMap<String, Vec<Stretch>> },
    /// By the value of a field: each with when it was, and what it is counted by.
    Crowd { of: &'a FieldPath, limits: Limits<'a>, groups: BTreeMap<String, Vec<One>> },
}

#[derive(Debug)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    path: DocPath,
}

#[derive(Clone, Copy, Debug)]
struct Limits<'a> {
    at: Option<&'a FieldPath>,
    within: Option<Duration>,
    at_least: usize,
    distinct: Option<(&'a FieldPath, usize)>,
}

#[derive(Debug)]
struct One {
    at: Timestamp,
    counted: Option<Box<str>>,
    cited: Vec<DocPath>,
    path: DocPath,
}

impl<'a> Gathering<'a> {
    /// Nothing gathered yet, for the rules that need it.
    pub fn new(rules: &'a Rules, now: Timestamp) -> Self {
        let held = |rule: &'a Rule| match &rule.shape {
            Shape::Named { by, .. } => Some(Held::Named { by, wanted: Vec::new(), names: BTreeSet::new() }),
            Shape::Apart { of, from, until } => Some(Held::Apart { of, from, until, groups: BTreeMap::new() }),
            Shape::Crowd { of, at, within, at_least, distinct } => {
                let distinct = distinct.as_ref().map(|(field, least)| (field, *least));
                let limits = Limits { at: at.as_ref(), within: *within, at_least: *at_least, distinct };
                Some(Held::Crowd { of, limits, groups: BTreeMap::new() })
            }
            Shape::Within { .. } | Shape::Refers(_) | Shape::Beside { .. } | Shape::Sum { .. } | Shape::Computed(_) => {
                None
            }
        };
        let gathered = rules.all().iter().filter_map(|rule| Some(Gathered { rule, held: held(rule)? }));
        Self { gathered: gathered.collect(), now }
    }

    /// Remembers what the rules ask for of a document.
    pub fn add(&mut self, document: &Document) {
        let now = self.now;
        let collection = document.path.collection();
        for Gathered { rule, held } in &mut self.gathered {
            if let (Shape::Named { of, other, .. }, Held::Named { by, names, .. }) = (&rule.shape, &mut *held)
                && *of == collection
                && all_hold(other, &document.fields, now)
                && let Some(name) = by.get(&document.fields).and_then(Value::as_text)
            {
                names.insert(name.into());
            }
            if rule.collection != collection || !all_hold(&rule.when, &document.fields, now) {
                continue;
            }
            match held {
                Held::Named { wanted, .. } => wanted.push(rule.broken_by(document, now)),
                Held::Apart { of, from, until, groups } => {
                    let [of, from, until] = [of, from, until].map(|field| field.get(&document.fields));
                    if let (Some(key), Some(from), Some(until)) = (of, from.and_then(moment), until.and_then(moment)) {
                        let stretch = Stretch { from, until, path: document.path.clone() };
                        groups.entry(canonical::encode_value(key)).or_default().push(stretch);
                    }
                }
                Held::Crowd { of, limits, groups } => {
                    let Some(key) = of.get(&document.fields).filter(|key| **key != Value::Null) else { continue };
                    let at =
                        limits.at.map_or(Some(Timestamp::default()), |at| at.get(&document.fields).and_then(moment));
                    let Some(at) = at else { continue };
                    let counted = limits
                        .distinct
                        .and_then(|(field, _)| field.get(&document.fields))
                        .map(|value| canonical::encode_value(value).into());
                    let cited = rule.cites.iter().flat_map(|link| link.named_by(document).0).collect();
                    let one = One { at, counted, cited, path: document.path.clone() };
                    groups.entry(canonical::encode_value(key)).or_default().push(one);
                }
            }
        }
    }

    /// What they say together.
    pub fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for Gathered { rule, held } in self.gathered {
            match held {
                Held::Named { wanted, names, .. } => {
                    let is_named = |found: &Finding| found.path.as_ref().is_some_and(|path| names.contains(path.id()));
                    findings.extend(wanted.into_iter().filter(|found| !is_named(found)));
                }
                Held::Apart { groups, .. } => {
                    for group in groups.into_values() {
                        findings
                            .extend(overlapping(group).into_iter().map(|paths| together(rule, paths, BTreeSet::new())));
                    }
                }
                Held::Crowd { limits, groups, .. } => {
                    for group in groups.into_values() {
                        let crowds = crowds(group, limits).into_iter();
                        findings.extend(crowds.map(|(paths, cited)| together(rule, paths, cited)));
                    }
                }
            }
        }
        findings
    }
}

/// A finding about the first of these documents, which rests on the others.
fn together(rule: &Rule, mut paths: Vec<DocPath>, cited: BTreeSet<DocPath>) -> Finding {
    let first = paths.remove(0);
    let count = paths.len() + 1;
    paths.extend(cited);
    Finding {
        rule: Some(rule.id.clone()),
        evidence: paths,
        ..Finding::about(rule.finding, first, format!("{} ({count} documents)", rule.says))
    }
}

/// Those that are at the same time, by the time at which they begin.
fn overlapping(mut group: Vec<Stretch>) -> Vec<Vec<DocPath>> {
    group.sort_by(|one, other| (one.from, &one.path).cmp(&(other.from, &other.path)));
    let mut found: Vec<Vec<DocPath>> = Vec::new();
    let mut current: Vec<DocPath> = Vec::new();
    let mut busy_until = Timestamp::from_micros(i64::MIN);
    for stretch in group {
        if stretch.from >= busy_until {
            found.push(std::mem::take(&mut current));
        }
        busy_until = busy_until.max(stretch.until);
        current.push(stretch.path);
    }
    found.push(current);
    found.retain(|paths| paths.len() > 1);
    found
}

/// Those that are too many within the time, by their time; and what they cite.
fn crowds(mut group: Vec<One>, limits: Limits<'_>) -> Vec<(Vec<DocPath>, BTreeSet<DocPath>)> {
    group.sort_by(|one, other| (one.at, &one.path).cmp(&(other.at, &other.path)));
    let mut crowded = vec![false; group.len()];
    let mut end = 0;
    for start in 0..group.len() {
        end = end.max(start);
        let fits = |one: &One| limits.within.is_none_or(|within| one.at.since(group[start].at) <= within);
        while end < group.len() && fits(&group[end]) {
            end += 1;
        }
        let some = &group[start..end];
        let values: BTreeSet<&str> = some.iter().filter_map(|one| one.counted.as_deref()).collect();
        if some.len() >= limits.at_least && limits.distinct.is_none_or(|(_, least)| values.len() >= least) {
            crowded[start..end].fill(true);
        }
    }
    let (mut found, mut current, mut cited) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (one, crowded) in group.into_iter().zip(crowded) {
        if crowded {
            current.push(one.path);
            cited.extend(one.cited);
        } else if !current.is_empty() {
            found.push((std::mem::take(&mut current), std::mem::take(&mut cited)));
        }
    }
    if !current.is_empty() {
        found.push((current, cited));
    }
    found
}
