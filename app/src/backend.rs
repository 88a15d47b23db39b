//! The questions a page may ask.

use std::future::Future;

use crate::model::{
    audit::{AuditDetail, AuditFilter, AuditLog},
    drafting::Drafting,
    drift::{Drift, DriftFilter, FindingDetail},
    forms::DraftForm,
    overview::Overview,
    proposals::{ProposalDetail, ProposalFilter, ProposalQueue},
    sessions::{SessionFilter, Sessions, Staff},
    sign_in::SignIn,
    state::{StateChoice, StudioState},
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

    /// Who is signed in where.
    fn sessions(&self, filter: &SessionFilter) -> impl Future<Output = Result<Sessions, Unanswered>> + Send;

    /// Who may sign in.
    fn staff(&self) -> impl Future<Output = Result<Staff, Unanswered>> + Send;
}
