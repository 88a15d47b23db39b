//! The questions a page may ask.

use std::future::Future;

use crate::model::{
    audit::{AuditDetail, AuditFilter, AuditLog},
    connectors::Connectors,
    drafting::Drafting,
    drift::{Drift, DriftFilter, FindingDetail},
    forms::DraftForm,
    jobs::Jobs,
    overview::Overview,
    proposals::{ProposalDetail, ProposalFilter, ProposalQueue},
    reads::{ReadCosts, ReadsChoice},
    recommendations::Recommendations,
    scorecard::Scorecard,
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
    fn overview(&self) -> impl Future<Output = Result<Overview, Unanswered>> + Send;

    /// How many of what there is, since when, and what changed.
    fn state(&self, choice: &StateChoice) -> impl Future<Output = Result<StudioState, Unanswered>> + Send;

    /// Differences between the mirror and the cloud.
    fn drift(&self, filter: &DriftFilter) -> impl Future<Output = Result<Drift, Unanswered>> + Send;

    /// One finding.
    fn finding(&self, id: &str) -> impl Future<Output = Result<FindingDetail, Unanswered>> + Send;

    /// The queue of proposals.
    fn proposals(&self, filter: ProposalFilter) -> impl Future<Output = Result<ProposalQueue, Unanswered>> + Send;

    /// One proposal.
    fn proposal(&self, id: &str) -> impl Future<Output = Result<ProposalDetail, Unanswered>> + Send;

    /// What may be proposed, given what was chosen so far (`finding`, `capability`, `document`).
    fn drafting(&self, form: &DraftForm) -> impl Future<Output = Result<Drafting, Unanswered>> + Send;

    /// The ledger of writes.
    fn writes(&self, filter: WriteFilter) -> impl Future<Output = Result<Ledger, Unanswered>> + Send;

    /// One write.
    fn write(&self, id: &str) -> impl Future<Output = Result<WriteDetail, Unanswered>> + Send;

    /// A page of the audit log.
    fn audit(&self, filter: &AuditFilter) -> impl Future<Output = Result<AuditLog, Unanswered>> + Send;

    /// One entry of the audit log.
    fn audit_entry(&self, sequence: u64) -> impl Future<Output = Result<AuditDetail, Unanswered>> + Send;

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
}
