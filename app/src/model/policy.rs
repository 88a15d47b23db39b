//! What holds for every write: the switch, the lease, and what stands close to a limit.

use jiff::Timestamp;

use super::{
    capabilities::CapabilityRow,
    exemptions::ExemptionRow,
    facts::{Actor, May},
    quotas::Counter,
    trouble::Panel,
};

/// The page of the rules.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The switches.
    pub switches: Switches,
    /// Which box sends.
    pub lease: Panel<Lease>,
    /// Exemptions in force, those first that end first.
    pub exemptions: Panel<Vec<ExemptionRow>>,
    /// Counters of which little is left.
    pub near: Panel<Vec<Counter>>,
    /// Every capability.
    pub capabilities: Vec<CapabilityRow>,
}

/// The studio's switch and the box's. They can always be shown: what can't be read is stopped.
#[derive(Debug, Clone)]
pub struct Switches {
    /// Why nothing is sent; `None` while writes may leave.
    pub stopped: Option<String>,
    /// Both, the studio's first.
    pub each: Vec<Switch>,
    /// What was done with them, newest first.
    pub history: Panel<Vec<SwitchStep>>,
    /// May the viewer stop?
    pub may_stop: May,
}

/// One switch.
#[derive(Debug, Clone)]
pub struct Switch {
    /// Which.
    pub scope: SwitchScope,
    /// Where it stands.
    pub position: Position,
    /// Tells one position from the next: a form of an older one is not about this one.
    pub mark: String,
    /// May the viewer ask that writes go on?
    pub may_ask: May,
    /// May the viewer confirm that they do?
    pub may_confirm: May,
}

/// What a switch stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SwitchScope {
    /// This studio.
    #[default]
    Studio,
    /// Every studio on the box.
    Box,
}

impl SwitchScope {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Studio, Self::Box];

    /// The word in the query and in the form field `scope`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Studio => "studio",
            Self::Box => "global",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// The position of a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Writes may leave.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing leaves.
    Stopped {
        /// Who stopped it.
        by: Actor,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// Nothing leaves; another person has to confirm that writes go on.
    ResumeRequested {
        /// Who asked.
        by: Actor,
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
        /// Until when it may be confirmed.
        until: Timestamp,
    },
    /// Nothing leaves, because its history is missing or damaged.
    Unreadable {
        /// What is wrong.
        why: String,
    },
}

/// One line of the switches' history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchStep {
    /// Which switch.
    pub scope: SwitchScope,
    /// What was done, such as `Stopped`.
    pub what: String,
    /// Who.
    pub by: Actor,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Which of the studio's boxes sends, as this one has seen it.
#[derive(Debug, Clone)]
pub struct Lease {
    /// How this box stands to it.
    pub standing: LeaseStanding,
    /// This box.
    pub here: BoxName,
    /// The box that the lease names, if it names one.
    pub holder: Option<BoxName>,
    /// When that box claimed it.
    pub claimed: Option<Timestamp>,
    /// Who took it from another box for that one, and why.
    pub taken: Option<String>,
    /// When it was looked at last.
    pub looked: Option<Timestamp>,
    /// Somebody's decision that this box takes it, which waits for writes to be let out.
    pub taking: Option<Taking>,
    /// May the viewer decide that this box takes it?
    pub may_take: May,
}

/// How a box stands to the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseStanding {
    /// Nobody has looked since the service started.
    Unknown,
    /// Nobody has it.
    Free,
    /// This box is the one that sends.
    Ours,
    /// Another box sends: this one only mirrors.
    Second,
}

/// What tells one box from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxName {
    /// Where its data directory is.
    pub directory: String,
    /// A hash of what identifies its machine.
    pub machine: String,
    /// The version of its service.
    pub version: String,
    /// When its service started, if it said so.
    pub started: Option<Timestamp>,
}

/// A decision that this box takes the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// Who decided.
    pub by: Actor,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Stopping or resuming: what was chosen and typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwitchForm {
    /// Field `scope`; on `/policy/resume` none means whichever is stopped.
    pub scope: Option<SwitchScope>,
    /// The rest.
    pub act: super::acts::ActForm,
}
