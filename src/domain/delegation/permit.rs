use std::time::Duration;

use crate::domain::agent::AgentScope;
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, Uid};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

use super::document::{Delegation, Status};

/// What an agent wants to do, in whose name.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// In whose name, as the agent says.
    pub owner: &'a Uid,
    /// The agent: verified.
    pub agent: &'a Uid,
    /// What.
    pub scope: &'a AgentScope,
    /// With which document.
    pub resource: &'a DocPath,
    /// Whose document that is, as the mirror says; none: nobody's.
    pub resource_owner: Option<&'a Uid>,
    /// The delegation that the agent names, if it names one: by its document's id.
    pub delegation: Option<&'a str>,
    /// When.
    pub now: Timestamp,
}

/// How old the mirror of the delegations is, and may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MirrorAge {
    /// The read time as of which the mirror is true; none: it was never read.
    pub read: Option<Timestamp>,
    /// The oldest that it may be: a revocation acts within this time.
    pub bound: Duration,
}

/// The delegation that permits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permitted {
    /// The document's id. Ask again for the same one before the write goes out.
    pub delegation: String,
    /// All that it delegates.
    pub scopes: Vec<AgentScope>,
}

/// Why nothing permits it, from the least that was found to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DelegationRefusal {
    /// There is none.
    Missing,
    /// It can't be understood.
    Invalid,
    /// It was given to another agent.
    AgentMismatch,
    /// It, or the document, is another owner's.
    OwnerMismatch,
    /// It was taken back.
    Revoked,
    /// Its time is over.
    Expired,
    /// It does not cover what is asked.
    ScopeMissing,
    /// It does not cover the document.
    ResourceMissing,
    /// The mirror is too old to rely on, whatever it says.
    StaleMirror,
}

impl DelegationRefusal {
    /// The reason code.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Missing => Reason::DelegationMissing,
            Self::Invalid => Reason::DelegationInvalid,
            Self::AgentMismatch => Reason::DelegationActorMismatch,
            Self::OwnerMismatch => Reason::DelegationOwnerMismatch,
            Self::Revoked => Reason::DelegationRevoked,
            Self::Expired => Reason::DelegationExpired,
            Self::ScopeMissing => Reason::DelegationScopeMissing,
            Self::ResourceMissing => Reason::DelegationResourceMissing,
            Self::StaleMirror => Reason::DelegationStale,
        }
    }
}

/// Signs of a confused deputy: an agent that tries to act with rights that are not meant for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// It named a delegation that was given to another agent.
    BorrowedDelegation {
        /// The delegation.
        delegation: String,
        /// Whose it is.
        given_to: Uid,
    },
    /// It named a delegation of another owner than the one in whose name it acts.
    OtherOwnersDelegation {
        /// The delegation.
        delegation: String,
        /// Who gave it.
        given_by: Uid,
    },
    /// It reached for a document of another owner.
    ForeignResource {
        /// In whose name.
        claimed: Uid,
        /// Whose it is.
        actual: Uid,
    },
}

impl Suspicion {
    /// A word for it in the log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::BorrowedDelegation { .. } => "borrowed_delegation",
            Self::OtherOwnersDelegation { .. } => "other_owners_delegation",
            Self::ForeignResource { .. } => "foreign_resource",
        }
    }
}

/// It is not permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: DelegationRefusal,
    /// Whether it looks like an attempt to borrow somebody else's rights.
    pub suspicion: Option<Suspicion>,
}

/// May the agent do it, by one of these mirrored documents? Ask when it is proposed and again before it is pushed.
pub fn permits(documents: &[Document], ask: &Ask<'_>, age: MirrorAge) -> Result<Permitted, Refused> {
    let plain = |why| Refused { why, suspicion: None };
    if age.read.is_none_or(|read| ask.now.since(read) > age.bound) {
        return Err(plain(DelegationRefusal::StaleMirror));
    }
    if ask.resource_owner != Some(ask.owner) {
        let suspicion = ask.resource_owner.map(|actual| foreign(ask, actual));
        return Err(Refused { why: DelegationRefusal::OwnerMismatch, suspicion });
    }
    let mut closest = plain(DelegationRefusal::Missing);
    for document in documents {
        match by_one(document, ask) {
            Ok(permitted) => return Ok(permitted),
            Err(Some(refused)) if refused.why > closest.why => closest = refused,
            Err(_) => {}
        }
    }
    Err(closest)
}

