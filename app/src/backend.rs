//! The questions a page may ask.

use std::future::Future;

use crate::model::{
    agents::{AgentDetail, AgentFilter, Agents, DenialFilter, Denials},
    audit::{AuditDetail, AuditFilter, AuditLog},
    bulk::{Bulk, BulkForm},
    capabilities::{Capabilities, CapabilityDetail, CapabilityFilter},
    connectors::Connectors,
    documents::{DocumentChoice, DocumentDetail, DocumentFilter, Documents},
    drafting::Drafting,
    drift::{Drift, DriftFilter, FindingDetail},
    exemptions::{Exempting, ExemptionDetail, ExemptionFilter, Exemptions},
    forms::DraftForm,
    intake::{Intake, IntakeDetail, IntakeFilter},
    jobs::Jobs,
    keys::{Issuing, KeyDetail},
    may_i::{MayI, MayQuestion},
    overview::Overview,
    policy::{Lease, Policy, Switches},
    proposals::ProposalDetail,
    queue::{ProposalFilter, ProposalQueue},
    quotas::{CounterDetail, QuotaFilter, Quotas},
    reads::{ReadCosts, ReadsChoice},
    recommendations::Recommendations,
    scorecard::Scorecard,
    sessions::{SessionFilter, Sessions, Staff},
    sign_in::SignIn,
    state::{StateChoice, StudioState},
    studios::Studios,
    trouble::Unanswered,
    writes::{Ledger, WriteDetail, WriteFilter},
};

/// Answers one viewer's questions: made per request, and knows who asks.
///
/// Everything is read; nothing a page asks changes anything.
pub trait Backend: Sync {
    /// How one can sign in.
    fn sign_in(&self) -> impl Future<Output = Result<SignIn, Unanswered>> + Send;

    /// The start page.
    fn overview(&self, choice: &StateChoice) -> impl Future<Output = Result<Overview, Unanswered>> + Send;

    /// How many of what there is, since when, and what changed.
    fn state(&self, choice: &StateChoice) -> impl Future<Output = Result<StudioState, Unanswered>> + Send;

    /// The mirror's documents.
    fn documents(&self, filter: &DocumentFilter) -> impl Future<Output = Result<Documents, Unanswered>> + Send;

    /// One document.
    fn document(
        &self,
        path: &str,
        choice: &DocumentChoice,
    ) -> impl Future<Output = Result<DocumentDetail, Unanswered>> + Send;

    /// Differences between the mirror and the cloud.
    fn drift(&self, filter: &DriftFilter) -> impl Future<Output = Result<Drift, Unanswered>> + Send;

    /// One finding.
    fn finding(&self, id: &str) -> impl Future<Output = Result<FindingDetail, Unanswered>> + Send;

    /// The queue of proposals.
    fn proposals(&self, filter: &ProposalFilter) -> impl Future<Output = Result<ProposalQueue, Unanswered>> + Send;

    /// One proposal, and those beside it in the queue that the reader comes from.
    fn proposal(
        &self,
        id: &str,
        queue: Option<&ProposalFilter>,
    ) -> impl Future<Output = Result<ProposalDetail, Unanswered>> + Send;

    /// Several proposals, to be decided together.
    fn bulk(&self, form: &BulkForm) -> impl Future<Output = Result<Bulk, Unanswered>> + Send;

    /// What may be proposed, given what was chosen so far (`finding`, `capability`, `document`).
    fn drafting(&self, form: &DraftForm) -> impl Future<Output = Result<Drafting, Unanswered>> + Send;

    /// The ledger of writes.
    fn writes(&self, filter: &WriteFilter) -> impl Future<Output = Result<Ledger, Unanswered>> + Send;

    /// One write.
    fn write(&self, id: &str) -> impl Future<Output = Result<WriteDetail, Unanswered>> + Send;

    /// A page of the audit log.
    fn audit(&self, filter: &AuditFilter) -> impl Future<Output = Result<AuditLog, Unanswered>> + Send;

