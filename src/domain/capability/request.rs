//! A parsed request for a change, and the write that it becomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::capability::{Capability, Executor, FieldUpdate, Source};
use crate::domain::change::MOST_CHANGES;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, ProposalId, Uid};
use crate::domain::reason::Reason;
use crate::domain::restore;
use crate::domain::time::{BadTimestamp, Timestamp};
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::write::Write;

/// What a form or a program sent, by the name of the input.
pub type Inputs = BTreeMap<String, Value>;

/// A parsed request for a change. Only a capability that writes has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    capability: Arc<Capability>,
    subject: DocPath,
    wish: Wish,
}

/// Requests for the same change of one document or several, to be made together or not at all.
///
/// Invariant: there is at least one, and all are of one capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requests(Vec<Request>);

impl From<Request> for Requests {
    fn from(request: Request) -> Self {
        Self(vec![request])
    }
}

impl Requests {
    /// Parses what a form or a program sent, the same for each of these documents.
    ///
    /// # Errors
    /// The input that breaks a rule, and the rule.
    pub fn parse(capability: &Arc<Capability>, documents: &[String], inputs: &Inputs) -> Result<Self, BadInput> {
        if !(1..=MOST_CHANGES).contains(&documents.len()) {
            return Err(bad("documents", format!("name 1 to {MOST_CHANGES} documents, not {}", documents.len())));
        }
        documents
            .iter()
            .map(|document| Request::parse(capability, document, inputs))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The capability that they ask for.
    pub fn capability(&self) -> &Arc<Capability> {
        self.0.first().expect("BUG: there is at least one request").capability()
    }

    /// The first document that they are about.
    pub fn subject(&self) -> &DocPath {
        self.0.first().expect("BUG: there is at least one request").subject()
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Request> {
        self.0.iter()
    }
}

/// What is wanted of the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    /// These values.
    Fields(BTreeMap<FieldPath, Value>),
    /// A note about it.
    Note(NoteText),
    /// A mark on it.
    Mark(NoteText),
    /// The version that stood at this moment.
    Version(Timestamp),
}

/// What was looked up for a request before it is planned.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The request's subject as the mirror has it; `None` when it has none.
    pub subject: Option<&'a Document>,
    /// The version to restore, if it is known to have stood.
    pub version: Option<&'a Document>,
}

/// The text of a note: 5 to 500 characters, without control characters other than line breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteText(String);

/// An input breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct BadInput {
    /// The form field or member.
    pub field: String,
    /// What it has to be.
    pub rule: String,
}

impl NoteText {
    /// Trims and checks the text.
    pub fn parse(text: &str) -> Result<Self, BadInput> {
        let text = text.trim().replace("\r\n", "\n");
        let length = text.chars().count();
        if !(5..=500).contains(&length) {
            return Err(BadInput { field: "note".to_owned(), rule: format!("use 5 to 500 characters, not {length}") });
        }
        if text.chars().any(|letter| letter.is_control() && letter != '\n') {
            return Err(BadInput { field: "note".to_owned(), rule: "leave out control characters".to_owned() });
        }
        Ok(Self(text))
    }
}

impl Request {
    /// Parses what a form or a program sent: `document` is a path, or an id in the capability's own collection.
    ///
    /// # Errors
    /// The input that breaks a rule, and the rule.
    pub fn parse(capability: &Arc<Capability>, document: &str, inputs: &Inputs) -> Result<Self, BadInput> {
        let Some(rules) = capability.write() else {
            return Err(bad("capability", "choose one that writes: this one only reads"));
        };
        let subject = subject(capability, document)?;
        let text = |name: &str| inputs.get(name).and_then(Value::as_text).unwrap_or_default();
        let only = |names: &[&str]| match inputs.keys().find(|name| !names.contains(&name.as_str())) {
            Some(other) => Err(bad(other, format!("is no input of {}", capability.id))),
            None => Ok(()),
        };
        let wish = match &rules.executor {
            Executor::FieldUpdate(update) => Wish::Fields(chosen(capability, update, inputs)?),
            Executor::Note { .. } => only(&["note"]).and_then(|()| NoteText::parse(text("note")).map(Wish::Note))?,
            Executor::Mark => only(&["note"]).and_then(|()| NoteText::parse(text("note")).map(Wish::Mark))?,
            Executor::Restore => {
                only(&["at"])?;
                let at = text("at").trim();
                if at.is_empty() {
                    return Err(bad("at", "say which version to restore"));
                }
                Wish::Version(at.parse().map_err(|error: BadTimestamp| bad("at", error.to_string()))?)
            }
        };
        Ok(Self { capability: Arc::clone(capability), subject, wish })
    }

