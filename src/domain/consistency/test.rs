//! One test of one field: it holds, it does not, or the document does not say.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::canonical;
use crate::domain::document::Document;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};

/// A test of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The field.
    pub field: FieldPath,
    /// What it has to be.
    pub is: Is,
}

/// What a field has to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Is {
    /// One of these values.
    OneOf(Vec<Value>),
    /// None of these values.
    NoneOf(Vec<Value>),
    /// There, and not null.
    There,
    /// Missing, or null.
    Absent,
    /// A moment longer ago than this.
    OlderThan(Duration),
    /// A moment that is still to come, and not later than this from now.
    Within(Duration),
    /// A number greater than this one, or than another field's.
    Above(Bound),
    /// A list that has this text, in which `{name}` stands for another field.
    Has(String),
    /// A list that does not have this text.
    HasNot(String),
    /// A list without anything twice.
    Distinct,
}

/// What a number is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// This number.
    Number(f64),
    /// What another field holds.
    Field(FieldPath),
}

impl Test {
    /// Does it hold of these fields? `None` when they do not say.
    pub fn holds(&self, fields: &Fields, now: Timestamp) -> Option<bool> {
        let found = self.field.get(fields).filter(|value| !matches!(value, Value::Null));
        match &self.is {
            Is::There => return Some(found.is_some()),
            Is::Absent => return Some(found.is_none()),
            Is::OneOf(_)
            | Is::NoneOf(_)
            | Is::OlderThan(_)
            | Is::Within(_)
            | Is::Above(_)
            | Is::Has(_)
            | Is::HasNot(_)
            | Is::Distinct => {}
        }
        let found = found?;
        match &self.is {
            Is::There => Some(true),
            Is::Absent => Some(false),
            Is::OneOf(values) => Some(values.contains(found)),
            Is::NoneOf(values) => Some(!values.contains(found)),
            Is::OlderThan(bound) => moment(found).map(|at| at < now.minus(*bound)),
            Is::Within(bound) => moment(found).map(|at| at >= now && at <= now.plus(*bound)),
            Is::Above(Bound::Number(bound)) => number(found).map(|number| number > *bound),
            Is::Above(Bound::Field(other)) => Some(number(found)? > number(other.get(fields)?)?),
            Is::Has(text) => Some(list(found)?.contains(&Value::Text(filled(text, fields)?))),
            Is::HasNot(text) => Some(!list(found)?.contains(&Value::Text(filled(text, fields)?))),
            Is::Distinct => {
                let items = list(found)?;
                let distinct: BTreeSet<String> = items.iter().map(canonical::encode_value).collect();
                Some(distinct.len() == items.len())
            }
        }
    }

    /// What the field should have been, where there is only one answer.
    pub fn expected(&self, fields: &Fields) -> Option<Value> {
        match &self.is {
            Is::OneOf(values) => values.first().filter(|_| values.len() == 1).cloned(),
            Is::Above(Bound::Field(other)) => other.get(fields).cloned(),
            Is::NoneOf(_)
            | Is::There
            | Is::Absent
            | Is::OlderThan(_)
            | Is::Within(_)
            | Is::Above(Bound::Number(_))
            | Is::Has(_)
            | Is::HasNot(_)
            | Is::Distinct => None,
        }
    }

    /// What it found that changes with time, for people: such as "`endAt` was 9 h ago".
    pub fn age(&self, document: &Document, now: Timestamp) -> Option<String> {
        let at = moment(self.field.get(&document.fields)?)?;
        match self.is {
            Is::OlderThan(_) => Some(format!("`{}` was {} ago", self.field, span(now.since(at)))),
            Is::Within(_) => Some(format!("`{}` is in {}", self.field, span(at.since(now)))),
            Is::OneOf(_)
            | Is::NoneOf(_)
            | Is::There
            | Is::Absent
            | Is::Above(_)
            | Is::Has(_)
            | Is::HasNot(_)
            | Is::Distinct => None,
        }
    }
}

/// Do all of them hold? What the fields do not say does not.
pub(super) fn all_hold(tests: &[Test], fields: &Fields, now: Timestamp) -> bool {
    tests.iter().all(|test| test.holds(fields, now) == Some(true))
}

/// A moment, if the value is one.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    if let Value::Timestamp(at) = value { Some(*at) } else { None }
}

/// A number, if the value is one.
#[expect(clippy::cast_precision_loss, reason = "cents and counts are far below 2^53")]
pub(super) fn number(value: &Value) -> Option<f64> {
    if let Value::Integer(number) = value {
        return Some(*number as f64);
    }
    if let Value::Double(number) = value { Some(*number) } else { None }
}

fn list(value: &Value) -> Option<&[Value]> {
    if let Value::Array(items) = value { Some(items) } else { None }
}

/// The text with each `{name}` replaced by what that field holds; `None` when one holds no text.
fn filled(text: &str, fields: &Fields) -> Option<String> {
    let Some((before, rest)) = text.split_once('{') else { return Some(text.to_owned()) };
    let (name, after) = rest.split_once('}')?;
    let value = fields.get(name)?.as_text()?;
    Some(format!("{before}{value}{}", filled(after, fields)?))
}

/// A time that passed, in the largest unit that tells something.
fn span(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