/// What one document says: permitted, refused, or nothing about this.
fn by_one(document: &Document, ask: &Ask<'_>) -> Result<Permitted, Option<Refused>> {
    if ask.delegation.is_some_and(|named| named != document.path.id()) {
        return Err(None);
    }
    let refused = |why, suspicion| Some(Refused { why, suspicion });
    let plain = |why| Err(refused(why, None));
    let Ok(delegation) = Delegation::parse(document) else { return plain(DelegationRefusal::Invalid) };
    let Delegation { id, owner, agent, scopes, owners, resources, status, expires } = delegation;
    if agent != *ask.agent || owner != *ask.owner {
        let suspicion = match ask.delegation {
            None => return Err(None),
            Some(_) if agent != *ask.agent => Suspicion::BorrowedDelegation { delegation: id, given_to: agent.clone() },
            Some(_) => Suspicion::OtherOwnersDelegation { delegation: id, given_by: owner },
        };
        let mismatch = agent != *ask.agent;
        let why = if mismatch { DelegationRefusal::AgentMismatch } else { DelegationRefusal::OwnerMismatch };
        return Err(refused(why, Some(suspicion)));
    }
    if let Some(other) = owners.iter().find(|named| *named != ask.owner) {
        return Err(refused(DelegationRefusal::OwnerMismatch, Some(foreign(ask, other))));
    }
    match status {
        Status::Active => {}
        Status::Revoked => return plain(DelegationRefusal::Revoked),
    }
    if ask.now >= expires {
        return plain(DelegationRefusal::Expired);
    }
    if !scopes.iter().any(|scope| scope.covers(ask.scope)) {
        return plain(DelegationRefusal::ScopeMissing);
    }
    if !resources.is_empty() && !resources.iter().any(|resource| resource.covers(ask.resource)) {
        return plain(DelegationRefusal::ResourceMissing);
    }
    Ok(Permitted { delegation: id, scopes })
}

