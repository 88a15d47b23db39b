//! Who is signed in where, and who may sign in.

use jiff::Timestamp;

use super::{facts::Actor, trouble::Panel};

/// Which of everybody's sessions are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only those of the person with this id.
    pub person: Option<String>,
}

/// The page of sessions.
#[derive(Debug, Clone)]
pub struct Sessions {
    /// The reader's own, the most recently used first.
    pub mine: Panel<Vec<SessionRow>>,
    /// Everybody else's; none for readers who may not see them.
    pub others: Option<Panel<Vec<SessionRow>>>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Sent back as the form field `session`.
    pub id: String,
    /// Who.
    pub person: Actor,
    /// The browser, such as `Firefox on Linux`; empty when it does not say.
    pub browser: String,
    /// Since when.
    pub began: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// When it ends if nobody uses it.
    pub ends: Timestamp,
    /// Is it the one that asks?
    pub is_this: bool,
}

/// The page of who may sign in.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Everybody who ever signed in, and everybody on whom the studio has a word of its own.
    pub people: Panel<Vec<StaffRow>>,
}

/// A person who may sign in, or may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// The person's id.
    pub uid: String,
    /// The verified addresses, as far as they are known.
    pub emails: Vec<String>,
    /// The studio's own word, if it has one.
    pub word: Option<StaffWord>,
    /// How many browsers the person is signed in with now.
    pub sessions: u64,
}

/// The studio's own word on a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffWord {
    /// What it says.
    pub rule: StaffRule,
    /// Why.
    pub reason: String,
    /// Whose word it was.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
}

/// What the studio says on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffRule {
    /// May sign in as staff.
    Staff,
    /// May sign in as administrator.
    Admin,
    /// May not sign in.
    Deny,
}

/// The form that says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffForm {
    /// Field `person`.
    pub person: String,
    /// Field `rule`: `staff`, `admin`, `deny`, or `none` to say nothing any more.
    pub rule: String,
    /// Field `reason`.
    pub reason: String,
    /// What is wrong with the person.
    pub person_problem: Option<String>,
    /// What is wrong with the reason.
    pub reason_problem: Option<String>,
    /// What else is wrong.
    pub problem: Option<String>,
}

impl SessionFilter {
    /// Reads decoded query parameters; unknown names are ignored.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let person = pairs.into_iter().find(|(name, _)| *name == "person").map(|(_, value)| value.trim());
        Self { person: person.filter(|person| !person.is_empty()).map(str::to_owned) }
    }
}

impl StaffRule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::Staff, Self::Admin, Self::Deny];

    /// The word in the form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Admin => "admin",
            Self::Deny => "deny",
        }
    }

    /// Reads the word of a form.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}
