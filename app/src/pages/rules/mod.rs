//! The pages of the rules: policy, agents and intake.

/// What holds for every write.
mod policy;

/// The switch: where it stands, stopping, resuming.
mod switch;

/// Which box sends.
mod lease;

/// What may be done without its approval, for a while.
mod exemptions;

/// Granting an exemption.
mod new_exemption;

/// How often things may be done.
mod quotas;

/// The registry.
mod capabilities;

/// One capability.
mod capability;

/// May I?
mod may_i;

/// Programs with a key of their own.
mod agents;

/// One agent.
mod agent;

/// What was denied to agents.
mod denials;

/// Agents' keys.
mod keys;

/// Texts that wait for a person.
mod intake;

/// One of them.
mod intake_item;

use crate::{
    backend::Backend,
    model::{
        acts::ActForm,
        agents::{AgentFilter, DenialFilter},
        capabilities::CapabilityFilter,
        exemptions::{ExemptionFilter, ExemptionForm},
        intake::{IntakeFilter, ReviewForm},
        keys::{KeyForm, ShownOnce},
        may_i::MayQuestion,
        policy::SwitchForm,
        quotas::QuotaFilter,
        viewer::Viewer,
    },
    render::{Rendered, finish},
};

/// A page of the rules that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesPage {
    /// `GET /policy`
    Policy,
    /// `GET /policy/stop`, and the answer to a `POST` with a problem.
    Stop(SwitchForm),
    /// `GET /policy/resume`, and the answer to a `POST` with a problem.
    Resume(SwitchForm),
    /// `GET /policy/lease`, and the answer to a `POST` with a problem.
    Lease(ActForm),
    /// `GET /policy/exemptions`
    Exemptions(ExemptionFilter),
    /// `GET /policy/exemptions/new`, and the answer to a `POST` with a problem.
    NewExemption(ExemptionForm),
    /// `GET /policy/exemptions/{id}`, and the answer to revoking it with a problem.
    Exemption {
        /// Which one.
        id: String,
        /// What was typed.
        form: ActForm,
    },
    /// `GET /policy/quotas`
    Quotas(QuotaFilter),
    /// `GET /policy/quotas/counter`, and the answer to a `POST` with a problem.
    Counter {
        /// Which one.
        bucket: String,
        /// What was typed.
        form: ActForm,
    },
    /// `GET /policy/capabilities`
    Capabilities(CapabilityFilter),
    /// `GET /policy/capabilities/{id}`
    Capability {
        /// Which one.
        id: String,
    },
    /// `GET /policy/may-i`
    MayI(MayQuestion),
    /// `GET /agents`
    Agents(AgentFilter),
    /// `GET /agents/{id}`, and the answer to letting it go on with a problem.
    Agent {
        /// Which one.
        id: String,
        /// What was typed.
        form: ActForm,
    },
    /// `GET /agents/denials`
    Denials(DenialFilter),
    /// `GET /agents/keys/new`, and the answer to a `POST` with a problem.
    NewKey(KeyForm),
    /// `GET /agents/keys/{prefix}`, and the answer to revoking it with a problem.
    Key {
        /// Which one.
        prefix: String,
        /// The whole key, on the one page that shows it.
        shown: Option<ShownOnce>,
        /// What was typed.
        form: ActForm,
    },
    /// `GET /intake`
    Intake(IntakeFilter),
    /// `GET /intake/{id}`, and the answer to a decision with a problem.
    IntakeItem {
        /// Which one.
        id: String,
        /// What was typed.
        form: ReviewForm,
    },
}

/// Asks the backend what the page needs, then renders it.
pub(crate) async fn render(page: RulesPage, backend: &impl Backend, viewer: &Viewer) -> Rendered {
    match page {
        RulesPage::Policy => finish(viewer, backend.policy().await, policy::sheet),
        RulesPage::Stop(form) => {
            let answer = backend.switches().await;
            finish(viewer, answer, |switches| switch::stop_sheet(switches, form))
        }
        RulesPage::Resume(form) => {
            let answer = backend.switches().await;
            finish(viewer, answer, |switches| switch::resume_sheet(switches, form))
        }
        RulesPage::Lease(form) => {
            let answer = backend.lease().await;
            finish(viewer, answer, |known| lease::sheet(known, form))
        }
        RulesPage::Exemptions(filter) => {
            let answer = backend.exemptions(&filter).await;
            finish(viewer, answer, |found| exemptions::sheet(found, &filter))
        }
        RulesPage::NewExemption(form) => {
            let answer = backend.exempting().await;
            finish(viewer, answer, |offered| new_exemption::sheet(offered, form))
        }
        RulesPage::Exemption { id, form } => {
            let answer = backend.exemption(&id).await;
            finish(viewer, answer, |detail| exemptions::one(detail, form))
        }
        RulesPage::Quotas(filter) => {
            let answer = backend.quotas(&filter).await;
            finish(viewer, answer, |found| quotas::sheet(found, &filter))
        }
        RulesPage::Counter { bucket, form } => {
            let answer = backend.counter(&bucket).await;
            finish(viewer, answer, |detail| quotas::one(detail, form))
        }
        RulesPage::Capabilities(filter) => {
            let answer = backend.capabilities(&filter).await;
            finish(viewer, answer, |found| capabilities::sheet(found, &filter))
        }
        RulesPage::Capability { id } => finish(viewer, backend.capability(&id).await, capability::sheet),
        RulesPage::MayI(question) => {
            let answer = backend.may_i(&question).await;
            finish(viewer, answer, |known| may_i::sheet(known, &question))
        }
        RulesPage::Agents(filter) => {
            let answer = backend.agents(&filter).await;
            finish(viewer, answer, |found| agents::sheet(found, &filter))
        }
        RulesPage::Agent { id, form } => {
            let answer = backend.agent(&id).await;
            finish(viewer, answer, |detail| agent::sheet(detail, form))
        }
        RulesPage::Denials(filter) => {
            let answer = backend.denials(&filter).await;
            finish(viewer, answer, |found| denials::sheet(found, &filter))
        }
        RulesPage::NewKey(form) => {
            let answer = backend.issuing().await;
            finish(viewer, answer, |offered| keys::new_sheet(offered, form))
        }
        RulesPage::Key { prefix, shown, form } => {
            let answer = backend.agent_key(&prefix).await;
            finish(viewer, answer, |detail| keys::sheet(detail, shown, form))
        }
        RulesPage::Intake(filter) => {
            let answer = backend.intake(&filter).await;
            finish(viewer, answer, |found| intake::sheet(found, &filter))
        }
        RulesPage::IntakeItem { id, form } => {
            let answer = backend.intake_item(&id).await;
            finish(viewer, answer, |detail| intake_item::sheet(detail, form))
        }
    }
}