fn foreign(ask: &Ask<'_>, actual: &Uid) -> Suspicion {
    Suspicion::ForeignResource { claimed: ask.owner.clone(), actual: actual.clone() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::document::tests::{NOW, document, with};
    use super::*;
    use crate::domain::value::Value;

    const FRESH: MirrorAge = MirrorAge { read: Some(NOW), bound: Duration::from_secs(60) };

    struct Asked {
        owner: &'static str,
        agent: &'static str,
        scope: &'static str,
        resource: &'static str,
        resource_owner: Option<&'static str>,
        delegation: Option<&'static str>,
        now: Timestamp,
    }

    const USUAL: Asked = Asked {
        owner: "mara",
        agent: "agent-ops-sweeper",
        scope: "capability:ops_note.append:execute",
        resource: "batches/b-1",
        resource_owner: Some("mara"),
        delegation: None,
        now: NOW,
    };

    fn uid(text: &str) -> Uid {
        Uid::parse(text).expect("a uid")
    }

    fn answer(documents: &[Document], asked: &Asked, age: MirrorAge) -> Result<Permitted, Refused> {
        let (owner, agent, resource_owner) = (uid(asked.owner), uid(asked.agent), asked.resource_owner.map(uid));
        let scope = AgentScope::parse(asked.scope).expect("a scope");
        let resource = DocPath::parse(asked.resource).expect("a path");
        let ask = Ask {
            owner: &owner,
            agent: &agent,
            scope: &scope,
            resource: &resource,
            resource_owner: resource_owner.as_ref(),
            delegation: asked.delegation,
            now: asked.now,
        };
        permits(documents, &ask, age)
    }

    #[track_caller]
    fn refused(document: Document, asked: &Asked, why: DelegationRefusal) -> Option<Suspicion> {
        let refused = answer(&[document], asked, FRESH).expect_err("is refused");
        assert_eq!(refused.why, why);
        refused.suspicion
    }

    fn texts(texts: &[&str]) -> Option<Value> {
        Some(Value::Array(texts.iter().copied().map(Value::text).collect()))
    }

    #[test]
    fn what_was_delegated_is_permitted() {
        let permitted = answer(&[document()], &USUAL, FRESH).expect("permitted");
        assert_eq!((permitted.delegation.as_str(), permitted.scopes.len()), ("dlg-1", 2));
        assert!(answer(&[document()], &Asked { delegation: Some("dlg-1"), ..USUAL }, FRESH).is_ok());
        for resources in [&[][..], &["*"], &["owner:mara", "*"], &["owner:mara", "batches/b-1"], &["batches/*"]] {
            let document = with(document(), "resources", texts(resources));
            assert!(answer(&[document], &USUAL, FRESH).is_ok(), "{resources:?}");
        }
        let all = with(document(), "scopes", texts(&["capability:*:execute"]));
        assert!(answer(&[all], &USUAL, FRESH).is_ok());
    }

    #[test]
    fn every_refusal_has_its_reason() {
        use DelegationRefusal as Why;
        let none = answer(&[], &USUAL, FRESH).expect_err("nobody delegated anything");
        assert_eq!((none.why, none.suspicion), (Why::Missing, None));
        refused(document(), &Asked { delegation: Some("dlg-2"), ..USUAL }, Why::Missing);
        refused(with(document(), "status", None), &USUAL, Why::Invalid);
        refused(with(document(), "status", Some(Value::text("revoked"))), &USUAL, Why::Revoked);
        refused(with(document(), "expiresAt", Some(Value::Timestamp(NOW))), &USUAL, Why::Expired);
        refused(document(), &Asked { scope: "capability:batch.close:execute", ..USUAL }, Why::ScopeMissing);
        let one = with(document(), "resources", texts(&["owner:mara", "batches/b-2", "orders/*"]));
        refused(one, &USUAL, Why::ResourceMissing);
        refused(document(), &Asked { resource_owner: None, ..USUAL }, Why::OwnerMismatch);
        for why in [Why::Missing, Why::Invalid, Why::AgentMismatch, Why::OwnerMismatch, Why::Revoked] {
            assert!(why.reason().code().starts_with("DELEGATION_"));
        }
    }

    #[test]
    fn a_stale_mirror_permits_nothing() {
        for read in [None, Some(NOW.minus(Duration::from_secs(61)))] {
            let age = MirrorAge { read, ..FRESH };
            assert_eq!(answer(&[document()], &USUAL, age).expect_err("is refused").why, DelegationRefusal::StaleMirror);
        }
    }

    #[test]
    fn borrowed_rights_are_told_apart() {
        use DelegationRefusal as Why;
        let named = Asked { delegation: Some("dlg-1"), ..USUAL };
        let borrowed = refused(document(), &Asked { agent: "agent-night-clerk", ..named }, Why::AgentMismatch);
        assert!(matches!(borrowed, Some(Suspicion::BorrowedDelegation { .. })), "{borrowed:?}");
        let theo = Asked { owner: "theo", resource_owner: Some("theo"), ..USUAL };
        let other = refused(document(), &Asked { delegation: Some("dlg-1"), ..theo }, Why::OwnerMismatch);
        assert!(matches!(other, Some(Suspicion::OtherOwnersDelegation { .. })), "{other:?}");
        let foreign = refused(document(), &Asked { resource_owner: Some("theo"), ..USUAL }, Why::OwnerMismatch);
        assert!(matches!(foreign, Some(Suspicion::ForeignResource { .. })), "{foreign:?}");
        let over = with(document(), "resources", texts(&["owner:theo"]));
        assert!(matches!(refused(over, &USUAL, Why::OwnerMismatch), Some(Suspicion::ForeignResource { .. })));
        assert_eq!(refused(document(), &theo, Why::Missing), None, "another owner's delegation that nobody named");
    }

    #[test]
    fn the_refusal_that_came_closest_is_told() {
        let revoked = with(document(), "status", Some(Value::text("revoked")));
        let invalid = with(document(), "status", None);
        let narrow = with(document(), "scopes", texts(&["batches:read"]));
        let refused = answer(&[revoked, narrow, invalid], &USUAL, FRESH).expect_err("is refused");
        assert_eq!(refused.why, DelegationRefusal::ScopeMissing);
    }

    proptest! {
        #[test]
        fn what_is_permitted_holds_in_every_respect(
            owner in prop::sample::select(vec!["mara", "theo"]),
            agent in prop::sample::select(vec!["agent-ops-sweeper", "agent-night-clerk"]),
            resource_owner in prop::sample::select(vec![None, Some("mara"), Some("theo")]),
            scope in crate::domain::agent::any_scope(),
            resource in prop::sample::select(vec!["batches/b-1", "batches/b-2", "orders/o-1"]),
            delegation in prop::sample::select(vec![None, Some("dlg-1"), Some("dlg-2")]),
            resources in prop::sample::subsequence(
                vec!["owner:mara", "owner:theo", "*", "batches/b-1", "orders/*"], 0..4,
            ),
            scopes in prop::collection::vec(crate::domain::agent::any_scope(), 0..3),
            status in prop::sample::select(vec!["active", "revoked", "odd"]),
            late in -10_i64..10,
            age in 0_u64..120,
        ) {
            let texts: Vec<&str> = scopes.iter().map(AgentScope::as_str).collect();
            let document = with(with(document(), "resources", self::texts(&resources)), "scopes", self::texts(&texts));
            let document = with(document, "status", Some(Value::text(status)));
            let expires = Timestamp::from_micros(NOW.micros() - late);
            let document = with(document, "expiresAt", Some(Value::Timestamp(expires)));
            let scope_text: &'static str = Box::leak(scope.as_str().to_owned().into_boxed_str());
            let asked = Asked { owner, agent, scope: scope_text, resource, resource_owner, delegation, now: NOW };
            let read = Some(NOW.minus(Duration::from_secs(age)));
            let permitted = answer(&[document], &asked, MirrorAge { read, bound: Duration::from_secs(60) }).is_ok();
            let limited: Vec<_> = resources.iter().filter(|text| text.contains('/')).collect();
            let collection = format!("{}/*", &resource[..resource.len() - 4]);
            let inside = limited.iter().any(|text| **text == resource || **text == collection);
            let expected = owner == "mara"
                && agent == "agent-ops-sweeper"
                && resource_owner == Some("mara")
                && delegation != Some("dlg-2")
                && status == "active"
                && late < 0
                && age <= 60
                && !resources.contains(&"owner:theo")
                && scopes.iter().any(|own| own.covers(&scope))
                && (resources.contains(&"*") || limited.is_empty() || inside);
            prop_assert_eq!(permitted, expected);
        }
    }
}
