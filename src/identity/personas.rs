//! Made-up people to sign in as, where an identity provider offers them.

use std::fmt;
use std::sync::Arc;

use crate::domain::time::Timestamp;
use crate::identity::Refusal;

/// A made-up person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    /// What the form sends back.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role in words.
    pub role: String,
    /// One sentence: what this person can try.
    pub about: String,
}

/// Mints an ID token for the persona with this id.
pub type MintToken = Arc<dyn Fn(&str, Timestamp) -> Result<String, Refusal> + Send + Sync>;

/// The made-up people of an identity provider, and a way to their tokens. What it mints is checked like any token.
#[derive(Clone)]
pub struct Personas {
    /// Everyone, in the order to show them.
    pub list: Vec<Persona>,
    /// Mints a token.
    pub mint: MintToken,
}

impl fmt::Debug for Personas {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(&self.list).finish()
    }
}
