//! Letting something happen without its approval for a while, and taking that back.

use std::time::Duration;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Target};
use crate::domain::capability::{BadInput, Risk};
use crate::domain::exemption::{Exemptible, Exemption, ExemptionId, Wanted};
use crate::domain::ids::{DocPath, Uid};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::gate::begun::{Deed, end};
use crate::gate::{Gate, GateError};

/// What is to be let happen without its approval.
#[derive(Clone, Debug)]
pub struct NewExemption {
    /// The capability's id.
    pub capability: String,
    /// In whose name.
    pub owner: Uid,
    /// The one document that it covers; none: every document of the owner.
    pub document: Option<DocPath>,
    /// Who asked for it and gains by it.
    pub beneficiary: Uid,
    /// Why the studio can do without the approval.
    pub justification: String,
    /// How long it is to hold.
    pub lasts: Duration,
}

impl Gate {
    /// Grants an exemption: at most 72 hours, by somebody else than the one who gains by it, never for a critical
    /// capability.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log; [`GateError::Input`] for what no
    /// exemption can be about.
    pub async fn grant_exemption(
        &self,
        actor: &Actor,
        new: NewExemption,
        now: Timestamp,
    ) -> Result<Exemption, GateError> {
        let target = Target::Other(format!("capability:{}", new.capability.chars().take(80).collect::<String>()));
        let deed = Deed { actor, action: Action::ExemptionCreated, target, now };
        let (mut tx, justification) = self.begin_because(&deed, &new.justification).await?;
        let Some(capability) = self.registry().find(&new.capability) else {
            return self.refuse(tx, &deed, Reason::CapabilityUnknown).await;
        };
        let bad = |field: &str, rule: &str| BadInput { field: field.to_owned(), rule: rule.to_owned() };
        if capability.write().is_none() {
            return Err(bad("capability", "choose one that writes: nobody has to approve reading").into());
        }
        if new.owner.as_str().contains('*') {
            return Err(bad("owner", "name one owner: an exemption never covers all of them").into());
        }
        if new.document.as_ref().is_some_and(|path| !capability.is_about(path)) {
            return Err(bad("document", "choose one that the capability is about").into());
        }
        let wanted = Wanted {
            capability: capability.id.to_string(),
            exemptible: match capability.risk {
                Risk::Low | Risk::Medium | Risk::High => Exemptible::Yes,
                Risk::Critical => Exemptible::Critical,
            },
            owner: new.owner,
            resource: new.document,
            beneficiary: new.beneficiary,
            justification,
            lasts: new.lasts,
        };
        let decided = tx.exemption_grant(self.store.studio(), wanted, actor, now).await?;
        end(tx, decided).await
    }

    /// Takes an exemption back.
    ///
    /// # Errors
    /// [`GateError::Denied`] with the reason, which is then in the audit log.
    pub async fn revoke_exemption(
        &self,
        actor: &Actor,
        id: ExemptionId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let target = Target::Other(format!("exemption:{id}"));
        let deed = Deed { actor, action: Action::ExemptionRevoked, target, now };
        let (mut tx, reason) = self.begin_because(&deed, why).await?;
        let decided = tx.exemption_revoke(self.store.studio(), id, actor, &reason, now).await?;
        end(tx, decided).await
    }
}
