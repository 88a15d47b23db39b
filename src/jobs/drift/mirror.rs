//! a: the mirror against the cloud, at the moment that the mirror shows; what differs is read again and put right.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::diff::{FieldChange, diff};
use crate::domain::digest::Stamp;
use crate::domain::document::{Document, hash_of};
use crate::domain::finding::{Family, Finding, FindingKind, KnownFinding};
use crate::domain::ids::DocPath;
use crate::domain::proof::Depth;
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::jobs::drift::Drift;
use crate::jobs::drift::look::{Extent, Look};
use crate::store::digests::HeldRow;
use crate::store::repairs::{Watching, Wrong};
use crate::store::targets::TargetState;
use crate::store::{Mirrored, Target, Tx};

/// How many documents are asked for at once.
const PAGE: u32 = 300;

/// A collection of the mirror as it is looked at.
struct Shown<'a> {
    target: &'a Target,
    as_of: Timestamp,
    documents: u64,
    unreadable: u64,
}

impl Drift {
    /// Compares every mirrored collection with the cloud.
    pub(super) async fn compare(
        &self,
        reading: &mut Tx,
        targets: &[Target],
        extent: Extent,
        open: &[KnownFinding],
        look: &mut Look,
    ) -> anyhow::Result<Vec<Wrong>> {
        let held = reading.collections_shown().await?;
        let (mut budget, mut wrongs) = (u64::from(self.settings.budget), Vec::new());
        for target in targets {
            let collection = &target.collection;
            if target.state != TargetState::Current {
                let why = format!("`{collection}` is {} and can't be compared yet", target.state.as_str());
                look.complain(Family::Mirror, why);
                continue;
            }
            let Some((as_of, held)) = held.get(collection) else {
                look.complain(Family::Mirror, format!("`{collection}` was never read"));
                continue;
            };
            let shown = Shown { target, as_of: *as_of, documents: held.documents, unreadable: held.unreadable };
            match extent {
                Extent::Everything if shown.documents <= budget => {
                    budget -= shown.documents;
                    wrongs.extend(self.everything(reading, &shown, look).await?);
                }
                Extent::Everything => {
                    let why = format!(
                        "`{collection}` has {} documents, and {budget} reads are left of `drift.budget`",
                        shown.documents
                    );
                    look.complain(Family::Mirror, why);
                    self.count(&shown, look).await?;
                }
                Extent::Sample { turn } => wrongs.extend(self.sample(reading, &shown, turn, open, look).await?),
            }
        }
        Ok(wrongs)
    }

    async fn everything(&self, reading: &mut Tx, shown: &Shown<'_>, look: &mut Look) -> anyhow::Result<Vec<Wrong>> {
        let collection = &shown.target.collection;
        // What only one side has shown so far: the two may not put names in the same order.
        let (mut ours, mut theirs) = (BTreeMap::<DocPath, Mirrored>::new(), BTreeMap::<DocPath, Document>::new());
        let (mut after, mut upto, mut wrongs) = (None, None, Vec::new());
        loop {
            let page = self.authority.page(collection, after.as_ref(), PAGE, Some(shown.as_of)).await?;
            look.documents_read += page.documents.len() as u64;
            let is_last = (page.documents.len() as u64) < u64::from(PAGE);
            let last = page.documents.last().map(|sighting| sighting.path().clone()).filter(|_| !is_last);
            loop {
                let held = reading.documents_after(collection, upto.as_ref(), last.as_ref(), PAGE).await?;
                let Some(until) = held.last() else { break };
                upto = Some(until.document.path.clone());
                ours.extend(held.into_iter().map(|held| (held.document.path.clone(), held)));
            }
            for sighting in page.documents {
                let Sighting::Readable(there) = sighting else { continue };
                match ours.remove(&there.path) {
                    Some(mine) => wrongs.extend(judge(Some(mine), Some(there), shown.as_of, look)),
                    None => drop(theirs.insert(there.path.clone(), there)),
                }
            }
            if is_last {
                break;
            }
            after = last;
        }
        for (path, there) in theirs {
            wrongs.extend(judge(ours.remove(&path), Some(there), shown.as_of, look));
        }
        for mine in ours.into_values() {
            wrongs.extend(judge(Some(mine), None, shown.as_of, look));
        }
        look.compared.insert(collection.clone());
        Ok(wrongs)
    }

