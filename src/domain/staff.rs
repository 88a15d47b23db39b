//! Whom the studio lets in, and as what.

use crate::domain::actor::ActorKind;

/// What a person who signs in may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaffRole {
    /// Looks, proposes, and decides about the proposals of others.
    Staff,
    /// Everything staff may, and changes switches and people.
    Admin,
}

/// The studio's own word on one person: it outranks what the identity provider says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaffRule {
    /// May sign in, in this role.
    Allow(StaffRole),
    /// May not sign in; sessions end with the next request.
    Deny,
}

impl StaffRole {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }

    /// The role that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Staff, Self::Admin].into_iter().find(|role| role.as_str() == word)
    }

    /// The kind of actor that a person in this role is.
    pub const fn kind(self) -> ActorKind {
        match self {
            Self::Staff => ActorKind::Staff,
            Self::Admin => ActorKind::Admin,
        }
    }
}
