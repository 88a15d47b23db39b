//! What is hard to take back wants somebody who has signed in just now: a browser that was left open is not enough.
//!
//! That is resuming after a stop, the approval that completes two, an agent's key, and letting somebody in. Stopping,
//! rejecting and shutting somebody out never wait for it.

use std::time::Duration;

use crate::domain::actor::Actor;
use crate::domain::proposal::{Choice, Proposal, Verdict};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::Gate;

impl Gate {
    /// The same gate, for which a sign-in is recent for this long.
    pub fn stepping_up_within(self, time: Duration) -> Self {
        Self { step_up_within: time, ..self }
    }

    /// How recent a sign-in has to be for what is hard to take back.
    pub const fn step_up_within(&self) -> Duration {
        self.step_up_within
    }

    /// Has the actor signed in recently enough for what is hard to take back?
    ///
    /// # Errors
    /// [`Reason::StepUpRequired`].
    pub fn step_up(&self, actor: &Actor, now: Timestamp) -> Result<(), Reason> {
        if actor.proved_within(self.step_up_within, now) { Ok(()) } else { Err(Reason::StepUpRequired) }
    }

    /// The same for a decision: only the approval after the first wants it.
    pub(super) fn step_up_to_decide(
        &self,
        actor: &Actor,
        choice: Choice,
        (proposal, verdicts): (&Proposal, &[Verdict]),
        now: Timestamp,
    ) -> Result<(), Reason> {
        let (given, needed) = self.approvals(proposal, verdicts);
        match choice {
            Choice::Approve if needed.people >= 2 && given.people >= 1 => self.step_up(actor, now),
            Choice::Approve | Choice::Reject => Ok(()),
        }
    }
}
