//! The lease before every push: whether this box is the one that writes, and claiming it where that may be.
//!
//! # Guarantees
//! * Nothing leaves before this start has looked, and each look at the documents of a write looks at the lease again.
//! * A claim is conditional on what was read: of two boxes that claim at the same time one gets it.
//! * A claim is a write: none is made while writes are off or stopped.

use std::time::Duration;

use anyhow::Context as _;

use crate::authority::CommitError;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::document::Document;
use crate::domain::ids::DocPath;
use crate::domain::lease::{self, Claim, Lease, Standing, Taking};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::Writes;
use crate::jobs::push::Push;
use crate::jobs::push::claim::Before;
use crate::store::Looked;

/// How long a box that is the second waits before it looks again, though it has something to send.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl Push {
    /// Looks at the lease where that is due, claims it where that may be, and keeps what came of it where the gate reads it.
    ///
    /// # Errors
    /// It could not be told who has the lease. Then nothing may be sent in this pass.
    pub(super) async fn look_at_lease(&self) -> anyhow::Result<()> {
        let looked = self.store.lease().await?;
        if !self.lease_is_due(&looked).await? {
            return Ok(());
        }
        let place = lease::path(&self.studio);
        let found = self.look_up(std::slice::from_ref(&place)).await.context("could not look at the lease")?;
        self.saw_lease(found.get(&place)).await?;
        Ok(())
    }

    /// These documents as Firestore has them now, with the lease beside them: the gate knows of it when this returns.
    pub(super) async fn look_up_beside_lease(&self, paths: &[DocPath]) -> anyhow::Result<Before> {
        let place = lease::path(&self.studio);
        let mut found = self.look_up(&[paths, std::slice::from_ref(&place)].concat()).await?;
        let lease = found.remove(&place);
        self.saw_lease(lease.as_ref()).await?;
        Ok(found)
    }

    /// What follows from the lease as it was found, be it beside before-images: how this box stands to it now.
    ///
    /// # Errors
    /// It could not be claimed, or kept.
    pub(super) async fn saw_lease(&self, found: Option<&Document>) -> anyhow::Result<Standing> {
        let looked = self.store.lease().await?;
        let standing = self.lease_after(&looked).look(found);
        let base = match &standing {
            Standing::Free { base } => Some(*base),
            Standing::Second(claim) if looked.taking.is_some() => Some(Some(claim.base)),
            Standing::Unknown | Standing::Ours(_) | Standing::Second(_) => None,
        };
        match base {
            Some(base) if self.may_claim().await => self.claim_lease(base, standing, &looked).await,
            Some(_) | None => self.keep_lease(standing, &looked).await,
        }
    }

    fn lease_after(&self, looked: &Looked) -> Lease {
        let me = self.store.me().expect("BUG: the push job has a database that it can write");
        Lease { me: me.clone(), seen: looked.standing.clone() }
    }

    async fn may_claim(&self) -> bool {
        self.gate.settings().writes == Writes::On && self.store.kill_switch().await.may_write().is_ok()
    }

    /// Is there anything to be learnt before the documents of a write are looked at? An idle box costs nothing.
    async fn lease_is_due(&self, looked: &Looked) -> anyhow::Result<bool> {
        Ok(match &looked.standing {
            Standing::Unknown => true,
            Standing::Free { .. } => self.may_claim().await,
            Standing::Ours(_) => looked.taking.is_some(),
            Standing::Second(_) => {
                let long_ago = looked.at.is_none_or(|at| self.now().since(at) >= LOOK_AGAIN);
                (looked.taking.is_some() && self.may_claim().await)
                    || (long_ago && self.has_something_to_send().await?)
            }
        })
    }

    async fn has_something_to_send(&self) -> anyhow::Result<bool> {
        if !self.store.writes_open(1).await?.is_empty() {
            return Ok(true);
        }
        let may_leave = self.gate.settings().writes == Writes::On;
        Ok(may_leave && !self.store.proposals_ready(self.now(), 1).await?.is_empty())
    }

    /// Makes the lease ours if it still is as it was found, and the switch lets anything leave.
    async fn claim_lease(
        &self,
        base: Option<Timestamp>,
        standing: Standing,
        looked: &Looked,
    ) -> anyhow::Result<Standing> {
        let Ok(departure) = self.gate.depart().await? else { return self.keep_lease(standing, looked).await };
        let (lease, path, now) = (self.lease_after(looked), lease::path(&self.studio), self.now());
        let taking = looked.taking.as_ref().filter(|_| matches!(standing, Standing::Second(_)));
        let write = lease.claim(base, taking, now, path.clone());
        let answer = self.authority.commit(std::slice::from_ref(&write)).await;
        drop(departure);
        let standing = match answer {
            Ok(answer) => {
                let taken = taking.map(Taking::to_string);
                let base = answer.update_times.first().copied().flatten().unwrap_or(answer.commit_time);
                Standing::Ours(Claim { holder: lease.me, claimed: Some(now), taken, base })
            }
            // Another was faster, or the answer was lost: the lease tells which.
            Err(CommitError::Precondition(_) | CommitError::Unknown(_)) => {
                let found =
                    self.look_up(std::slice::from_ref(&path)).await.context("could not look whose the lease is")?;
                lease.look(found.get(&path))
            }
            Err(error @ (CommitError::Refused(_) | CommitError::NotApplied(_))) => {
                self.keep_lease(standing, looked).await?;
                return Err(error).context("could not claim the lease");
            }
        };
        self.keep_lease(standing, looked).await
    }

    /// Keeps how this box stands to the lease, and tells when it stands otherwise than before.
    async fn keep_lease(&self, standing: Standing, looked: &Looked) -> anyhow::Result<Standing> {
        let (ours, was) = (matches!(standing, Standing::Ours(_)), looked.standing.word());
        let changed = was != standing.word();
        if ours && !changed && looked.taking.is_none() {
            return Ok(standing);
        }
        let mut tx = self.store.begin().await?;
        tx.lease_put(self.store.me()?, &standing, self.now()).await?;
        if ours {
            tx.lease_taking_end().await?;
        }
        if let Some(event) = self.lease_event(&standing).filter(|_| changed) {
            tx.audit(&self.studio, event).await?;
        }
        tx.commit().await?;
        if changed {
            tell(&standing);
        }
        Ok(standing)
    }

    /// What the audit log is told of a change of hands; nothing where nobody has the lease.
    fn lease_event(&self, standing: &Standing) -> Option<Event> {
        let (action, reason, claim) = match standing {
            Standing::Unknown | Standing::Free { .. } => return None,
            Standing::Ours(claim) if claim.taken.is_some() => (Action::LeaseTaken, Reason::Ok, claim),
            Standing::Ours(claim) => (Action::LeaseClaimed, Reason::Ok, claim),
            Standing::Second(claim) => (Action::LeaseLost, Reason::SecondBox, claim),
        };
        let target = Target::Document(lease::path(&self.studio));
        let event = Event::new(self.now(), self.me.person(), action, target)
            .because(reason)
            .detail("box", &claim.holder.edge)
            .detail("start", &claim.holder.start)
            .detail("machine", &claim.holder.machine)
            .detail("directory", &claim.holder.directory)
            .detail("version", &claim.holder.version);
        Some(match &claim.taken {
            Some(taken) => event.detail("taken", taken),
            None => event,
        })
    }
}

fn tell(standing: &Standing) {
    match standing {
        Standing::Unknown | Standing::Free { .. } => {
            tracing::info!(event = "lease.free", "No box of the studio has the lease, and it is not claimed now");
        }
        Standing::Ours(claim) => tracing::info!(
            event = "lease.ours",
            lease.start = claim.holder.start,
            "This box has the lease: it is the one that writes"
        ),
        Standing::Second(claim) => tracing::error!(
            event = "lease.second",
            reason_code = Reason::SecondBox.code(),
            lease.holder = claim.holder.edge,
            lease.start = claim.holder.start,
            lease.machine = claim.holder.machine,
            lease.directory = claim.holder.directory,
            lease.version = claim.holder.version,
            "This is a second box of the studio: the one at `{}` writes, this one only mirrors until an operator decides",
            claim.holder.directory
        ),
    }
}
