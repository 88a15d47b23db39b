//! A signed-in browser, and what it is told once.

use std::collections::BTreeMap;

use crate::domain::actor::Issuer;
use crate::domain::ids::{Hash, Uid};
use crate::domain::staff::StaffRole;
use crate::domain::time::Timestamp;

/// A signed-in browser as we remember it. The secret that the browser holds is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of the browser's secret: names the session, and is useless to a thief.
    pub key: Hash,
    /// Who signed in.
    pub uid: Uid,
    /// As what they signed in. When that changes, the session ends.
    pub role: StaffRole,
    /// What the identity provider said they are, if anything.
    pub claimed: Option<StaffRole>,
    /// The name to show.
    pub name: String,
    /// The verified address, in lower case.
    pub email: String,
    /// Whose word the proof of identity was.
    pub issuer: Issuer,
    /// When the person last proved who they are.
    pub proved: Timestamp,
    /// When the session began.
    pub began: Timestamp,
    /// When the session was last used, to the minute.
    pub seen: Timestamp,
    /// The browser in a few words, such as `Firefox on Linux`; empty when it does not say.
    pub browser: String,
}

/// A message shown once, on the next page that this browser asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// How it went.
    pub kind: FlashKind,
    /// Which sentence: a stable code that the page turns into words.
    pub code: String,
    /// What the sentence speaks of.
    pub parameters: BTreeMap<String, String>,
    /// What was typed into the form that comes back.
    pub form: BTreeMap<String, String>,
}

/// How an action went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    /// It worked.
    Ok,
    /// It did not.
    Error,
}

impl Flash {
    /// It worked.
    pub fn ok(code: impl Into<String>) -> Self {
        Self::new(FlashKind::Ok, code)
    }

    /// It did not work.
    pub fn error(code: impl Into<String>) -> Self {
        Self::new(FlashKind::Error, code)
    }

    /// Something that the sentence speaks of.
    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.parameters.insert(name.to_owned(), text.into());
        self
    }

    /// Something that was typed, to fill the form with again.
    #[must_use]
    pub fn refill(mut self, field: &str, text: impl Into<String>) -> Self {
        self.form.insert(field.to_owned(), text.into());
        self
    }

    fn new(kind: FlashKind, code: impl Into<String>) -> Self {
        Self { kind, code: code.into(), parameters: Default::default(), form: Default::default() }
    }
}

impl FlashKind {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }

    /// The kind that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Ok, Self::Error].into_iter().find(|kind| kind.as_str() == word)
    }
}
