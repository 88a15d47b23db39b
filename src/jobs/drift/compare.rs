//! The mirror against the cloud, at the moment that the mirror shows.

use std::collections::{BTreeMap, BTreeSet};

use crate::authority::Authority;
use crate::domain::diff::{FieldChange, diff};
use crate::domain::document::Document;
use crate::domain::finding::{Finding, FindingKind, KnownFinding};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::jobs::drift::{DriftSettings, is_about_the_mirror};
use crate::store::Store;
use crate::store::documents::Mirrored;
use crate::store::targets::TargetState;

/// How many documents are asked for at once.
const PAGE: u32 = 300;

/// How much a look re-reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Every mirrored document, within the budget.
    Everything,
    /// The counts, the documents with open findings, and a sample that starts where the last one ended.
    Sample {
        /// Which turn this is.
        turn: i64,
    },
}

/// What a look saw, and how far it went.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// What differs.
    pub(super) findings: Vec<Finding>,
    /// What could not be told, and why.
    pub(super) untold: Vec<String>,
    /// Documents read from the cloud.
    pub(super) documents_read: u64,
    collections: BTreeSet<CollectionId>,
    documents: BTreeSet<DocPath>,
    counted: BTreeSet<CollectionId>,
}

impl Look {
    /// Would this look have seen the finding, were it still there?
    pub(super) fn has_covered(&self, finding: &Finding) -> bool {
        if !is_about_the_mirror(finding.kind) || self.collections.contains(&finding.collection) {
            return true;
        }
        match &finding.path {
            Some(path) => self.documents.contains(path),
            None => self.counted.contains(&finding.collection),
        }
    }
}

/// Compares every mirrored collection with the cloud.
pub(super) async fn look(
    store: &Store,
    authority: &Authority,
    settings: DriftSettings,
    extent: Extent,
    open: &[KnownFinding],
) -> anyhow::Result<Look> {
    let mut look = Look::default();
    let mut budget = u64::from(settings.budget);
    for target in store.targets().await? {
        let collection = &target.collection;
        if target.state != TargetState::Current {
            look.untold.push(format!("`{collection}` is {} and can't be compared yet", target.state.as_str()));
            continue;
        }
        let Some((as_of, mirrored)) = store.documents_as_of(collection).await? else {
            look.untold.push(format!("`{collection}` was never read"));
            continue;
        };
        let wanted = match extent {
            Extent::Everything => mirrored.len() as u64,
            Extent::Sample { .. } => u64::from(settings.sample),
        };
        match extent {
            Extent::Everything if wanted <= budget => {
                budget -= wanted;
                everything(authority, collection, as_of, mirrored, &mut look).await?;
            }
            Extent::Everything => look
                .untold
                .push(format!("`{collection}` has {wanted} documents, and {budget} reads are left of `drift.budget`")),
            Extent::Sample { turn } => {
                sample(authority, settings, collection, as_of, mirrored, turn, open, &mut look).await?
            }
        }
    }
    Ok(look)
}