    /// How many there are; where the numbers differ, what proves collections finds out which ones.
    async fn count(&self, shown: &Shown<'_>, look: &mut Look) -> anyhow::Result<()> {
        let collection = &shown.target.collection;
        let theirs = self.authority.count(collection, Some(shown.as_of)).await?.count;
        look.counted.insert(collection.clone());
        let ours = shown.documents + shown.unreadable;
        if theirs == ours {
            return Ok(());
        }
        let number = |count: u64| Some(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
        let path = FieldPath::top("documents");
        let summary = format!("the mirror has {ours} documents, the cloud says {theirs}");
        look.findings.push(Finding {
            changes: vec![FieldChange { path, before: number(ours), after: number(theirs) }],
            as_of: Some(shown.as_of),
            ..Finding::about_all(FindingKind::CountDiffers, collection.clone(), summary)
        });
        let mut tx = self.store.begin().await?;
        tx.run_request(None, std::slice::from_ref(collection), Depth::Digests, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn sample(
        &self,
        reading: &mut Tx,
        shown: &Shown<'_>,
        turn: i64,
        open: &[KnownFinding],
        look: &mut Look,
    ) -> anyhow::Result<Vec<Wrong>> {
        self.count(shown, look).await?;
        let collection = &shown.target.collection;
        let doubtful: BTreeSet<DocPath> = open
            .iter()
            .filter(|known| known.finding.kind.family() == Family::Mirror && known.finding.collection == *collection)
            .filter_map(|known| known.finding.path.clone())
            .collect();
        let size = u64::from(self.settings.sample).min(shown.documents);
        let start = (turn.unsigned_abs() * size).checked_rem(shown.documents).unwrap_or_default();
        let limit = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let mut some = reading.documents_skipping(collection, start, limit(size)).await?;
        let rest = size.saturating_sub(some.len() as u64);
        some.extend(reading.documents_skipping(collection, 0, limit(rest)).await?);
        let mut ours: BTreeMap<DocPath, Mirrored> =
            some.into_iter().map(|held| (held.document.path.clone(), held)).collect();
        for path in &doubtful {
            if let Some(held) = reading.document(path).await? {
                ours.insert(path.clone(), held);
            }
        }
        let paths: Vec<DocPath> = ours.keys().cloned().chain(doubtful).collect::<BTreeSet<_>>().into_iter().collect();
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let lookup = self.authority.get(&paths, Some(shown.as_of)).await?;
        look.documents_read += paths.len() as u64;
        let mut wrongs = Vec::new();
        for theirs in lookup.found {
            wrongs.extend(judge(ours.remove(&theirs.path), Some(theirs), shown.as_of, look));
        }
        for path in &lookup.missing {
            wrongs.extend(judge(ours.remove(path), None, shown.as_of, look));
        }
        look.documents.extend(paths);
        Ok(wrongs)
    }

    /// Puts right what differs, unless it has changed since it was compared.
    pub(super) async fn repair(&self, wrongs: &[Wrong], watching: &Watching, look: &mut Look) -> anyhow::Result<()> {
        for wrong in wrongs {
            let Some(path) = wrong.path() else { continue };
            let Some(as_of) = look.shown.get(&path.collection()).copied() else { continue };
            let mut tx = self.store.begin().await?;
            look.repaired += u64::from(tx.document_repair(wrong, as_of, watching).await?);
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Tells how the mirror's document and the cloud's differ, and what would put it right.
fn judge(ours: Option<Mirrored>, theirs: Option<Document>, as_of: Timestamp, look: &mut Look) -> Option<Wrong> {
    let mine = ours.as_ref().map(|held| &held.document);
    let finding = difference(mine, theirs.as_ref())?;
    look.findings.push(Finding { as_of: Some(as_of), ..finding });
    let row = |held: Mirrored| HeldRow {
        content: Some(hash_of(&held.document.fields)),
        stamp: Stamp::Readable {
            create_time: held.document.create_time,
            update_time: held.document.update_time,
            hash: held.hash,
        },
        path: held.document.path,
    };
    Some(Wrong { ours: ours.map(row), theirs: theirs.map(Sighting::Readable) })
}

/// How the mirror's document and the cloud's differ; never without saying in which field.
fn difference(ours: Option<&Document>, theirs: Option<&Document>) -> Option<Finding> {
    let nothing = Fields::new();
    let path = ours.or(theirs)?.path.clone();
    let (kind, summary, mut changes) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            if ours.update_time == theirs.update_time && ours.fields == theirs.fields {
                return None;
            }
            let changes = diff(&ours.fields, &theirs.fields);
            let summary = match changes.len() {
                0 => "the content is the same, but the mirror has another revision".to_owned(),
                1 => "1 field differs".to_owned(),
                count => format!("{count} fields differ"),
            };
            (FindingKind::MirrorDiffers, summary, changes)
        }
        (None, Some(theirs)) => {
            let summary = "the cloud has it, the mirror does not".to_owned();
            (FindingKind::MissingInMirror, summary, diff(&nothing, &theirs.fields))
        }
        (Some(ours), None) => {
            let summary = "the mirror has it, the cloud does not".to_owned();
            (FindingKind::ExtraInMirror, summary, diff(&ours.fields, &nothing))
        }
        (None, None) => return None,
    };
    let revision = |document: &Document| Value::Timestamp(document.update_time);
    changes.push(FieldChange {
        path: FieldPath::top("__update_time__"),
        before: ours.map(revision),
        after: theirs.map(revision),
    });
    Some(Finding { changes, ..Finding::about(kind, path, summary) })
}
