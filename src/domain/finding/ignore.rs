//! Rules by which findings are ignored: by whom, why, and until when.

use std::time::Duration;

use uuid::Uuid;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::finding::{Finding, FindingKind};
use crate::domain::ids::CollectionId;
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// The longest that a finding may be ignored: after that somebody has to think of it again.
pub const LONGEST: Duration = Duration::from_secs(90 * 86_400);

/// The shortest: less is a mistake.
pub const SHORTEST: Duration = Duration::from_secs(60);

/// What is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreScope {
    /// This one finding.
    Finding(Uuid),
    /// Whatever is of this kind in this collection, and by this rule if it is of one.
    Alike {
        /// The kind.
        kind: FindingKind,
        /// The collection.
        collection: CollectionId,
        /// The rule, field or number.
        rule: Option<String>,
    },
}

impl IgnoreScope {
    /// Everything that is like this finding.
    pub fn alike(finding: &Finding) -> Self {
        Self::Alike { kind: finding.kind, collection: finding.collection.clone(), rule: finding.rule.clone() }
    }

    /// Is this finding meant?
    pub fn covers(&self, finding: &Finding) -> bool {
        match self {
            Self::Finding(id) => finding.id() == *id,
            Self::Alike { kind, collection, rule } => {
                finding.kind == *kind && finding.collection == *collection && finding.rule == *rule
            }
        }
    }
}

/// What somebody wants to be ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedIgnore {
    /// What.
    pub scope: IgnoreScope,
    /// Why.
    pub reason: GivenReason,
    /// For how long.
    pub lasts: Duration,
}

/// A rule by which findings are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// Its id.
    pub id: Uuid,
    /// What.
    pub scope: IgnoreScope,
    /// Why.
    pub reason: GivenReason,
    /// Who says so.
    pub by: Person,
    /// Since when.
    pub since: Timestamp,
    /// From this moment on it no longer holds.
    pub expires: Timestamp,
    /// When somebody ended it before its time.
    pub ended: Option<Timestamp>,
}

impl Ignore {
    /// The rule that `by` makes, if they may.
    ///
    /// # Errors
    /// Agents and strangers may not; and the time has to be one that a person can oversee.
    pub fn make(id: Uuid, wanted: WantedIgnore, by: &Actor, now: Timestamp) -> Result<Self, Reason> {
        may_ignore(by)?;
        if wanted.lasts < SHORTEST || wanted.lasts > LONGEST {
            return Err(Reason::InputInvalid);
        }
        let WantedIgnore { scope, reason, lasts } = wanted;
        Ok(Self { id, scope, reason, by: by.person(), since: now, expires: now.plus(lasts), ended: None })
    }

    /// Does it hold now?
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires
    }
}

/// May they say what is ignored?
///
/// # Errors
/// Why not.
pub fn may_ignore(by: &Actor) -> Result<(), Reason> {
    match by.kind() {
        ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => Ok(()),
        ActorKind::Agent => Err(Reason::AgentCannotDecide),
        ActorKind::Human | ActorKind::System => Err(Reason::RoleMissing),
    }
}

/// The rule that says that a finding is ignored now; the one that holds longest.
pub fn ignored<'a>(finding: &Finding, rules: &'a [Ignore], now: Timestamp) -> Option<&'a Ignore> {
    rules.iter().filter(|rule| rule.holds_at(now) && rule.scope.covers(finding)).max_by_key(|rule| rule.expires)
}