async fn everything(
    authority: &Authority,
    collection: &CollectionId,
    as_of: Timestamp,
    mirrored: Vec<Mirrored>,
    look: &mut Look,
) -> anyhow::Result<()> {
    let mut ours: BTreeMap<DocPath, Mirrored> = by_path(mirrored);
    let mut after = None;
    loop {
        let page = authority.page(collection, after.as_ref(), PAGE, Some(as_of)).await?;
        look.documents_read += page.documents.len() as u64;
        let full = page.documents.len() as u64 >= u64::from(PAGE);
        after = page.documents.last().map(|sighting| sighting.path().clone());
        for sighting in page.documents {
            let Sighting::Readable(theirs) = sighting else { continue };
            let mine = ours.remove(&theirs.path);
            look.findings.extend(difference(mine.map(|mine| mine.document).as_ref(), Some(&theirs)));
        }
        if !full {
            break;
        }
    }
    look.findings.extend(ours.into_values().filter_map(|mine| difference(Some(&mine.document), None)));
    look.collections.insert(collection.clone());
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one caller, and every argument is another thing")]
async fn sample(
    authority: &Authority,
    settings: DriftSettings,
    collection: &CollectionId,
    as_of: Timestamp,
    mirrored: Vec<Mirrored>,
    turn: i64,
    open: &[KnownFinding],
    look: &mut Look,
) -> anyhow::Result<()> {
    let counted = authority.count(collection, Some(as_of)).await?;
    look.counted.insert(collection.clone());
    let ours = by_path(mirrored);
    if counted.count != ours.len() as u64 {
        look.findings.push(Finding {
            kind: FindingKind::CountDiffers,
            collection: collection.clone(),
            path: None,
            summary: format!("the mirror has {} documents, the cloud says {}", ours.len(), counted.count),
            changes: vec![FieldChange {
                path: FieldPath::top("documents"),
                before: Some(Value::Integer(i64::try_from(ours.len()).unwrap_or(i64::MAX))),
                after: Some(Value::Integer(i64::try_from(counted.count).unwrap_or(i64::MAX))),
            }],
            write: None,
        });
    }
    let mut paths: BTreeSet<DocPath> = open
        .iter()
        .filter(|known| known.finding.collection == *collection && is_about_the_mirror(known.finding.kind))
        .filter_map(|known| known.finding.path.clone())
        .collect();
    let start = usize::try_from(turn.unsigned_abs() * u64::from(settings.sample)).unwrap_or(0) % ours.len().max(1);
    paths.extend(ours.keys().cycle().skip(start).take((settings.sample as usize).min(ours.len())).cloned());
    let paths: Vec<DocPath> = paths.into_iter().collect();
    if paths.is_empty() {
        return Ok(());
    }
    let lookup = authority.get(&paths, Some(as_of)).await?;
    look.documents_read += paths.len() as u64;
    for theirs in &lookup.found {
        look.findings.extend(difference(ours.get(&theirs.path).map(|mine| &mine.document), Some(theirs)));
    }
    for path in &lookup.missing {
        look.findings.extend(difference(ours.get(path).map(|mine| &mine.document), None));
    }
    look.documents.extend(paths);
    Ok(())
}

fn by_path(mirrored: Vec<Mirrored>) -> BTreeMap<DocPath, Mirrored> {
    mirrored.into_iter().map(|mirrored| (mirrored.document.path.clone(), mirrored)).collect()
}

/// How the mirror's document and the cloud's differ; never without saying in which field.
fn difference(ours: Option<&Document>, theirs: Option<&Document>) -> Option<Finding> {
    let nothing = Fields::new();
    let path = ours.or(theirs)?.path.clone();
    let fields =
        |document: Option<&Document>| document.map_or_else(|| nothing.clone(), |document| document.fields.clone());
    let mut changes = diff(&fields(ours), &fields(theirs));
    let (kind, summary) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            if changes.is_empty() && ours.update_time == theirs.update_time {
                return None;
            }
            let summary = match changes.len() {
                0 => "the content is the same, but the mirror has another revision".to_owned(),
                1 => "1 field differs".to_owned(),
                count => format!("{count} fields differ"),
            };
            (FindingKind::MirrorDiffers, summary)
        }
        (None, _) => (FindingKind::MissingInMirror, "the cloud has it, the mirror does not".to_owned()),
        (_, None) => (FindingKind::ExtraInMirror, "the mirror has it, the cloud does not".to_owned()),
    };
    let revision = |document: &Document| Value::Timestamp(document.update_time);
    changes.push(FieldChange {
        path: FieldPath::top("__update_time__"),
        before: ours.map(revision),
        after: theirs.map(revision),
    });
    Some(Finding { kind, collection: path.collection(), path: Some(path), summary, changes, write: None })
}
