//! What our writes have become: still there, or overwritten, and by whom if the document says so.

use crate::domain::diff::{FieldChange, diff};
use crate::domain::document::Document;
use crate::domain::finding::{Finding, FindingKind};
use crate::domain::ledger::WriteRecord;
use crate::domain::value::{FieldPath, Value};
use crate::domain::write::Write;

/// The fields in which the studio's documents say who changed them last.
const AUTHORS: [&str; 4] = ["updatedByUid", "updatedBy", "staffProfileUpdatedBy", "roleUpdatedByUid"];

/// Where the document no longer is as our write left it; `None` when it is.
pub fn overwritten(record: &WriteRecord, current: Option<&Document>) -> Option<Finding> {
    let path = record.write.path();
    let touched: Vec<FieldChange> = match (&record.write, current) {
        (Write::Delete { .. }, None) => Vec::new(),
        (Write::Delete { .. }, Some(_)) => {
            return Some(found(record, format!("`{path}` was made again after it was removed here"), Vec::new()));
        }
        (Write::Create { .. } | Write::Update { .. }, None) => {
            return Some(found(record, format!("`{path}` was removed after it was written here"), Vec::new()));
        }
        (Write::Create { fields, .. }, Some(current)) => diff(fields, &current.fields),
        (Write::Update { changes, .. }, Some(current)) => changes
            .iter()
            .map(|(field, value)| FieldChange {
                path: field.clone(),
                before: value.clone(),
                after: field.get(&current.fields).cloned(),
            })
            .filter(|change| change.before != change.after)
            .collect(),
    };
    if touched.is_empty() {
        return None;
    }
    let names: Vec<String> = touched.iter().map(|change| format!("`{}`", change.path)).collect();
    let by = match current.and_then(author) {
        Some(field) => format!("; `{field}` says by whom"),
        None => String::new(),
    };
    let mut found = found(record, format!("{} no longer as written here{by}", names.join(", ")), touched);
    if let (Some(field), Some(current)) = (current.and_then(author), current) {
        let says = current.fields.get(field).cloned();
        found.changes.push(FieldChange { path: FieldPath::top(field), before: says.clone(), after: says });
    }
    found.as_of = current.map(|current| current.update_time);
    Some(found)
}

/// The field that says who changed the document last, if it has one.
fn author(current: &Document) -> Option<&'static str> {
    AUTHORS.into_iter().find(|field| current.fields.get(*field).and_then(Value::as_text).is_some())
}

fn found(record: &WriteRecord, summary: String, changes: Vec<FieldChange>) -> Finding {
    let path = record.write.path();
    Finding { changes, write: Some(record.id), ..Finding::about(FindingKind::WriteOverwritten, path.clone(), summary) }
}