    /// The capability it asks for.
    pub const fn capability(&self) -> &Arc<Capability> {
        &self.capability
    }

    /// The document that the request is about: it has to be looked at before planning.
    pub const fn subject(&self) -> &DocPath {
        &self.subject
    }

    /// The moment whose version has to be looked up before planning.
    pub const fn version(&self) -> Option<Timestamp> {
        match self.wish {
            Wish::Version(at) => Some(at),
            Wish::Fields(_) | Wish::Note(_) | Wish::Mark(_) => None,
        }
    }

    /// The exact write, and one sentence about it, given what is known of the subject.
    ///
    /// # Errors
    /// Why it can't be written as the subject is.
    pub fn plan(
        &self,
        known: Known<'_>,
        proposal: ProposalId,
        proposer: &Uid,
        now: Timestamp,
    ) -> Result<(Write, String), Reason> {
        let rules = self.capability.write().ok_or(Reason::CapabilityUnknown)?;
        match (&rules.executor, &self.wish) {
            (Executor::FieldUpdate(update), Wish::Fields(chosen)) => {
                let subject = known.subject.ok_or(Reason::DocumentMissing)?;
                let changes = update.changes(chosen, subject, proposer, now)?;
                let sentence = update.sentence(&self.capability.title, subject, &changes);
                Ok((Write::Update { path: self.subject.clone(), changes, base: subject.update_time }, sentence))
            }
            (Executor::Note { creates }, Wish::Note(note)) => {
                let subject = known.subject.ok_or(Reason::DocumentMissing)?;
                Ok(self.note(creates, note, subject, proposal, proposer, now))
            }
            (Executor::Mark, Wish::Mark(mark)) => Ok(self.mark(mark, known.subject, now)),
            (Executor::Restore, Wish::Version(at)) => {
                let write = restore::plan(&self.subject, known.subject, known.version)?;
                Ok((write, format!("Restore {} as it was at {at}", self.subject)))
            }
            (Executor::FieldUpdate(_) | Executor::Note { .. } | Executor::Mark | Executor::Restore, _) => {
                Err(Reason::InputInvalid)
            }
        }
    }

    fn note(
        &self,
        creates: &CollectionId,
        note: &NoteText,
        subject: &Document,
        proposal: ProposalId,
        proposer: &Uid,
        now: Timestamp,
    ) -> (Write, String) {
        let path = DocPath::in_collection(creates, &proposal.to_string()).expect("BUG: a UUID is a legal id");
        let fields = Fields::from([
            ("ownerUid".to_owned(), subject.fields.get("ownerUid").cloned().unwrap_or(Value::Null)),
            ("resourceCollection".to_owned(), Value::text(self.subject.collection().as_str())),
            ("resourceId".to_owned(), Value::text(self.subject.id())),
            ("note".to_owned(), Value::text(&note.0)),
            ("proposalId".to_owned(), Value::text(proposal.to_string())),
            ("createdAt".to_owned(), Value::Timestamp(now)),
            ("createdByUid".to_owned(), Value::text(proposer.as_str())),
        ]);
        (Write::Create { path, fields }, format!("Leave a note about batch {}", self.subject.id()))
    }

    fn mark(&self, mark: &NoteText, subject: Option<&Document>, now: Timestamp) -> (Write, String) {
        let path = self.subject.clone();
        let changes = [("mark".to_owned(), Value::text(&mark.0)), ("markedAt".to_owned(), Value::Timestamp(now))];
        let write = match subject {
            Some(subject) => Write::Update {
                path,
                changes: changes.map(|(name, value)| (FieldPath::top(name), Some(value))).into(),
                base: subject.update_time,
            },
            None => Write::Create { path, fields: changes.into() },
        };
        (write, format!("Rehearse a rollback on {}", self.subject))
    }
}