    /// One entry of the audit log.
    fn audit_entry(&self, sequence: u64) -> impl Future<Output = Result<AuditDetail, Unanswered>> + Send;

    /// The rules, and what stands close to them.
    fn policy(&self) -> impl Future<Output = Result<Policy, Unanswered>> + Send;

    /// The switches.
    fn switches(&self) -> impl Future<Output = Result<Switches, Unanswered>> + Send;

    /// Which box sends.
    fn lease(&self) -> impl Future<Output = Result<Lease, Unanswered>> + Send;

    /// What may be done without its approval, for a while.
    fn exemptions(&self, filter: &ExemptionFilter) -> impl Future<Output = Result<Exemptions, Unanswered>> + Send;

    /// What an exemption can be about.
    fn exempting(&self) -> impl Future<Output = Result<Exempting, Unanswered>> + Send;

    /// One exemption.
    fn exemption(&self, id: &str) -> impl Future<Output = Result<ExemptionDetail, Unanswered>> + Send;

    /// How often things may be done.
    fn quotas(&self, filter: &QuotaFilter) -> impl Future<Output = Result<Quotas, Unanswered>> + Send;

    /// One counter.
    fn counter(&self, bucket: &str) -> impl Future<Output = Result<CounterDetail, Unanswered>> + Send;

    /// The registry.
    fn capabilities(&self, filter: &CapabilityFilter) -> impl Future<Output = Result<Capabilities, Unanswered>> + Send;

    /// One capability.
    fn capability(&self, id: &str) -> impl Future<Output = Result<CapabilityDetail, Unanswered>> + Send;

    /// May the viewer, and if not, why not?
    fn may_i(&self, question: &MayQuestion) -> impl Future<Output = Result<MayI, Unanswered>> + Send;

    /// Programs with a key of their own.
    fn agents(&self, filter: &AgentFilter) -> impl Future<Output = Result<Agents, Unanswered>> + Send;

    /// One agent.
    fn agent(&self, id: &str) -> impl Future<Output = Result<AgentDetail, Unanswered>> + Send;

    /// What was denied to agents.
    fn denials(&self, filter: &DenialFilter) -> impl Future<Output = Result<Denials, Unanswered>> + Send;

    /// What a new key can be good for.
    fn issuing(&self) -> impl Future<Output = Result<Issuing, Unanswered>> + Send;

    /// One key.
    fn agent_key(&self, prefix: &str) -> impl Future<Output = Result<KeyDetail, Unanswered>> + Send;

    /// Texts that wait for a person.
    fn intake(&self, filter: &IntakeFilter) -> impl Future<Output = Result<Intake, Unanswered>> + Send;

    /// One of them.
    fn intake_item(&self, id: &str) -> impl Future<Output = Result<IntakeDetail, Unanswered>> + Send;

    /// What the box is connected to.
    fn connectors(&self) -> impl Future<Output = Result<Connectors, Unanswered>> + Send;

    /// What the box does by itself.
    fn jobs(&self) -> impl Future<Output = Result<Jobs, Unanswered>> + Send;

    /// What Firestore bills.
    fn reads(&self, choice: &ReadsChoice) -> impl Future<Output = Result<ReadCosts, Unanswered>> + Send;

    /// What the box measures of itself.
    fn scorecard(&self) -> impl Future<Output = Result<Scorecard, Unanswered>> + Send;

    /// What might be done.
    fn recommendations(&self) -> impl Future<Output = Result<Recommendations, Unanswered>> + Send;

    /// Which studio this is.
    fn studios(&self) -> impl Future<Output = Result<Studios, Unanswered>> + Send;

    /// Who is signed in where.
    fn sessions(&self, filter: &SessionFilter) -> impl Future<Output = Result<Sessions, Unanswered>> + Send;

    /// Who may sign in.
    fn staff(&self) -> impl Future<Output = Result<Staff, Unanswered>> + Send;
}
