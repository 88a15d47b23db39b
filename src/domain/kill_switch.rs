//! The kill switch: one person stops in one step, two different people resume.
//!
//! There is one for the studio and one for the whole box; either of them stops everything that is written.
//! What can't be read counts as stopped.

use std::time::Duration;

use crate::domain::actor::{Actor, ActorKind, Person};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// How long after it was asked for a second person may confirm that work resumes.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(24 * 3_600);

/// What a switch stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SwitchScope {
    /// The studio.
    Studio,
    /// Every studio on the box: thrown in each studio's database.
    Global,
}

impl SwitchScope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Studio, Self::Global];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Studio => "studio",
            Self::Global => "global",
        }
    }

    /// The scope that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// What was done with a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SwitchStep {
    /// The database was made, and starts running.
    Began,
    /// Somebody stopped.
    Stopped,
    /// Somebody asked to resume.
    ResumeRequested,
    /// Another person confirmed.
    Resumed,
}

impl SwitchStep {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Began, Self::Stopped, Self::ResumeRequested, Self::Resumed];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Stopped => "stopped",
            Self::ResumeRequested => "resume requested",
            Self::Resumed => "resumed",
        }
    }

    /// The step that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }
}

/// One line of a switch's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchRecord {
    /// Which switch.
    pub scope: SwitchScope,
    /// What was done.
    pub step: SwitchStep,
    /// Who did it.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Where one switch stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchState {
    /// Writes may go out.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing may go out.
    Stopped {
        /// What was done last: the stop, or the request to resume.
        last: SwitchRecord,
    },
    /// What the database says of it can't be understood, so nothing may go out.
    Unreadable {
        /// What is wrong.
        why: String,
    },
}

/// Both switches, read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KillSwitch {
    /// The studio's own.
    pub studio: SwitchState,
    /// The box's.
    pub global: SwitchState,
}

impl SwitchState {
    /// The state that the newest line of a switch's history leaves it in.
    pub fn after(last: Option<SwitchRecord>) -> Self {
        let Some(last) = last else { return Self::Unreadable { why: "its history is empty".to_owned() } };
        match last.step {
            SwitchStep::Began | SwitchStep::Resumed => Self::Running { since: last.at },
            SwitchStep::Stopped | SwitchStep::ResumeRequested => Self::Stopped { last },
        }
    }

    /// May `by` stop? Whoever belongs to the studio may, always, and so may the service itself.
    pub fn stop(by: &Actor) -> Result<SwitchStep, Reason> {
        match by.kind() {
            ActorKind::Staff | ActorKind::Admin | ActorKind::Operator | ActorKind::System => Ok(SwitchStep::Stopped),
            ActorKind::Human | ActorKind::Agent => Err(Reason::RoleMissing),
        }
    }

    /// May `by` ask to resume? A new request takes the place of an earlier one.
    pub fn request_resume(&self, by: &Actor) -> Result<SwitchStep, Reason> {
        person(by)?;
        match self {
            Self::Running { .. } => Err(Reason::NotStopped),
            // The way out of a history that was damaged is the same: two people look, and then resume.
            Self::Stopped { .. } | Self::Unreadable { .. } => Ok(SwitchStep::ResumeRequested),
        }
    }

    /// May `by` confirm that work resumes? Only another person than the one who asked, and not much later.
    pub fn confirm_resume(&self, by: &Actor, now: Timestamp) -> Result<SwitchStep, Reason> {
        person(by)?;
        let last = match self {
            Self::Running { .. } => return Err(Reason::NotStopped),
            Self::Unreadable { .. } => return Err(Reason::ResumeNotRequested),
            Self::Stopped { last } => last,
        };
        match last.step {
            SwitchStep::ResumeRequested if by.is_same_person(&last.by) => Err(Reason::SecondPersonRequired),
            SwitchStep::ResumeRequested if now.since(last.at) <= CONFIRM_WITHIN => Ok(SwitchStep::Resumed),
            SwitchStep::Began | SwitchStep::Stopped | SwitchStep::ResumeRequested | SwitchStep::Resumed => {
                Err(Reason::ResumeNotRequested)
            }
        }
    }
}

impl KillSwitch {
    /// May anything be written?
    pub const fn may_write(&self) -> Result<(), Reason> {
        match (&self.studio, &self.global) {
            (SwitchState::Stopped { .. }, _) | (_, SwitchState::Stopped { .. }) => Err(Reason::KillSwitchOn),
            (SwitchState::Unreadable { .. }, _) | (_, SwitchState::Unreadable { .. }) => Err(Reason::KillSwitchUnknown),
            (SwitchState::Running { .. }, SwitchState::Running { .. }) => Ok(()),
        }
    }

