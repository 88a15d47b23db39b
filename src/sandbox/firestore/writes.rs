//! One commit: preconditions, masks, transforms, and the versions that come of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{Precondition, Value, Write, WriteResult};
use tonic::Status;

use super::field_paths::FieldMask;
use super::ledger::{Echo, Ledger, Stored};
use super::names::{DatabaseName, ResourcePath, parse_document_name};
use super::refusal::{already_exists, invalid, missing, no_document_to_update, version_mismatch};
use super::storable::{check_depth, check_size, store_fields};
use super::times::Micros;
use super::transforms::{TRANSFORMS, Transform, parse_transforms};
use super::values::identical_fields;

/// One write, parsed.
pub(super) struct ParsedWrite {
    name: String,
    path: ResourcePath,
    condition: Condition,
    effect: Effect,
}

enum Condition {
    None,
    Exists(bool),
    UpdateTime(Micros),
}

enum Effect {
    /// Without a mask all fields are replaced.
    Put {
        fields: HashMap<String, Value>,
        mask: Option<FieldMask>,
        transforms: Vec<Transform>,
    },
    Delete,
}

/// What a commit did.
pub(super) struct Committed {
    pub(super) at: Micros,
    pub(super) results: Vec<WriteResult>,
    /// True if a document really changed.
    pub(super) changed: bool,
}

/// A document while its commit is worked out.
#[derive(Clone)]
struct Draft {
    fields: HashMap<String, Value>,
    created: Micros,
    updated: Micros,
}

impl ParsedWrite {
    /// Parses one write to `database`.
    pub(super) fn parse(database: &DatabaseName, write: Write) -> Result<Self, Status> {
        let masked = write.update_mask.is_some();
        let mut transforms = parse_transforms("update_transforms", write.update_transforms)?;
        let (field, name, effect) = match write.operation.ok_or_else(|| missing("writes.operation"))? {
            Operation::Update(document) => {
                let mask = write.update_mask.map(|mask| FieldMask::parse_writable("update_mask", &mask)).transpose()?;
                let fields = store_fields("document.fields", document.fields)?;
                ("writes.update.name", document.name, Effect::Put { fields, mask, transforms })
            }
            Operation::Delete(_) | Operation::Transform(_) if masked || !transforms.is_empty() => {
                return Err(invalid("writes", "update_mask and update_transforms belong to an update"));
            }
            Operation::Delete(name) => ("writes.delete", name, Effect::Delete),
            Operation::Transform(transform) => {
                transforms = parse_transforms("writes.transform", transform.field_transforms)?;
                let nothing = Effect::Put { fields: HashMap::new(), mask: Some(FieldMask::default()), transforms };
                ("writes.transform.document", transform.document, nothing)
            }
        };
        let (other, path) = parse_document_name(field, &name)?;
        if other != *database {
            return Err(invalid(field, format_args!("`{name}` is not in the database `{database}`")));
        }
        Ok(Self { name, path, condition: Condition::parse(write.current_document)?, effect })
    }

    /// How many transforms it holds.
    fn transforms(&self) -> usize {
        match &self.effect {
            Effect::Put { transforms, .. } => transforms.len(),
            Effect::Delete => 0,
        }
    }

    /// The document it writes.
    pub(super) fn path(&self) -> &ResourcePath {
        &self.path
    }

    /// Works the write out on a draft of its document.
    fn apply(&self, draft: &mut Option<Draft>, at: Micros) -> Result<Vec<Value>, Status> {
        self.condition.check(&self.name, draft.as_ref())?;
        let Effect::Put { fields, mask, transforms } = &self.effect else {
            *draft = None;
            return Ok(Vec::new());
        };
        let mut next = draft.take().unwrap_or(Draft { fields: HashMap::new(), created: at, updated: at });
        match mask {
            None => next.fields.clone_from(fields),
            Some(mask) => {
                for path in mask.paths() {
                    match path.get(fields) {
                        Some(value) => path.set(&mut next.fields, value.clone()),
                        None => path.remove(&mut next.fields),
                    }
                }
            }
        }
        let answers = transforms.iter().map(|transform| transform.apply(&mut next.fields, at)).collect();
        check_depth(&self.name, &next.fields)?;
        check_size(&self.name, &self.path, &next.fields)?;
        next.updated = at;
        *draft = Some(next);
        Ok(answers)
    }
}

