//! The write that brings an earlier version of a document back.
//!
//! It may change every field of a document, so it is a capability of its own: staff and operators propose, an admin
//! decides, and only documents of the collections that the registry names come back this way.

use crate::domain::document::Document;
use crate::domain::ids::DocPath;
use crate::domain::reason::Reason;
use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::{RESERVATIONS, ReservationStatus};
use crate::domain::write::Write;

/// The write that makes the document hold what `version` held: exactly the top-level fields that differ, on condition
/// that nobody has changed the document since. A document that is gone is made again.
///
/// A reservation's status still moves only along an allowed step.
pub(super) fn plan(path: &DocPath, current: Option<&Document>, version: Option<&Document>) -> Result<Write, Reason> {
    let version = version.ok_or(Reason::VersionUnknown)?;
    let Some(current) = current else {
        return Ok(Write::Create { path: path.clone(), fields: version.fields.clone() });
    };
    let names = current.fields.keys().chain(version.fields.keys());
    let changes: std::collections::BTreeMap<FieldPath, Option<Value>> = names
        .filter(|name| current.fields.get(*name) != version.fields.get(*name))
        .map(|name| (FieldPath::top(name), version.fields.get(name).cloned()))
        .collect();
    if changes.is_empty() {
        return Err(Reason::AlreadySo);
    }
    if path.collection().as_str() == RESERVATIONS {
        may_status_move(current, version)?;
    }
    Ok(Write::Update { path: path.clone(), changes, base: current.update_time })
}

fn may_status_move(current: &Document, version: &Document) -> Result<(), Reason> {
    let (now, then) = (current.fields.get("status"), version.fields.get("status"));
    if now == then {
        return Ok(());
    }
    let allowed = ReservationStatus::allowed_from(now.and_then(Value::as_text).unwrap_or_default());
    match then.and_then(Value::as_text).and_then(ReservationStatus::parse) {
        Some(status) if allowed.contains(&status) => Ok(()),
        Some(_) | None => Err(Reason::TransitionNotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn document(path: &str, members: &[(&str, &str)], update: i64) -> Document {
        let field = |(name, text): &(&str, &str)| ((*name).to_owned(), Value::text(*text));
        Document {
            path: DocPath::parse(path).expect("legal"),
            fields: members.iter().map(field).collect(),
            create_time: Timestamp::from_micros(1),
            update_time: Timestamp::from_micros(update),
        }
    }

    #[test]
    fn exactly_the_fields_that_differ_are_written_on_the_present_revision() {
        let then = document("reservations/r-1", &[("a", "1"), ("b", "2"), ("status", "CONFIRMED")], 5);
        let now = document("reservations/r-1", &[("b", "2"), ("c", "3"), ("status", "CONFIRMED")], 9);
        let write = plan(&now.path, Some(&now), Some(&then)).expect("may be planned");
        assert_eq!(write.base(), Some(now.update_time));
        assert_eq!(write.applied_to(Some(&now.fields)).as_ref(), Some(&then.fields));
        let Write::Update { changes, .. } = write else { panic!("not an update") };
        let names: Vec<String> = changes.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["a", "c"]);
    }

    #[test]
    fn a_reservation_goes_back_only_along_an_allowed_step() {
        let check = |now: &str, then: &str| {
            let now = document("reservations/r-1", &[("status", now)], 9);
            let then = document("reservations/r-1", &[("status", then)], 5);
            plan(&now.path, Some(&now), Some(&then)).map(|_| ())
        };
        assert_eq!(check("WAITLISTED", "CONFIRMED"), Ok(()));
        assert_eq!(check("CANCELLED", "CONFIRMED"), Err(Reason::TransitionNotAllowed));
        assert_eq!(check("CONFIRMED", "REQUESTED"), Err(Reason::TransitionNotAllowed));
        assert_eq!(check("CONFIRMED", "ODD"), Err(Reason::TransitionNotAllowed));
        assert_eq!(check("CONFIRMED", "CONFIRMED"), Err(Reason::AlreadySo));
    }

    #[test]
    fn what_is_gone_is_made_again_and_what_is_unknown_is_not_guessed() {
        let then = document("studioBrainDrills/d", &[("mark", "x")], 5);
        let write = plan(&then.path, None, Some(&then)).expect("may be planned");
        assert_eq!(write, Write::Create { path: then.path.clone(), fields: then.fields.clone() });
        assert_eq!(plan(&then.path, Some(&then), None), Err(Reason::VersionUnknown));
    }
}
