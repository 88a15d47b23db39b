//! Field updates: what is set to what. They need no code of their own; the registry says everything.

use std::collections::BTreeMap;

use crate::domain::document::Document;
use crate::domain::ids::Uid;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};

/// A field update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldUpdate {
    /// The fields that it sets; at least one.
    pub fields: Vec<FieldRule>,
    /// What the document has to hold before.
    pub requires: Vec<Requirement>,
    /// One sentence about it, with `{id}`, `{field}` and `{from.field}` to be filled in.
    pub summary: Option<String>,
}

/// One field that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRule {
    /// Which.
    pub path: FieldPath,
    /// To what.
    pub source: Source,
}

/// Where a field's new value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The proposer chooses it.
    Chosen(Choice),
    /// It is always this.
    Fixed(Value),
    /// The moment of the proposal.
    Now,
    /// The proposer's id.
    Proposer,
    /// It goes with another field that is set.
    Follows {
        /// The other field.
        field: FieldPath,
        /// What goes with what.
        pairs: Vec<(Value, Value)>,
    },
}

/// What may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The type of the value.
    pub kind: ValueKind,
    /// The values that are allowed; empty: any of the type.
    pub values: Vec<Value>,
    /// What may follow what; empty: anything.
    pub transitions: Vec<Transition>,
    /// May it be left out?
    pub optional: bool,
    /// The most characters of a text.
    pub longest: usize,
}

/// The types that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
}

/// What may follow one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The value before; `None`: the field is missing.
    pub from: Option<Value>,
    /// The values that may follow.
    pub to: Vec<Value>,
}

/// What a field has to hold before the update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Which field.
    pub path: FieldPath,
    /// One of these.
    pub values: Vec<Value>,
    /// Or nothing at all: missing, or null.
    pub absent: bool,
}

impl ValueKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Text, Self::Boolean, Self::Integer];

    /// The word for it in the registry.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
        }
    }

    /// Is the value of this type?
    pub const fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::Text, Value::Text(_)) | (Self::Boolean, Value::Boolean(_)) | (Self::Integer, Value::Integer(_))
        )
    }

    /// Reads what a form sent as text.
    pub fn read(self, text: &str) -> Option<Value> {
        Some(match self {
            Self::Text => Value::text(text),
            Self::Boolean => Value::Boolean(text.parse().ok()?),
            Self::Integer => Value::Integer(text.parse().ok()?),
        })
    }
}

impl Choice {
    /// What is wrong with a value, if anything is.
    pub(super) fn objection(&self, value: &Value) -> Option<String> {
        if !self.kind.fits(value) {
            return Some(format!("give a {}", self.kind.word()));
        }
        if !self.values.is_empty() {
            let listed = self.values.contains(value);
            return (!listed).then(|| format!("choose one of: {}", self.words().join(", ")));
        }
        let text = value.as_text()?;
        if text.is_empty() || text.chars().count() > self.longest {
            return Some(format!("use 1 to {} characters", self.longest));
        }
        let control = text.chars().any(|letter| letter.is_control() && letter != '\n');
        control.then(|| "leave out control characters".to_owned())
    }

    /// The allowed values as words.
    pub fn words(&self) -> Vec<String> {
        self.values.iter().map(words).collect()
    }

    /// What may be chosen, given what the field holds.
    pub fn allowed_from(&self, current: Option<&Value>) -> Vec<Value> {
        let other = |value: &&Value| current != Some(*value);
        if self.transitions.is_empty() {
            return self.values.iter().filter(other).cloned().collect();
        }
        let step = self.transitions.iter().find(|step| step.from.as_ref() == current);
        step.map(|step| step.to.iter().filter(other).cloned().collect()).unwrap_or_default()
    }
}

impl FieldUpdate {
    /// The changes, given what the document holds and what was chosen.
    pub(super) fn changes(
        &self,
        chosen: &BTreeMap<FieldPath, Value>,
        subject: &Document,
        proposer: &Uid,
        now: Timestamp,
    ) -> Result<BTreeMap<FieldPath, Option<Value>>, Reason> {
        let mut changes = BTreeMap::new();
        let mut moved = false;
        for field in &self.fields {
            let current = field.path.get(&subject.fields);
            let value = match &field.source {
                Source::Chosen(choice) => match chosen.get(&field.path) {
                    None => continue,
                    Some(value) if current == Some(value) => continue,
                    Some(value) => {
                        let step = choice.transitions.iter().find(|step| step.from.as_ref() == current);
                        let allowed = choice.transitions.is_empty() || step.is_some_and(|step| step.to.contains(value));
                        if !allowed {
                            return Err(Reason::TransitionNotAllowed);
                        }
                        moved = true;
                        value.clone()
                    }
                },
                Source::Fixed(value) => {
                    moved |= current != Some(value);
                    value.clone()
                }
                Source::Now => Value::Timestamp(now),
                Source::Proposer => Value::text(proposer.as_str()),
                Source::Follows { field: leader, pairs } => {
                    let led = chosen.get(leader).or_else(|| leader.get(&subject.fields));
                    match pairs.iter().find(|(when, _)| Some(when) == led) {
                        None => continue,
                        Some((_, value)) => {
                            moved |= current != Some(value);
                            value.clone()
                        }
                    }
                }
            };
            changes.insert(field.path.clone(), Some(value));
        }
        // A mark without a choice, such as a time, always moves the document; whether it may is a requirement.
        let decides = |field: &FieldRule| match &field.source {
            Source::Chosen(choice) => !choice.optional,
            Source::Fixed(_) | Source::Follows { .. } => true,
            Source::Now | Source::Proposer => false,
        };
        if !moved && self.fields.iter().any(decides) {
            return Err(Reason::AlreadySo);
        }
        if !self.requires.iter().all(|requirement| requirement.is_met(&subject.fields)) {
            return Err(Reason::RequirementNotMet);
        }
        Ok(changes)
    }

    /// One sentence about the changes.
    pub(super) fn sentence(
        &self,
        title: &str,
        subject: &Document,
        changes: &BTreeMap<FieldPath, Option<Value>>,
    ) -> String {
        let Some(summary) = &self.summary else { return format!("{title}: {}", subject.path) };
        let mut sentence = summary.replace("{id}", subject.path.id());
        for field in &self.fields {
            let name = field.path.to_string();
            let before = field.path.get(&subject.fields).map_or_else(|| format!("no {name}"), words);
            let after = changes.get(&field.path).cloned().flatten().as_ref().map_or_else(|| before.clone(), words);
            sentence = sentence.replace(&format!("{{from.{name}}}"), &before).replace(&format!("{{{name}}}"), &after);
        }
        sentence
    }
}

impl Requirement {
    fn is_met(&self, fields: &Fields) -> bool {
        match self.path.get(fields) {
            None | Some(Value::Null) => self.absent,
            Some(value) => self.values.contains(value),
        }
    }
}

/// A short value as a person would write it down.
fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Null
        | Value::Double(_)
        | Value::Timestamp(_)
        | Value::Bytes(_)
        | Value::Reference(_)
        | Value::GeoPoint { .. }
        | Value::Array(_)
        | Value::Map(_) => format!("a {}", value.type_name()),
    }
}
