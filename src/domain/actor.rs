//! Who does something: known only from a verified credential, or the service itself.

use std::fmt;
use std::time::Duration;

use crate::domain::ids::{StudioId, Uid};
use crate::domain::time::Timestamp;

/// What an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorKind {
    /// A person without a role in the studio, such as a member: known from documents, and never let in.
    Human,
    /// A member of the studio's staff, signed in.
    Staff,
    /// A member of staff who also administers the service, signed in.
    Admin,
    /// A person on the box, known by the operating system.
    Operator,
    /// A program that may propose and can never approve.
    Agent,
    /// The service itself: one of its jobs.
    System,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Human, Self::Staff, Self::Admin, Self::Operator, Self::Agent, Self::System];

    /// The word for it in the database and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Staff => "staff",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }

    /// The kind that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Whose word the proof of identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Issuer {
    /// An identity provider of the real world, the operating system, or the service itself.
    Real,
    /// The sandbox's identity provider: anyone may be anyone.
    Sandbox,
}

/// Somebody who was verified. There is no way to make one from a request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    uid: Uid,
    kind: ActorKind,
    name: String,
    studio: StudioId,
    issuer: Issuer,
    proof: Proof,
}

/// When somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// With this very request: a key, the operating system's word, or the service itself.
    Now,
    /// At the identity provider, then.
    At(Timestamp),
}

impl Actor {
    /// A verified identity. Only `identity` calls this, after it has checked a credential.
    pub(crate) fn verified(uid: Uid, kind: ActorKind, name: String, studio: StudioId, issuer: Issuer) -> Self {
        Self { uid, kind, name, studio, issuer, proof: Proof::Now }
    }

    /// The same, whose proof is of this moment: a person whom a session stands for.
    #[must_use]
    pub(crate) fn proved_at(self, at: Timestamp) -> Self {
        Self { proof: Proof::At(at), ..self }
    }

    /// Did the actor prove who they are within this time?
    pub fn proved_within(&self, time: Duration, now: Timestamp) -> bool {
        match self.proof {
            Proof::Now => true,
            Proof::At(at) => now.since(at) <= time,
        }
    }

    /// The service itself, as one of its jobs.
    pub fn system(studio: &StudioId, job: &str) -> Self {
        let uid = Uid::parse(job).expect("BUG: a job's name is a legal id");
        Self {
            uid,
            kind: ActorKind::System,
            name: job.to_owned(),
            studio: studio.clone(),
            issuer: Issuer::Real,
            proof: Proof::Now,
        }
    }

    /// The id that the identity provider or the operating system gives.
    pub const fn uid(&self) -> &Uid {
        &self.uid
    }

    /// What the actor is.
    pub const fn kind(&self) -> ActorKind {
        self.kind
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The one studio that the credential is good for.
    pub const fn studio(&self) -> &StudioId {
        &self.studio
    }

    /// Whose word the proof of identity is.
    pub const fn issuer(&self) -> Issuer {
        self.issuer
    }

    /// Is it the same person, however they came in?
    pub fn is_same_person(&self, other: &Person) -> bool {
        self.uid == other.uid
    }

    /// What is remembered of the actor beside what they did.
    pub fn person(&self) -> Person {
        Person { uid: self.uid.clone(), kind: self.kind, name: self.name.clone(), issuer: self.issuer }
    }
}

/// Who did something, as the ledger and the audit log remember it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub uid: Uid,
    /// What they were then.
    pub kind: ActorKind,
    /// The name to show.
    pub name: String,
    /// Whose word the proof of identity is.
    pub issuer: Issuer,
}

impl fmt::Display for Person {
    /// Such as `staff:uid_staff_ines`, or `sandbox:staff:uid_staff_ines`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.issuer {
            Issuer::Real => {}
            Issuer::Sandbox => out.write_str("sandbox:")?,
        }
        write!(out, "{}:{}", self.kind.as_str(), self.uid)
    }
}

impl Person {
    /// Reads what [`Person`] displays, with a name beside it.
    pub fn parse(label: &str, name: &str) -> Option<Self> {
        let (issuer, rest) = match label.strip_prefix("sandbox:") {
            Some(rest) => (Issuer::Sandbox, rest),
            None => (Issuer::Real, label),
        };
        let (kind, uid) = rest.split_once(':')?;
        Some(Self { uid: Uid::parse(uid).ok()?, kind: ActorKind::parse(kind)?, name: name.to_owned(), issuer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_survives_the_label() {
        for label in ["staff:uid:with:colons", "sandbox:admin:x", "system:push"] {
            let person = Person::parse(label, "Name").expect("a label");
            assert_eq!(person.to_string(), label);
        }
        assert_eq!(Person::parse("nobody:x", ""), None);
        assert_eq!(Person::parse("staff", ""), None);
    }
}
