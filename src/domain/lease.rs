//! The lease: which of a studio's boxes may write. One document in Firestore names it.
//!
//! It is a record of ownership and not of time: nobody has to renew it, and nobody gets it because time has passed.
//! A box claims it where it is missing, or where it names that box's own previous life; else an operator decides.
//! What keeps every write from landing twice are receipts and preconditions, with the lease or without it.

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::decision::Lease as Answer;
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, StudioId};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};
use crate::domain::write::Write;

/// The collection of leases: one document for each studio.
pub const BOXES: &str = "studioBrainBoxes";

/// Where the lease of a studio is.
pub fn path(studio: &StudioId) -> DocPath {
    DocPath::parse(format!("{BOXES}/{studio}")).expect("BUG: a studio's id is a legal document id")
}

/// One start of one box, as a lease names it.
///
/// A lease that somebody else wrote may lack any of this: what is missing is empty, and so is nobody whom we know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The id of the data directory. A copy of the directory has it, too.
    pub edge: String,
    /// This start of the service.
    pub start: String,
    /// A hash that is the same for every start on one machine.
    pub machine: String,
    /// Where the data directory is on that machine.
    pub directory: String,
    /// The version of the service.
    pub version: String,
    /// When the service started.
    pub started: Option<Timestamp>,
}

impl Holder {
    /// Is it the same directory of the same machine? Then one of the two is dead: a directory has one service.
    pub fn is_in_place_of(&self, other: &Self) -> bool {
        let known = !self.machine.is_empty() && !self.directory.is_empty();
        known && (&self.machine, &self.directory) == (&other.machine, &other.directory)
    }
}

/// Whom a lease names, since when, and who decided it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Who has it.
    pub holder: Holder,
    /// When that box claimed it.
    pub claimed: Option<Timestamp>,
    /// Who took it from another box, and why; `None` where nobody had to decide.
    pub taken: Option<String>,
    /// The lease's update time: what the next claim is conditional on.
    pub base: Timestamp,
}

/// How this box stands to the lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has looked since this start.
    #[default]
    Unknown,
    /// Nobody has it, or our own previous life: it may be claimed.
    Free {
        /// The update time that it must still have; `None` when it must still be missing.
        base: Option<Timestamp>,
    },
    /// It names this start.
    Ours(Claim),
    /// It names another box, or another life of this one.
    Second(Claim),
}

impl Standing {
    /// What the policies are told.
    pub const fn answer(&self) -> Answer {
        match self {
            Self::Unknown | Self::Free { .. } => Answer::Unknown,
            Self::Ours(_) => Answer::Ours,
            Self::Second(_) => Answer::Another,
        }
    }

    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Free { .. } => "free",
            Self::Ours(_) => "ours",
            Self::Second(_) => "second",
        }
    }
}

/// Who this box is, and what it knows of the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// This start.
    pub me: Holder,
    /// What the last look of this start has seen.
    pub seen: Standing,
}

impl Lease {
    /// How this box stands to the lease as it was found.
    ///
    /// Only a box that has not stood otherwise since its start takes its own previous life for dead: one that had the
    /// lease and finds its own place named by another start was cloned, and is the second.
    pub fn look(&self, found: Option<&Document>) -> Standing {
        let Some(found) = found else { return Standing::Free { base: None } };
        let claim = Claim::of(&found.fields, found.update_time);
        if claim.holder.start == self.me.start {
            return Standing::Ours(claim);
        }
        match &self.seen {
            Standing::Unknown | Standing::Free { .. } if self.me.is_in_place_of(&claim.holder) => {
                Standing::Free { base: Some(claim.base) }
            }
            Standing::Unknown | Standing::Free { .. } | Standing::Ours(_) | Standing::Second(_) => {
                Standing::Second(claim)
            }
        }
    }

    /// The write that makes the lease ours if it still is as it was found at `base`.
    pub fn claim(&self, base: Option<Timestamp>, taking: Option<&Taking>, now: Timestamp, path: DocPath) -> Write {
        let taken = taking.map(Taking::to_string);
        let claim = Claim { holder: self.me.clone(), claimed: Some(now), taken, base: Timestamp::default() };
        let fields = claim.fields();
        match base {
            None => Write::Create { path, fields },
            Some(base) => {
                let changes = fields.into_iter().map(|(name, value)| (FieldPath::top(name), Some(value))).collect();
                Write::Update { path, changes, base }
            }
        }
    }
}

