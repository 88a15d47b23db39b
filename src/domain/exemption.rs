//! Exemptions: one capability, for one owner, for a while, without the approval that it needs otherwise.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::ids::{DocPath, Uid};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// The longest that an exemption may hold.
pub const LONGEST: Duration = Duration::from_secs(72 * 3_600);

/// The shortest: a moment that nobody could use is a mistake.
pub const SHORTEST: Duration = Duration::from_secs(60);

/// An exemption: UUID v7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExemptionId(Uuid);

impl ExemptionId {
    /// From a UUID made elsewhere.
    pub const fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for ExemptionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for ExemptionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::try_parse(text).map(Self)
    }
}

/// Whether a capability can have exemptions at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemptible {
    /// Its risk is below critical.
    Yes,
    /// Its risk is critical, so never.
    Critical,
}

/// What somebody asks to be exempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The capability's id.
    pub capability: String,
    /// Whether that capability can have exemptions.
    pub exemptible: Exemptible,
    /// In whose name things are done under it.
    pub owner: Uid,
    /// The one document that it covers; none: every document of the owner.
    pub resource: Option<DocPath>,
    /// Who asked for it and gains by it.
    pub beneficiary: Uid,
    /// Why the studio can do without the approval.
    pub justification: GivenReason,
    /// How long it is to hold.
    pub lasts: Duration,
}

/// An exemption that was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// Its id.
    pub id: ExemptionId,
    /// The capability's id.
    pub capability: String,
    /// In whose name things are done under it.
    pub owner: Uid,
    /// The one document that it covers; none: every document of the owner.
    pub resource: Option<DocPath>,
    /// Who gains by it.
    pub beneficiary: Uid,
    /// Who granted it.
    pub granted_by: Person,
    /// Why.
    pub justification: GivenReason,
    /// When.
    pub granted: Timestamp,
    /// From this moment it no longer holds.
    pub expires: Timestamp,
    /// How it ended, if somebody ended it or its end was recorded.
    pub ended: Option<Ended>,
}

/// How an exemption ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// Somebody took it back.
    Revoked,
    /// Its time was over.
    Expired,
}

impl Exemption {
    /// The exemption that `by` grants, if the rules let them.
    pub fn grant(id: ExemptionId, wanted: Wanted, by: &Actor, now: Timestamp) -> Result<Self, Reason> {
        match by.kind() {
            ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => {}
            ActorKind::Agent => return Err(Reason::AgentCannotDecide),
            ActorKind::Human | ActorKind::System => return Err(Reason::RoleMissing),
        }
        match wanted.exemptible {
            Exemptible::Yes => {}
            Exemptible::Critical => return Err(Reason::ExemptionForCritical),
        }
        if *by.uid() == wanted.beneficiary || *by.uid() == wanted.owner {
            return Err(Reason::ExemptionSelfGranted);
        }
        if !(SHORTEST..=LONGEST).contains(&wanted.lasts) {
            return Err(Reason::ExemptionTooLong);
        }
        Ok(Self {
            id,
            capability: wanted.capability,
            owner: wanted.owner,
            resource: wanted.resource,
            beneficiary: wanted.beneficiary,
            granted_by: by.person(),
            justification: wanted.justification,
            granted: now,
            expires: now.plus(wanted.lasts),
            ended: None,
        })
    }

    /// Does it hold at this moment? One whose end was recorded never does again, whatever the clock says.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.granted <= now && now < self.expires
    }

    /// Does it cover this?
    pub fn covers(&self, capability: &str, owner: &Uid, resource: &DocPath) -> bool {
        self.capability == capability
            && self.owner == *owner
            && self.resource.as_ref().is_none_or(|only| only == resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Issuer;
    use crate::domain::ids::StudioId;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    fn uid(text: &str) -> Uid {
        Uid::parse(text).expect("a uid")
    }

    fn path(text: &str) -> DocPath {
        DocPath::parse(text).expect("a path")
    }

    fn wanted() -> Wanted {
        Wanted {
            capability: "ops_note.append".to_owned(),
            exemptible: Exemptible::Yes,
            owner: uid("mara"),
            resource: None,
            beneficiary: uid("theo"),
            justification: GivenReason::parse("The spring fair needs notes by the hour.").expect("a reason"),
            lasts: LONGEST,
        }
    }

    #[track_caller]
    fn grant(wanted: Wanted, by: &str, kind: ActorKind) -> Result<Exemption, Reason> {
        let studio = StudioId::parse("west").expect("a studio");
        let by = Actor::verified(uid(by), kind, by.to_owned(), studio, Issuer::Real);
        Exemption::grant(ExemptionId::from_uuid(Uuid::from_u128(1)), wanted, &by, NOW)
    }

    #[test]
    fn it_is_granted_by_somebody_who_does_not_gain_by_it() {
        assert!(grant(wanted(), "ines", ActorKind::Staff).is_ok());
        for kind in [ActorKind::Staff, ActorKind::Admin, ActorKind::Operator] {
            assert_eq!(grant(wanted(), "theo", kind), Err(Reason::ExemptionSelfGranted));
            assert_eq!(grant(wanted(), "mara", kind), Err(Reason::ExemptionSelfGranted));
        }
        assert_eq!(grant(wanted(), "bot", ActorKind::Agent), Err(Reason::AgentCannotDecide));
        assert_eq!(grant(wanted(), "push", ActorKind::System), Err(Reason::RoleMissing));
    }

    #[test]
    fn it_is_short_and_never_for_what_is_critical() {
        let longer = Wanted { lasts: LONGEST + Duration::from_micros(1), ..wanted() };
        assert_eq!(grant(longer, "ines", ActorKind::Admin), Err(Reason::ExemptionTooLong));
        let nothing = Wanted { lasts: Duration::ZERO, ..wanted() };
        assert_eq!(grant(nothing, "ines", ActorKind::Admin), Err(Reason::ExemptionTooLong));
        let critical = Wanted { exemptible: Exemptible::Critical, ..wanted() };
        assert_eq!(grant(critical, "ines", ActorKind::Admin), Err(Reason::ExemptionForCritical));
    }

    #[test]
    fn it_holds_from_its_grant_to_its_end_and_covers_only_its_own() {
        let whole = grant(wanted(), "ines", ActorKind::Staff).expect("granted");
        assert!(whole.holds_at(NOW) && whole.holds_at(NOW.plus(LONGEST).minus(Duration::from_micros(1))));
        assert!(!whole.holds_at(NOW.plus(LONGEST)) && !whole.holds_at(NOW.minus(Duration::from_secs(1))));
        for ended in [Ended::Revoked, Ended::Expired] {
            assert!(!Exemption { ended: Some(ended), ..whole.clone() }.holds_at(NOW));
        }
        let batch = path("batches/b-1");
        assert!(whole.covers("ops_note.append", &uid("mara"), &batch));
        assert!(!whole.covers("batch.close", &uid("mara"), &batch));
        assert!(!whole.covers("ops_note.append", &uid("theo"), &batch));
        let one = Exemption { resource: Some(path("batches/b-2")), ..whole };
        assert!(!one.covers("ops_note.append", &uid("mara"), &batch));
        assert!(one.covers("ops_note.append", &uid("mara"), &path("batches/b-2")));
    }
}