fn bad(field: &str, rule: impl Into<String>) -> BadInput {
    BadInput { field: field.to_owned(), rule: rule.into() }
}

fn subject(capability: &Capability, document: &str) -> Result<DocPath, BadInput> {
    let document = document.trim();
    let text = match capability.collection() {
        Some(collection) if !document.contains('/') => format!("{collection}/{document}"),
        Some(_) | None => document.to_owned(),
    };
    let path = DocPath::parse(text).map_err(|error| bad("document", error.to_string()))?;
    if capability.is_about(&path) {
        return Ok(path);
    }
    let targets: Vec<String> = capability.targets.iter().map(ToString::to_string).collect();
    Err(bad("document", format!("name a document like {}", targets.join(" or "))))
}

/// What was chosen, checked against what may be chosen.
fn chosen(
    capability: &Capability,
    update: &FieldUpdate,
    inputs: &Inputs,
) -> Result<BTreeMap<FieldPath, Value>, BadInput> {
    let choices = update.fields.iter().filter_map(|field| match &field.source {
        Source::Chosen(choice) => Some((&field.path, choice)),
        Source::Fixed(_) | Source::Now | Source::Proposer | Source::Follows { .. } => None,
    });
    let (mut chosen, mut names) = (BTreeMap::new(), Vec::new());
    for (path, choice) in choices {
        let name = path.to_string();
        match inputs.get(&name).filter(|value| value.as_text() != Some("")) {
            None if choice.optional => {}
            None => return Err(bad(&name, format!("choose one of: {}", choice.words().join(", ")))),
            Some(value) => {
                // A form sends everything as text.
                let read = value.as_text().and_then(|text| choice.kind.read(text));
                let value = read.unwrap_or_else(|| value.clone());
                if let Some(rule) = choice.objection(&value) {
                    return Err(bad(&name, rule));
                }
                chosen.insert(path.clone(), value);
            }
        }
        names.push(name);
    }
    match inputs.keys().find(|name| !names.contains(name)) {
        Some(other) => Err(bad(other, format!("is no input of {}", capability.id))),
        None => Ok(chosen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::capability::Registry;

    fn document(path: &str, fields: &[(&str, Value)]) -> Document {
        Document {
            path: DocPath::parse(path).expect("legal"),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            create_time: Timestamp::from_micros(1),
            update_time: Timestamp::from_micros(2),
        }
    }

    fn request(capability: &str, document: &str, inputs: &[(&str, &str)]) -> Result<Request, BadInput> {
        let capability = Registry::shipped().find(capability).expect("is there");
        let inputs = inputs.iter().map(|(name, text)| ((*name).to_owned(), Value::text(*text))).collect();
        Request::parse(capability, document, &inputs)
    }

    #[track_caller]
    fn plan(request: &Request, subject: Option<&Document>) -> Result<(Write, String), Reason> {
        let proposal = ProposalId::from_uuid(uuid::Uuid::from_u128(1));
        let known = Known { subject, version: None };
        request.plan(known, proposal, &Uid::parse("u").expect("legal"), Timestamp::from_micros(9))
    }

    #[test]
    fn a_status_is_only_set_along_an_allowed_step() {
        let request = request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]).expect("parses");
        let reservation = |status: &str| document("reservations/r-1", &[("status", Value::text(status))]);
        let (write, summary) = plan(&request, Some(&reservation("REQUESTED"))).expect("allowed");
        assert_eq!(write.base(), Some(Timestamp::from_micros(2)));
        assert_eq!(summary, "Set reservation r-1 from REQUESTED to CONFIRMED");
        assert_eq!(plan(&request, Some(&reservation("CONFIRMED"))), Err(Reason::AlreadySo));
        assert_eq!(plan(&request, Some(&reservation("CANCELLED"))), Err(Reason::TransitionNotAllowed));
        assert_eq!(plan(&request, Some(&document("reservations/r-1", &[]))), Err(Reason::TransitionNotAllowed));
        assert_eq!(plan(&request, None), Err(Reason::DocumentMissing));
    }

    #[test]
    fn inputs_are_parsed_with_the_field_and_the_rule() {
        let bad = |capability, document, inputs: &[(&str, &str)]| {
            request(capability, document, inputs).expect_err("is refused").field
        };
        assert_eq!(bad("reservation.status.set", "batches/b", &[("status", "CONFIRMED")]), "document");
        assert_eq!(bad("reservation.status.set", "reservations/r/x/y", &[("status", "CONFIRMED")]), "document");
        assert_eq!(bad("reservation.status.set", "r", &[("status", "CANCELED")]), "status");
        assert_eq!(bad("reservation.status.set", "r", &[]), "status");
        assert_eq!(bad("reservation.status.set", "r", &[("status", "CONFIRMED"), ("ownerUid", "x")]), "ownerUid");
        assert_eq!(bad("ops_note.append", "b", &[("note", "abc")]), "note");
        assert_eq!(bad("ops_note.append", "b", &[("note", "abcde\u{7}f")]), "note");
        assert_eq!(bad("document.restore", "reservations/r", &[("at", "yesterday")]), "at");
        assert_eq!(bad("document.restore", "batches/b", &[("at", "2026-03-18T17:00:00Z")]), "document");
        assert_eq!(bad("hubitat.devices.read", "x/y", &[]), "capability");
        assert_eq!(bad("firing.unloaded.mark", "f", &[("unloadNote", "a\u{7}")]), "unloadNote");
    }

    #[test]
    fn a_field_update_needs_no_code() {
        let close = request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]).expect("parses");
        let batch =
            document("batches/b-1", &[("state", Value::text("READY_FOR_PICKUP")), ("isClosed", Value::Boolean(false))]);
        let (write, summary) = plan(&close, Some(&batch)).expect("allowed");
        assert_eq!(summary, "Close batch b-1: from READY_FOR_PICKUP to CLOSED_PICKED_UP");
        let after = write.applied_to(Some(&batch.fields)).expect("is there");
        assert_eq!(after.get("isClosed"), Some(&Value::Boolean(true)));
        assert_eq!(after.get("closedAt"), Some(&Value::Timestamp(Timestamp::from_micros(9))));
        assert!(close.capability().covers(&write));

        let correct = request("batch.state.correct", "b-1", &[("state", "SHELVED")]).expect("parses");
        let odd = document("batches/b-1", &[("state", Value::text("SHELVED")), ("isClosed", Value::Boolean(true))]);
        let (write, _) = plan(&correct, Some(&odd)).expect("isClosed is corrected");
        assert_eq!(
            write.applied_to(Some(&odd.fields)).expect("is there").get("isClosed"),
            Some(&Value::Boolean(false))
        );
        assert!(!close.capability().covers(&Write::Delete { path: odd.path.clone(), base: odd.update_time }));
    }

    #[test]
    fn what_a_field_update_requires_is_asked_of_the_document() {
        let mark = request("firing.unloaded.mark", "f-1", &[]).expect("parses");
        let firing = |fields: &[(&str, Value)]| document("kilnFirings/f-1", fields);
        let done = ("status", Value::text("completed"));
        assert!(plan(&mark, Some(&firing(std::slice::from_ref(&done)))).is_ok());
        assert!(plan(&mark, Some(&firing(&[done.clone(), ("unloadedAt", Value::Null)]))).is_ok());
        let again = firing(&[done, ("unloadedAt", Value::Timestamp(Timestamp::from_micros(3)))]);
        assert_eq!(plan(&mark, Some(&again)), Err(Reason::RequirementNotMet));
        assert_eq!(plan(&mark, Some(&firing(&[("status", Value::text("scheduled"))]))), Err(Reason::RequirementNotMet));

        let pick = request("order.pickup.mark", "o-1", &[]).expect("parses");
        let order = |status: &str, payment: &str| {
            document("materialsOrders/o-1", &[("status", Value::text(status)), ("paymentStatus", Value::text(payment))])
        };
        assert!(plan(&pick, Some(&order("paid", "paid"))).is_ok());
        assert_eq!(plan(&pick, Some(&order("paid", "disputed"))), Err(Reason::RequirementNotMet));
        assert_eq!(plan(&pick, Some(&order("picked_up", "paid"))), Err(Reason::AlreadySo));
    }
}