impl Claim {
    /// What a lease says that holds these fields since `base`.
    pub fn of(fields: &Fields, base: Timestamp) -> Self {
        let text = |name: &str| fields.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let moment = |name: &str| match fields.get(name)? {
            Value::Timestamp(at) => Some(*at),
            Value::Null
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Double(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Reference(_)
            | Value::GeoPoint { .. }
            | Value::Array(_)
            | Value::Map(_) => None,
        };
        Self {
            holder: Holder {
                edge: text("box"),
                start: text("start"),
                machine: text("machine"),
                directory: text("directory"),
                version: text("version"),
                started: moment("startedAt"),
            },
            claimed: moment("claimedAt"),
            taken: Some(text("taken")).filter(|taken| !taken.is_empty()),
            base,
        }
    }

    /// What a lease holds that says this.
    pub fn fields(&self) -> Fields {
        let text = |text: &str| Value::text(text);
        let moment = |at: Option<Timestamp>| at.map_or(Value::Null, Value::Timestamp);
        let holder = &self.holder;
        Fields::from([
            ("box".to_owned(), text(&holder.edge)),
            ("start".to_owned(), text(&holder.start)),
            ("machine".to_owned(), text(&holder.machine)),
            ("directory".to_owned(), text(&holder.directory)),
            ("version".to_owned(), text(&holder.version)),
            ("startedAt".to_owned(), moment(holder.started)),
            ("claimedAt".to_owned(), moment(self.claimed)),
            ("taken".to_owned(), self.taken.as_deref().map_or(Value::Null, text)),
        ])
    }
}

/// An operator's decision that this box takes the lease, good until it is carried out or the service starts again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Who decided.
    pub by: Person,
    /// Why.
    pub reason: GivenReason,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Display for Taking {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} ({}): {}", self.by.name, self.by, self.reason.as_str())
    }
}

/// May `by` decide which box writes?
///
/// # Errors
/// Why not.
pub const fn may_take(by: &Actor) -> Result<(), Reason> {
    match by.kind() {
        ActorKind::Admin | ActorKind::Operator => Ok(()),
        ActorKind::Human | ActorKind::Staff | ActorKind::Agent | ActorKind::System => Err(Reason::RoleMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    fn holder(start: &str, machine: &str, directory: &str) -> Holder {
        Holder {
            edge: "b".to_owned(),
            start: start.to_owned(),
            machine: machine.to_owned(),
            directory: directory.to_owned(),
            version: "1".to_owned(),
            started: Some(NOW),
        }
    }

    fn me(seen: Standing) -> Lease {
        Lease { me: holder("s-1", "m", "/data"), seen }
    }

    fn place() -> DocPath {
        path(&StudioId::parse("west").expect("legal"))
    }

    /// The document that the claim of this holder leaves.
    fn named(holder: Holder) -> Document {
        let lease = Lease { me: holder, seen: Standing::Unknown };
        let fields = lease.claim(None, None, NOW, place()).applied_to(None).expect("a creation");
        Document { path: place(), fields, create_time: NOW, update_time: NOW }
    }

    fn ours() -> Standing {
        me(Standing::Unknown).look(Some(&named(holder("s-1", "m", "/data"))))
    }

    #[test]
    fn what_is_missing_may_be_claimed_and_what_we_claimed_is_ours() {
        assert_eq!(me(Standing::Unknown).look(None), Standing::Free { base: None });
        assert_eq!(me(ours()).look(None), Standing::Free { base: None });
        assert_eq!(ours().answer(), Answer::Ours);
        assert_eq!(Standing::default().answer(), Answer::Unknown, "what nobody looked at is no permission");
        assert_eq!(Standing::Free { base: None }.answer(), Answer::Unknown, "and neither is what nobody claimed");
    }

    #[test]
    fn a_start_takes_its_previous_life_for_dead_and_nobody_else() {
        let before = named(holder("s-0", "m", "/data"));
        assert_eq!(me(Standing::Unknown).look(Some(&before)), Standing::Free { base: Some(NOW) });
        for (machine, directory) in [("m", "/copy"), ("other", "/data"), ("", ""), ("m", "")] {
            let other = named(holder("s-0", machine, directory));
            let standing = me(Standing::Unknown).look(Some(&other));
            assert_eq!(standing.answer(), Answer::Another, "{machine} {directory}");
        }
        let mut nowhere = me(Standing::Unknown);
        nowhere.me = holder("s-1", "", "");
        assert_eq!(nowhere.look(Some(&named(holder("s-0", "", "")))).answer(), Answer::Another);
    }

    #[test]
    fn a_clone_that_started_later_makes_the_running_one_the_second_for_good() {
        let clone = named(holder("s-2", "m", "/data"));
        let lost = me(ours()).look(Some(&clone));
        assert_eq!(lost.answer(), Answer::Another);
        assert_eq!(me(lost).look(Some(&clone)).answer(), Answer::Another);
    }

    #[test]
    fn a_lease_that_somebody_else_wrote_is_anothers() {
        let mut strange = named(holder("s-0", "m", "/data"));
        strange.fields = Fields::from([("start".to_owned(), Value::Integer(1))]);
        assert_eq!(me(Standing::Unknown).look(Some(&strange)).answer(), Answer::Another);
    }

    #[test]
    fn a_claim_is_conditional_and_reads_back() {
        let lease = me(Standing::Unknown);
        assert_eq!(lease.claim(None, None, NOW, place()).base(), None);
        let write = lease.claim(Some(NOW), None, NOW, place());
        assert_eq!(write.base(), Some(NOW));
        let before = named(holder("s-0", "other", "/elsewhere"));
        let fields = write.applied_to(Some(&before.fields)).expect("an update");
        let after = Document { fields, ..before };
        let Standing::Ours(claim) = lease.look(Some(&after)) else { panic!("ours") };
        assert_eq!((claim.holder, claim.claimed, claim.taken), (lease.me, Some(NOW), None));
    }

    #[test]
    fn only_those_who_administer_the_box_decide_which_one_writes() {
        let studio = StudioId::parse("west").expect("legal");
        assert_eq!(may_take(&Actor::system(&studio, "push")), Err(Reason::RoleMissing));
    }
}
