use std::fmt;

/// The longest scope, in characters.
const MOST: usize = 120;

/// What an agent may do, such as `batches:read` or `capability:ops_note.append:execute`.
///
/// Invariant: two to four parts of `a-z`, `0-9`, `_`, `-` and `.`, joined by colons; all but the first may be `*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentScope(String);

/// The text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no scope: use two to four parts of a-z, 0-9, _, - and ., joined by colons, such as `batches:read`"
)]
pub struct BadScope {
    text: String,
}

impl AgentScope {
    /// Checks the text.
    pub fn parse(text: &str) -> Result<Self, BadScope> {
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.')
                })
        };
        let mut parts = text.split(':');
        let first = parts.next().is_some_and(part);
        let rest = parts.all(|text| text == "*" || part(text));
        if first && rest && (2..=4).contains(&text.split(':').count()) && text.len() <= MOST {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadScope { text: text.chars().take(MOST).collect() })
        }
    }

    /// The scope of carrying a capability out.
    pub fn of_capability(id: &str) -> Result<Self, BadScope> {
        Self::parse(&format!("capability:{id}:execute"))
    }

    /// The scope of reading a collection.
    pub fn of_reading(collection: &str) -> Result<Self, BadScope> {
        Self::parse(&format!("{collection}:read"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Does having this scope mean having `other`?
    pub fn covers(&self, other: &Self) -> bool {
        self.meet(other).as_ref() == Some(other)
    }

    /// What both scopes cover, if they have anything in common.
    pub fn meet(&self, other: &Self) -> Option<Self> {
        let (mine, theirs): (Vec<&str>, Vec<&str>) = (self.0.split(':').collect(), other.0.split(':').collect());
        if mine.len() != theirs.len() {
            return None;
        }
        let parts: Option<Vec<&str>> = mine
            .into_iter()
            .zip(theirs)
            .map(|pair| match pair {
                ("*", part) | (part, "*") => Some(part),
                (mine, theirs) => (mine == theirs).then_some(mine),
            })
            .collect();
        Some(Self(parts?.join(":")))
    }
}

impl fmt::Display for AgentScope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope(text: &str) -> AgentScope {
        AgentScope::parse(text).expect("a scope")
    }

    /// Scopes that often have something in common.
    pub(crate) fn any_scope() -> impl Strategy<Value = AgentScope> {
        prop::sample::select(vec![
            "batches:read",
            "batches:*",
            "reservations:read",
            "capability:ops_note.append:execute",
            "capability:batch.close:execute",
            "capability:*:execute",
            "capability:ops_note.append:*",
            "capability:*:*",
        ])
        .prop_map(scope)
    }

    #[test]
    fn a_star_stands_for_one_part() {
        let note = scope("capability:ops_note.append:execute");
        assert!(scope("capability:*:execute").covers(&note));
        assert!(note.covers(&note));
        assert!(!note.covers(&scope("capability:*:execute")), "a narrow scope is not a wide one");
        assert!(!scope("capability:*").covers(&note));
        assert!(!scope("capability:ops_note:execute").covers(&note));
        assert_eq!(scope("a:*:x").meet(&scope("a:b:*")), Some(scope("a:b:x")));
        assert_eq!(scope("a:b").meet(&scope("a:c")), None);
        assert_eq!(AgentScope::of_capability("ops_note.append"), Ok(note));
    }

    #[test]
    fn nonsense_is_no_scope() {
        for bad in [
            "",
            "*",
            "*:*",
            "batches",
            "batches:",
            ":read",
            "Batches:read",
            "a:b:c:d:e",
            "a b:c",
            "a:b\u{200b}",
            "a:**",
        ] {
            assert!(AgentScope::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_common_is_covered_by_both(one in any_scope(), other in any_scope()) {
            prop_assert_eq!(one.meet(&other), other.meet(&one));
            if let Some(common) = one.meet(&other) {
                prop_assert!(one.covers(&common) && other.covers(&common));
                prop_assert_eq!(AgentScope::parse(common.as_str()), Ok(common.clone()));
            }
        }
    }
}