    /// The state of one switch.
    pub const fn of(&self, scope: SwitchScope) -> &SwitchState {
        match scope {
            SwitchScope::Studio => &self.studio,
            SwitchScope::Global => &self.global,
        }
    }
}

fn person(by: &Actor) -> Result<(), Reason> {
    match by.kind() {
        ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => Ok(()),
        ActorKind::Human | ActorKind::Agent | ActorKind::System => Err(Reason::RoleMissing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Issuer;
    use crate::domain::ids::{StudioId, Uid};

    fn actor(uid: &str, kind: ActorKind) -> Actor {
        let studio = StudioId::parse("west").expect("a studio");
        Actor::verified(Uid::parse(uid).expect("a uid"), kind, uid.to_owned(), studio, Issuer::Real)
    }

    fn after(step: SwitchStep, by: &Actor) -> SwitchState {
        let at = Timestamp::from_micros(1);
        let (scope, reason) = (SwitchScope::Studio, "because".to_owned());
        SwitchState::after(Some(SwitchRecord { scope, step, by: by.person(), reason, at }))
    }

    #[test]
    fn what_is_not_known_to_run_is_stopped() {
        let running = SwitchState::Running { since: Timestamp::from_micros(1) };
        let stopped = after(SwitchStep::Stopped, &actor("ines", ActorKind::Staff));
        let unknown = SwitchState::after(None);
        let switch = |studio: &SwitchState, global: &SwitchState| {
            KillSwitch { studio: studio.clone(), global: global.clone() }.may_write()
        };
        assert_eq!(switch(&running, &running), Ok(()));
        for (other, reason) in [(&stopped, Reason::KillSwitchOn), (&unknown, Reason::KillSwitchUnknown)] {
            assert_eq!(switch(other, &running), Err(reason));
            assert_eq!(switch(&running, other), Err(reason));
            assert_eq!(switch(other, other), Err(reason));
        }
        assert_eq!(switch(&stopped, &unknown), Err(Reason::KillSwitchOn));
    }

    #[test]
    fn resuming_takes_two_different_people_and_little_time() {
        let (ines, juno) = (actor("ines", ActorKind::Staff), actor("juno", ActorKind::Admin));
        let (now, later) = (Timestamp::from_micros(2), Timestamp::from_micros(2).plus(CONFIRM_WITHIN));
        let stopped = after(SwitchStep::Stopped, &ines);
        assert_eq!(stopped.confirm_resume(&juno, now), Err(Reason::ResumeNotRequested));
        assert_eq!(stopped.request_resume(&ines), Ok(SwitchStep::ResumeRequested));
        let requested = after(SwitchStep::ResumeRequested, &ines);
        assert_eq!(requested.confirm_resume(&ines, now), Err(Reason::SecondPersonRequired));
        let ines_as_operator = actor("ines", ActorKind::Operator);
        assert_eq!(requested.confirm_resume(&ines_as_operator, now), Err(Reason::SecondPersonRequired));
        assert_eq!(requested.confirm_resume(&juno, later), Err(Reason::ResumeNotRequested));
        assert_eq!(requested.confirm_resume(&juno, now), Ok(SwitchStep::Resumed));
        let running = after(SwitchStep::Resumed, &juno);
        assert_eq!(running.request_resume(&ines), Err(Reason::NotStopped));
        assert_eq!(running.confirm_resume(&ines, now), Err(Reason::NotStopped));
    }

    #[test]
    fn programs_never_resume_and_agents_never_stop() {
        let stopped = after(SwitchStep::Stopped, &actor("ines", ActorKind::Staff));
        for kind in [ActorKind::Agent, ActorKind::System] {
            assert_eq!(stopped.request_resume(&actor("x", kind)), Err(Reason::RoleMissing));
            assert_eq!(stopped.confirm_resume(&actor("x", kind), Timestamp::from_micros(2)), Err(Reason::RoleMissing));
        }
        assert_eq!(SwitchState::stop(&actor("x", ActorKind::Agent)), Err(Reason::RoleMissing));
        assert_eq!(SwitchState::stop(&actor("push", ActorKind::System)), Ok(SwitchStep::Stopped));
    }

    #[test]
    fn steps_and_scopes_survive_their_words() {
        for step in SwitchStep::ALL {
            assert_eq!(SwitchStep::parse(step.word()), Some(step));
        }
        for scope in SwitchScope::ALL {
            assert_eq!(SwitchScope::parse(scope.word()), Some(scope));
        }
    }
}
