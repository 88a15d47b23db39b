//! One entry of the log, and its canonical text: the leaf of the tree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::actor::Person;
use crate::domain::audit::tree::leaf_hash;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::{Hash, StudioId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub sequence: u64,
    /// The studio whose log it is.
    pub studio: StudioId,
    /// What is recorded.
    pub event: Event,
    /// The hash of its leaf, as the tree has it.
    pub hash: Hash,
    /// Is it what was recorded, or was it changed behind our back?
    pub is_intact: bool,
}

/// The members of the canonical text, in their order.
#[derive(Serialize, Deserialize)]
struct Canonical {
    sequence: u64,
    at: String,
    studio: String,
    actor: String,
    name: String,
    action: String,
    target: String,
    reason: String,
    input: Option<String>,
    output: Option<String>,
    details: BTreeMap<String, String>,
}

/// The text of a row is no entry.
#[derive(Debug, thiserror::Error)]
#[error("{what} of an entry can't be read")]
pub struct BadEntry {
    what: &'static str,
    #[source]
    source: Option<serde_json::Error>,
}

/// The canonical text of what `event` becomes at this place: JSON without white space, members in a fixed order.
pub fn canonical(sequence: u64, studio: &StudioId, event: &Event) -> String {
    let text = Canonical {
        sequence,
        at: event.at.to_string(),
        studio: studio.to_string(),
        actor: event.actor.to_string(),
        name: event.actor.name.clone(),
        action: event.action.word().to_owned(),
        target: event.target.to_string(),
        reason: event.reason.code().to_owned(),
        input: event.input.map(|hash| hash.to_string()),
        output: event.output.map(|hash| hash.to_string()),
        details: event.details.clone(),
    };
    serde_json::to_string(&text).expect("BUG: texts and numbers are JSON")
}

impl Entry {
    /// Reads a canonical text, with the leaf's hash that the tree has for it.
    ///
    /// Texts of before the tree have one more member, the hash of the entry before; it is not needed any more.
    ///
    /// # Errors
    /// [`BadEntry`] says which member can't be read.
    pub fn parse(text: &str, recorded: Hash) -> Result<Self, BadEntry> {
        let bad = |what| BadEntry { what, source: None };
        let read: Canonical =
            serde_json::from_str(text).map_err(|source| BadEntry { what: "the JSON", source: Some(source) })?;
        let hash = |text: Option<String>, what| text.map(|text| text.parse().map_err(|_| bad(what))).transpose();
        let event = Event {
            at: read.at.parse().map_err(|_| bad("the time"))?,
            actor: Person::parse(&read.actor, &read.name).ok_or_else(|| bad("the actor"))?,
            action: Action::parse(&read.action).ok_or_else(|| bad("the action"))?,
            target: Target::parse(&read.target).ok_or_else(|| bad("the target"))?,
            reason: Reason::parse(&read.reason).ok_or_else(|| bad("the reason code"))?,
            input: hash(read.input, "the input")?,
            output: hash(read.output, "the output")?,
            details: read.details,
        };
        Ok(Self {
            sequence: read.sequence,
            studio: StudioId::parse(read.studio).map_err(|_| bad("the studio"))?,
            event,
            hash: recorded,
            is_intact: leaf_hash(text.as_bytes()) == recorded,
        })
    }
}

/// A row of the log of before the tree: each entry held the hash of the one before.
#[derive(Clone, Debug)]
pub struct Chained {
    /// Its place, from 1.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// The studio's id.
    pub studio: String,
    /// Who, such as `staff:uid`.
    pub actor: String,
    /// The name as it was shown then.
    pub name: String,
    /// What, such as `proposal.approved`.
    pub action: String,
    /// About what.
    pub target: String,
    /// `OK`, or the code of a denial.
    pub reason: String,
    /// The hash of what went in.
    pub input: Option<Hash>,
    /// The hash of what came out.
    pub output: Option<Hash>,
    /// Further facts by name, as JSON.
    pub details: serde_json::Value,
    /// The hash of the entry before.
    pub previous: Hash,
    /// The hash of this entry.
    pub hash: Hash,
}

/// The hash that the first entry of a chain has before it.
pub const GENESIS: Hash = Hash::from_bytes([0; 32]);

impl Chained {
    /// The canonical text that was hashed then: it becomes the leaf, word for word.
    pub fn canonical(&self) -> String {
        serde_json::json!({
            "sequence": self.sequence,
            "at": self.at.to_string(),
            "studio": self.studio,
            "actor": self.actor,
            "name": self.name,
            "action": self.action,
            "target": self.target,
            "reason": self.reason,
            "input": self.input.map(|hash| hash.to_string()),
            "output": self.output.map(|hash| hash.to_string()),
            "details": self.details,
            "previous": self.previous.to_string(),
        })
        .to_string()
    }

    /// Does it follow from the entry before, unchanged?
    pub fn follows(&self, previous_sequence: u64, previous: Hash) -> bool {
        let in_place = self.sequence == previous_sequence + 1 && self.previous == previous;
        in_place && self.hash == Hash::of(self.canonical())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Actor;

    fn event() -> (StudioId, Event) {
        let studio = StudioId::parse("west").expect("legal");
        let actor = Actor::system(&studio, "push").person();
        let event = Event::new(Timestamp::from_micros(1), actor, Action::ServiceStarted, Target::Service);
        (studio, event.detail("b", "2 \"of\" 3").detail("a", "1").input(Hash::of("x")))
    }

    #[test]
    fn an_entry_survives_its_text_and_a_change_shows() {
        let (studio, event) = event();
        let text = canonical(7, &studio, &event);
        let entry = Entry::parse(&text, leaf_hash(text.as_bytes())).expect("is one");
        assert_eq!((entry.sequence, &entry.studio, &entry.event, entry.is_intact), (7, &studio, &event, true));
        assert!(text.starts_with(r#"{"sequence":7,"at":"1970-01-01T00:00:00.000001Z","studio":"west","#), "{text}");
        let changed = text.replace("push", "pull");
        assert!(!Entry::parse(&changed, leaf_hash(text.as_bytes())).expect("is one").is_intact);
        assert!(Entry::parse("{}", entry.hash).is_err());
    }

    #[test]
    fn a_row_of_before_the_tree_reads_as_an_entry() {
        let (studio, event) = event();
        let mut row = Chained {
            sequence: 1,
            at: event.at,
            studio: studio.to_string(),
            actor: event.actor.to_string(),
            name: event.actor.name.clone(),
            action: event.action.word().to_owned(),
            target: event.target.to_string(),
            reason: event.reason.code().to_owned(),
            input: event.input,
            output: None,
            details: serde_json::json!({ "a": "1", "b": "2 \"of\" 3" }),
            previous: GENESIS,
            hash: GENESIS,
        };
        row.hash = Hash::of(row.canonical());
        assert!(row.follows(0, GENESIS) && !row.follows(1, GENESIS) && !row.follows(0, row.hash));
        let text = row.canonical();
        assert_eq!(Entry::parse(&text, leaf_hash(text.as_bytes())).expect("is one").event, event);
        row.name = "x".to_owned();
        assert!(!row.follows(0, GENESIS));
    }
}
