//! Conditions, deadlines and figures of a file.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::value::{FieldPath, Value};
use crate::domain::vocabulary::parse::file::{FileCondition, FileDeadline, FileEnd, FileFigure, FileSelection};
use crate::domain::vocabulary::parse::{At, BadVocabulary, known_field};
use crate::domain::vocabulary::rule::Test;
use crate::domain::vocabulary::{
    Block, Class, CollectionVocabulary, Condition, Deadline, End, Figure, Selection, Standing, Words,
};

pub(super) fn end(at: At<'_>, known: &CollectionVocabulary, listed: FileEnd) -> Result<End, BadVocabulary> {
    let by = listed.field.map(|name| known_field(at, known, "standing.field", &name)).transpose()?;
    if let Some(field) = &by
        && !known.words_of(field).is_some_and(Words::says_state)
    {
        return Err(at.wrong("standing.field", "its words have no classes"));
    }
    let closed_when = conditions(at, known, "standing.closed_when", listed.closed_when)?;
    if by.is_none() && closed_when.is_empty() {
        return Err(at.wrong("standing", "name the field that says it, or what closes a document"));
    }
    Ok(End { by, closed_when })
}

fn conditions(
    at: At<'_>,
    known: &CollectionVocabulary,
    key: &str,
    listed: Vec<FileCondition>,
) -> Result<Vec<Condition>, BadVocabulary> {
    listed.into_iter().map(|one| condition(at, known, key, one)).collect()
}

fn condition(
    at: At<'_>,
    known: &CollectionVocabulary,
    key: &str,
    listed: FileCondition,
) -> Result<Condition, BadVocabulary> {
    let field = known_field(at, known, key, &listed.field)?;
    let test = match (listed.is, listed.words, listed.classes, listed.there) {
        (Some(toml::Value::Boolean(flag)), None, None, None) => Test::Is(Value::Boolean(flag)),
        (Some(toml::Value::String(text)), None, None, None) => Test::Is(Value::Text(text)),
        (None, Some(words), None, None) => return one_of(at, known, key, field, (words, Vec::new())),
        (None, None, Some(classes), None) => return one_of(at, known, key, field, (Vec::new(), classes)),
        (None, None, None, Some(there)) => Test::There(there),
        (_, _, _, _) => {
            return Err(at.wrong(key, "say one of `is` (a text, true or false), `words`, `classes`, `there`"));
        }
    };
    Ok(Condition { field, test })
}

/// The condition that a field holds one of these words, or a word of one of these classes.
fn one_of(
    at: At<'_>,
    known: &CollectionVocabulary,
    key: &str,
    field: FieldPath,
    (listed, classes): (Vec<String>, Vec<String>),
) -> Result<Condition, BadVocabulary> {
    let Some(words) = known.words_of(&field) else {
        return Err(at.wrong(key, format!("the words of `{field}` are not listed")));
    };
    let mut meant = BTreeSet::new();
    for word in listed {
        if words.find(&word).is_none() {
            return Err(at.wrong(key, format!("`{word}` is no word of `{field}`")));
        }
        meant.insert(word);
    }
    for class in classes {
        let Some(class) = Class::parse(&class) else { return Err(at.wrong(key, format!("`{class}` is no class"))) };
        meant.extend(words.iter().filter(|word| word.class == Some(class)).map(|word| word.word.clone()));
    }
    let spelled: Vec<String> = words
        .spellings
        .iter()
        .filter(|(_, stands_for)| meant.contains(stands_for))
        .map(|(spelling, _)| spelling.clone())
        .collect();
    meant.extend(spelled);
    if meant.is_empty() {
        return Err(at.wrong(key, format!("it means no word of `{field}`")));
    }
    Ok(Condition { field, test: Test::OneOf(meant) })
}

fn selection(
    at: At<'_>,
    known: &CollectionVocabulary,
    key: &str,
    listed: FileSelection,
) -> Result<Selection, BadVocabulary> {
    let standing = match listed.standing.as_deref().map(Standing::parse) {
        Some(None) => return Err(at.wrong(key, "a standing is open, closed or unknown")),
        Some(Some(standing)) => Some(standing),
        None => None,
    };
    if standing.is_some() && known.end.is_none() {
        return Err(at.wrong(key, "documents of this collection have no standing"));
    }
    let words = if listed.words.is_some() || listed.classes.is_some() {
        let Some(field) = known.standing_field().cloned() else {
            return Err(at.wrong(key, "no field says how its documents stand"));
        };
        let meant = (listed.words.unwrap_or_default(), listed.classes.unwrap_or_default());
        Some(one_of(at, known, key, field, meant)?)
    } else {
        None
    };
    Ok(Selection { standing, words, when: conditions(at, known, key, listed.when)? })
}

pub(super) fn deadline(
    at: At<'_>,
    known: &CollectionVocabulary,
    mut listed: FileDeadline,
) -> Result<Deadline, BadVocabulary> {
    let key = format!("deadline.{}", listed.id);
    if known.end.is_none() {
        return Err(at.wrong(key, "documents of this collection are never open"));
    }
    let after = match listed.after.as_deref().map(str::parse::<jiff::SignedDuration>) {
        None => Duration::ZERO,
        Some(Ok(after)) => Duration::try_from(after).map_err(|_| at.wrong(&key, "`after` is negative"))?,
        Some(Err(_)) => return Err(at.wrong(key, "`after` is a duration such as 24h")),
    };
    Ok(Deadline {
        at: known_field(at, known, &key, &listed.at)?,
        after,
        only: selection(at, known, &key, listed.only())?,
        meaning: at.sentence(key, listed.meaning)?,
        id: listed.id,
    })
}

pub(super) fn figure(
    at: At<'_>,
    known: &CollectionVocabulary,
    mut listed: FileFigure,
) -> Result<Figure, BadVocabulary> {
    let key = format!("figure.{}", listed.name);
    let block = Block::parse(&listed.block).ok_or_else(|| {
        let all: Vec<&str> = Block::ALL.into_iter().map(Block::word).collect();
        at.wrong(&key, format!("`{}` is no block: use {}", listed.block, all.join(", ")))
    })?;
    let only = selection(at, known, &key, listed.only())?;
    Ok(Figure { block, only, meaning: at.sentence(key, listed.meaning)?, name: listed.name })
}

/// The fields at the top of a document that decide how it is counted.
pub(super) fn counted(known: &CollectionVocabulary) -> BTreeSet<String> {
    let end = known.end.iter().flat_map(|end| end.by.iter().chain(end.closed_when.iter().map(Condition::field)));
    let amounts = known.amount.iter().flat_map(|amount| [&amount.cents, &amount.currency]);
    let deadlines = known.deadlines.iter();
    let deadlines =
        deadlines.flat_map(|one| std::iter::once(&one.at).chain(one.only.conditions().map(Condition::field)));
    let figures = known.figures.iter().flat_map(|one| one.only.conditions().map(Condition::field));
    let states = known.states().map(Words::field);
    let all = end.chain(amounts).chain(deadlines).chain(figures).chain(states).chain(&known.since);
    all.filter_map(|field| field.names().first().cloned()).collect()
}
