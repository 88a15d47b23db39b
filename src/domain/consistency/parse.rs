//! From the file's text to rules: what breaks a rule for rules is named with its place.

use std::time::Duration;

use serde::Deserialize;

use crate::domain::consistency::Rules;
use crate::domain::consistency::computed::Computation;
use crate::domain::consistency::rule::{About, Link, Rule, Shape};
use crate::domain::consistency::test::{Bound, Is, Test};
use crate::domain::finding::FindingKind;
use crate::domain::ids::CollectionId;
use crate::domain::value::{FieldPath, Value};

/// Why a file of rules was refused.
#[derive(Debug, thiserror::Error)]
pub enum BadRules {
    /// It is no TOML of the right shape.
    #[error("could not read the rules of `{file}`")]
    Shape {
        /// The file.
        file: String,
        /// What is wrong.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A rule breaks a rule of ours.
    #[error("`{file}`: the rule `{rule}` is none: `{key}` {what}")]
    Rule {
        /// The file.
        file: String,
        /// The rule's id.
        rule: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    id: String,
    collection: String,
    says: String,
    finding: Option<String>,
    #[serde(default)]
    when: Vec<FileTest>,
    expect: Option<Vec<FileTest>>,
    cites: Option<FileLink>,
    refers: Option<FileLink>,
    beside: Option<FileBeside>,
    named: Option<FileNamed>,
    apart: Option<FileApart>,
    crowd: Option<FileCrowd>,
    sum: Option<FileSum>,
    computed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTest {
    field: String,
    is: Option<Vec<toml::Value>>,
    is_not: Option<Vec<toml::Value>>,
    there: Option<bool>,
    older_than: Option<String>,
    within: Option<String>,
    above: Option<toml::Value>,
    has: Option<String>,
    has_not: Option<String>,
    distinct: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLink {
    by: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBeside {
    by: String,
    to: String,
    #[serde(default)]
    other: Vec<FileTest>,
    differ: Option<[String; 2]>,
    same: Option<[String; 2]>,
    before: Option<[String; 2]>,
    about: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNamed {
    of: String,
    by: String,
    #[serde(default)]
    other: Vec<FileTest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileApart {
    of: String,
    from: String,
    until: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCrowd {
    of: String,
    at: Option<String>,
    within: Option<String>,
    at_least: usize,
    distinct: Option<String>,
    at_least_distinct: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSum {
    below: String,
    field: String,
    kept: String,
}

/// What is wrong with a key.
type Wrong = (&'static str, String);

impl Rules {
    /// The rules of a file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadRules> {
        let shape = |source| BadRules::Shape { file: file.to_owned(), source: Box::new(source) };
        let read: File = toml::from_str(text).map_err(shape)?;
        let mut rules: Vec<Rule> = Vec::new();
        for from in read.rule {
            let id = from.id.clone();
            let named = |(key, what)| BadRules::Rule { file: file.to_owned(), rule: id.clone(), key, what };
            if rules.iter().any(|rule| rule.id == id) {
                return Err(named(("id", "is the id of another rule, too".to_owned())));
            }
            rules.push(rule(from).map_err(named)?);
        }
        Ok(Self { rules })
    }
}

fn rule(from: FileRule) -> Result<Rule, Wrong> {
    let is_id = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if from.id.is_empty() || !from.id.chars().all(is_id) {
        return Err(("id", "is made of small letters, digits and `-`".to_owned()));
    }
    if from.says.trim().is_empty() {
        return Err(("says", "is empty: people have to be told what is wrong".to_owned()));
    }
    let (collection, when) = (collection("collection", from.collection)?, tests(from.when)?);
    let mut shapes = Vec::new();
    shapes.extend(from.expect.map(|expect| Ok(Shape::Within { expect: tests(expect)? })));
    shapes.extend(from.refers.map(|refers| Ok(Shape::Refers(link("refers", refers)?))));
    shapes.extend(from.beside.map(beside));
    shapes.extend(from.named.map(|named| {
        let (of, by) = (self::collection("named", named.of)?, field("named", &named.by)?);
        Ok(Shape::Named { of, by, other: tests(named.other)? })
    }));
    shapes.extend(from.apart.map(|apart| {
        let one = |name: &String| field("apart", name);
        Ok(Shape::Apart { of: one(&apart.of)?, from: one(&apart.from)?, until: one(&apart.until)? })
    }));
    shapes.extend(from.crowd.map(crowd));
    shapes.extend(from.sum.map(|sum| {
        let (field_path, kept) = (field("sum", &sum.field)?, field("sum", &sum.kept)?);
        Ok(Shape::Sum { below: self::collection("sum", sum.below)?, field: field_path, kept })
    }));
    shapes.extend(from.computed.map(|name| {
        let computation = Computation::parse(&name);
        computation.map(Shape::Computed).ok_or_else(|| ("computed", format!("names `{name}`, which is no rule")))
    }));
    let shape = match shapes.len() {
        0 if when.is_empty() => return Err(("when", "is empty, and nothing is expected".to_owned())),
        0 => Shape::Within { expect: Vec::new() },
        1 => shapes.remove(0)?,
        _ => {
            return Err((
                "id",
                "has more than one of expect, refers, beside, named, apart, crowd, sum, computed".to_owned(),
            ));
        }
    };
    let usual = match &shape {
        Shape::Refers(_) => FindingKind::DanglingReference,
        Shape::Within { .. }
        | Shape::Beside { .. }
        | Shape::Named { .. }
        | Shape::Apart { .. }
        | Shape::Crowd { .. }
        | Shape::Sum { .. }
        | Shape::Computed(_) => FindingKind::RuleBroken,
    };
    let finding = match from.finding.as_deref() {
        None => usual,
        Some("flags-disagree") => FindingKind::FlagsDisagree,
        Some("rule-broken") => FindingKind::RuleBroken,
        Some(_) => return Err(("finding", "has to be flags-disagree or rule-broken".to_owned())),
    };
    let cites = from.cites.map(|cites| link("cites", cites)).transpose()?;
    Ok(Rule { id: from.id, finding, collection, when, shape, says: from.says, cites })
}

fn beside(from: FileBeside) -> Result<Shape, Wrong> {
    let pair = |pair: Option<[String; 2]>| {
        pair.map(|[one, other]| Ok((field("beside", &one)?, field("beside", &other)?))).transpose()
    };
    let about = match from.about.as_deref() {
        None | Some("this") => About::This,
        Some("other") => About::Other,
        Some(_) => return Err(("beside", "is about `this` or `other`".to_owned())),
    };
    Ok(Shape::Beside {
        link: link("beside", FileLink { by: from.by, to: from.to })?,
        other: tests(from.other)?,
        differ: pair(from.differ)?,
        same: pair(from.same)?,
        before: pair(from.before)?,
        about,
    })
}

fn crowd(from: FileCrowd) -> Result<Shape, Wrong> {
    if from.at_least < 2 {
        return Err(("crowd", "needs `at_least` two".to_owned()));
    }
    if from.at.is_some() != from.within.is_some() {
        return Err(("crowd", "has `at` and `within`, or neither".to_owned()));
    }
    let distinct = match (from.distinct, from.at_least_distinct) {
        (None, None) => None,
        (Some(name), Some(least)) => Some((field("crowd", &name)?, least)),
        (None, Some(_)) | (Some(_), None) => {
            return Err(("crowd", "has `distinct` and `at_least_distinct`, or neither".to_owned()));
        }
    };
    Ok(Shape::Crowd {
        of: field("crowd", &from.of)?,
        at: from.at.map(|at| field("crowd", &at)).transpose()?,
        within: from.within.map(|within| duration("crowd", &within)).transpose()?,
        at_least: from.at_least,
        distinct,
    })
}

fn tests(from: Vec<FileTest>) -> Result<Vec<Test>, Wrong> {
    from.into_iter().map(test).collect()
}

fn test(from: FileTest) -> Result<Test, Wrong> {
    let field_path = field("field", &from.field)?;
    let mut kinds = Vec::new();
    kinds.extend(from.is.map(|values| Ok(Is::OneOf(literals(values)?))));
    kinds.extend(from.is_not.map(|values| Ok(Is::NoneOf(literals(values)?))));
    kinds.extend(from.there.map(|there| Ok(if there { Is::There } else { Is::Absent })));
    kinds.extend(from.older_than.map(|text| Ok(Is::OlderThan(duration("older_than", &text)?))));
    kinds.extend(from.within.map(|text| Ok(Is::Within(duration("within", &text)?))));
    kinds.extend(from.above.map(|bound| Ok(Is::Above(self::bound(bound)?))));
    kinds.extend(from.has.map(|text| Ok(Is::Has(text))));
    kinds.extend(from.has_not.map(|text| Ok(Is::HasNot(text))));
    kinds.extend(from.distinct.map(|_| Ok(Is::Distinct)));
    match kinds.len() {
        1 => Ok(Test { field: field_path, is: kinds.remove(0)? }),
        _ => Err(("field", format!("`{field_path}` needs exactly one test"))),
    }
}

fn bound(from: toml::Value) -> Result<Bound, Wrong> {
    match from {
        #[expect(clippy::cast_precision_loss, reason = "a bound that a person writes is far below 2^53")]
        toml::Value::Integer(number) => Ok(Bound::Number(number as f64)),
        toml::Value::Float(number) => Ok(Bound::Number(number)),
        toml::Value::String(name) => Ok(Bound::Field(field("above", &name)?)),
        toml::Value::Boolean(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
            Err(("above", "is a number, or a field's name".to_owned()))
        }
    }
}

fn literals(from: Vec<toml::Value>) -> Result<Vec<Value>, Wrong> {
    let literal = |value| match value {
        toml::Value::String(text) => Ok(Value::Text(text)),
        toml::Value::Boolean(flag) => Ok(Value::Boolean(flag)),
        toml::Value::Integer(number) => Ok(Value::Integer(number)),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
            Err(("is", "holds texts, flags and whole numbers".to_owned()))
        }
    };
    from.into_iter().map(literal).collect()
}

fn link(key: &'static str, from: FileLink) -> Result<Link, Wrong> {
    Ok(Link { by: field(key, &from.by)?, to: collection(key, from.to)? })
}

fn field(key: &'static str, text: &str) -> Result<FieldPath, Wrong> {
    FieldPath::parse(text).map_err(|error| (key, error.to_string()))
}

fn collection(key: &'static str, text: String) -> Result<CollectionId, Wrong> {
    CollectionId::parse(text).map_err(|error| (key, error.to_string()))
}

/// A whole number of minutes, hours or days: `30m`, `26h`, `7d`, or `0m`.
fn duration(key: &'static str, text: &str) -> Result<Duration, Wrong> {
    let wrong = || (key, format!("`{text}` is no time such as 30m, 26h or 7d"));
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    count.checked_mul(unit).map(Duration::from_secs).ok_or_else(wrong)
}