impl Condition {
    fn parse(precondition: Option<Precondition>) -> Result<Self, Status> {
        match precondition.and_then(|precondition| precondition.condition_type) {
            None => Ok(Self::None),
            Some(ConditionType::Exists(exists)) => Ok(Self::Exists(exists)),
            Some(ConditionType::UpdateTime(time)) => {
                Ok(Self::UpdateTime(Micros::aligned("current_document.update_time", &time)?))
            }
        }
    }

    fn check(&self, name: &str, current: Option<&Draft>) -> Result<(), Status> {
        match (self, current) {
            (Self::Exists(true), None) => Err(no_document_to_update(name)),
            (Self::Exists(false), Some(_)) => Err(already_exists(name)),
            (Self::UpdateTime(required), current) => {
                let stored = current.map_or(Micros(0), |draft| draft.updated);
                if current.is_some() && stored == *required {
                    return Ok(());
                }
                Err(version_mismatch(name, stored.0, required.0))
            }
            (Self::None, _) | (Self::Exists(true), Some(_)) | (Self::Exists(false), None) => Ok(()),
        }
    }
}

/// Applies all writes in order, or none.
///
/// A document that ends as it was keeps its update time, and no version comes of it.
pub(super) fn commit(ledger: &mut Ledger, writes: &[ParsedWrite], echo: Echo) -> Result<Committed, Status> {
    check_transforms(writes)?;
    let before = ledger.read_now();
    let at = ledger.next_commit_time();
    let mut drafts: BTreeMap<&ResourcePath, Option<Draft>> = BTreeMap::new();
    let mut answers = Vec::with_capacity(writes.len());
    for write in writes {
        let draft = drafts.entry(&write.path).or_insert_with(|| draft_of(ledger, &write.path, before));
        answers.push(write.apply(draft, at)?);
    }
    let changes: Vec<_> = drafts
        .iter()
        .filter(|(path, draft)| differs(ledger.get(path, before).map(AsRef::as_ref), draft.as_ref()))
        .map(|(path, draft)| ((*path).clone(), draft.clone().map(|draft| draft.stored(path))))
        .collect();
    let changed: BTreeSet<ResourcePath> = changes.iter().map(|(path, _)| path.clone()).collect();
    let results = writes.iter().zip(answers).map(|(write, transform_results)| {
        let update_time = match &write.effect {
            Effect::Delete => None,
            Effect::Put { .. } if changed.contains(&write.path) => Some(at),
            Effect::Put { .. } => ledger.get(&write.path, before).map(|stored| stored.updated),
        };
        WriteResult { update_time: update_time.map(Micros::timestamp), transform_results }
    });
    let results = results.collect();
    ledger.append(at, changes, echo);
    Ok(Committed { at, results, changed: !changed.is_empty() })
}

/// The limit is per document, however many writes it is spread over.
fn check_transforms(writes: &[ParsedWrite]) -> Result<(), Status> {
    let mut of_document: BTreeMap<&ResourcePath, usize> = BTreeMap::new();
    for write in writes {
        let count = of_document.entry(&write.path).or_default();
        *count += write.transforms();
        if *count > TRANSFORMS {
            let problem = format_args!("`{}` has more than {TRANSFORMS} transforms", write.name).to_string();
            return Err(invalid("writes", problem));
        }
    }
    Ok(())
}

impl Draft {
    fn stored(self, path: &ResourcePath) -> Stored {
        Stored { path: path.clone(), fields: self.fields, created: self.created, updated: self.updated }
    }
}

fn draft_of(ledger: &Ledger, path: &ResourcePath, at: Micros) -> Option<Draft> {
    let stored = ledger.get(path, at)?;
    Some(Draft { fields: stored.fields.clone(), created: stored.created, updated: stored.updated })
}

/// A document deleted and made again within one commit has changed, whatever its fields.
fn differs(before: Option<&Stored>, after: Option<&Draft>) -> bool {
    match (before, after) {
        (None, None) => false,
        (Some(before), Some(after)) => {
            before.created != after.created || !identical_fields(&before.fields, &after.fields)
        }
        (Some(_), None) | (None, Some(_)) => true,
    }
}
