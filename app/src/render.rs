//! From a page's name to its HTML: ask first, render afterwards.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    assets::with_symbols,
    backend::Backend,
    frame::{Sheet, document},
    model::{
        audit::AuditFilter,
        bulk::BulkForm,
        documents::{DocumentChoice, DocumentFilter, RestoreForm},
        drift::{DriftFilter, IgnoreForm},
        forms::{DecisionForm, DraftForm, SignInForm, UndoForm},
        queue::ProposalFilter,
        reads::ReadsChoice,
        sessions::{SessionFilter, StaffForm},
        sign_in::KeptForm,
        state::StateChoice,
        trouble::Unanswered,
        viewer::Viewer,
        writes::WriteFilter,
    },
    pages, paths,
};

pub use crate::pages::{failure::Failure, rules::RulesPage};

/// A page somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// `GET /sign-in`
    SignIn(SignInForm),
    /// `GET /`
    Overview(StateChoice),
    /// `GET /state`
    State(StateChoice),
    /// `GET /documents`
    Documents(DocumentFilter),
    /// `GET /documents/{path}`, and the answer to a restore with a problem.
    Document {
        /// Where it is.
        path: String,
        /// What was chosen on the page.
        choice: DocumentChoice,
        /// What was typed into the form that restores.
        form: RestoreForm,
    },
    /// `GET /drift`
    Drift(DriftFilter),
    /// `GET /drift/{id}`, and the answer to ignoring it with a problem.
    Finding {
        /// Which one.
        id: String,
        /// What was typed into the form that ignores it.
        form: IgnoreForm,
    },
    /// `GET /proposals`
    Proposals(ProposalFilter),
    /// `GET /proposals/new`, and the answer to a `POST /proposals` with a problem.
    NewProposal(DraftForm),
    /// `GET /proposals/{id}`, and the answer to a decision with a problem.
    Proposal {
        /// Which one.
        id: String,
        /// What was typed into the decision form.
        form: DecisionForm,
        /// The queue that the reader comes from, if they come from one.
        queue: Option<ProposalFilter>,
    },
    /// `GET /proposals/bulk`, and the answer to deciding several with a problem.
    Bulk(BulkForm),
    /// `GET /writes`
    Writes(WriteFilter),
    /// `GET /writes/{id}`, and the answer to an undo with a problem.
    Write {
        /// Which one.
        id: String,
        /// What was typed into the undo form.
        form: UndoForm,
    },
    /// `GET /audit`
    Audit(AuditFilter),
    /// The answer to a `POST /audit/export` with a problem.
    AuditKept {
        /// What was to be copied.
        filter: AuditFilter,
        /// Why it was not.
        problem: String,
    },
    /// `GET /audit/{sequence}`
    AuditEntry {
        /// Which one.
        sequence: u64,
    },
    /// The rules: policy, agents, intake.
    Rules(RulesPage),
    /// `GET /connectors`
    Connectors,
    /// `GET /jobs`
    Jobs,
    /// `GET /reads`
    Reads(ReadsChoice),
    /// `GET /scorecard`
    Scorecard,
    /// `GET /recommendations`
    Recommendations,
    /// `GET /studios`
    Studios,
    /// `GET /help`. Nothing is asked for it.
    Help,
    /// `GET /kept`, and the answer to a form of somebody who is signed out.
    Kept(KeptForm),
    /// `GET /sessions`
    Sessions(SessionFilter),
    /// `GET /sessions/staff`, and the answer to its form with a problem.
    Staff(StaffForm),
    /// `GET /design`: every component in every state. Nothing is asked for it.
    Design,
}

/// A page as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The HTTP status: 200, or 422 when a form comes back, or the failure's own.
    pub status: u16,
    /// The whole document.
    pub html: String,
}

/// Asks the backend what the page needs, then renders it.
pub async fn render(page: Page, backend: &impl Backend, viewer: &Viewer) -> Rendered {
    match page {
        Page::SignIn(form) => {
            let answer = backend.sign_in().await;
            finish(viewer, answer, |ways| pages::sign_in::sheet(ways, form))
        }
        Page::Overview(choice) => {
            let answer = backend.overview(&choice).await;
            finish(viewer, answer, |overview| pages::overview::sheet(overview, &choice))
        }
        Page::State(choice) => {
            let answer = backend.state(&choice).await;
            finish(viewer, answer, |state| pages::state::sheet(state, &choice))
        }
        Page::Documents(filter) => {
            let answer = backend.documents(&filter).await;
            finish(viewer, answer, |documents| pages::documents::sheet(documents, &filter))
        }
        Page::Document { path, choice, form } => {
            let answer = backend.document(&path, &choice).await;
            let address = paths::document(&path);
            finish(viewer, answer, |detail| pages::document::sheet(detail, &address, &choice, form))
        }
        Page::Drift(filter) => {
            let answer = backend.drift(&filter).await;
            finish(viewer, answer, |drift| pages::drift::sheet(drift, &filter))
        }
        Page::Finding { id, form } => {
            let answer = backend.finding(&id).await;
            finish(viewer, answer, |detail| pages::finding::sheet(detail, form))
        }
        Page::Proposals(filter) => {
            let answer = backend.proposals(&filter).await;
            finish(viewer, answer, |queue| pages::proposals::sheet(queue, &filter))
        }
        Page::Bulk(form) => {
            let answer = backend.bulk(&form).await;
            finish(viewer, answer, |bulk| pages::bulk::sheet(bulk, form))
        }
        Page::NewProposal(form) => {
            let answer = backend.drafting(&form).await;
            finish(viewer, answer, |drafting| pages::new_proposal::sheet(drafting, form))
        }
        Page::Proposal { id, form, queue } => {
            let answer = backend.proposal(&id, queue.as_ref()).await;
            finish(viewer, answer, |proposal| pages::proposal::sheet(proposal, form, queue))
        }
        Page::Writes(filter) => {
            let answer = backend.writes(&filter).await;
            finish(viewer, answer, |ledger| pages::writes::sheet(ledger, filter))
        }
        Page::Write { id, form } => {
            let answer = backend.write(&id).await;
            finish(viewer, answer, |write| pages::write::sheet(write, form))
        }
        Page::Audit(filter) => {
            let answer = backend.audit(&filter).await;
            finish(viewer, answer, |log| pages::audit::sheet(log, &filter, None))
        }
        Page::AuditKept { filter, problem } => {
            let answer = backend.audit(&filter).await;
            finish(viewer, answer, |log| pages::audit::sheet(log, &filter, Some(problem)))
        }
        Page::AuditEntry { sequence } => {
            let answer = backend.audit_entry(sequence).await;
            finish(viewer, answer, pages::audit_entry::sheet)
        }
        Page::Rules(page) => pages::rules::render(page, backend, viewer).await,
        Page::Connectors => finish(viewer, backend.connectors().await, pages::connectors::sheet),
        Page::Jobs => finish(viewer, backend.jobs().await, pages::jobs::sheet),
        Page::Reads(choice) => {
            let answer = backend.reads(&choice).await;
            finish(viewer, answer, |costs| pages::read_costs::sheet(costs, &choice))
        }
        Page::Scorecard => finish(viewer, backend.scorecard().await, pages::scorecard::sheet),
        Page::Recommendations => finish(viewer, backend.recommendations().await, pages::recommendations::sheet),
        Page::Studios => finish(viewer, backend.studios().await, pages::studios::sheet),
        Page::Help => draw(viewer, pages::help::sheet),
        Page::Kept(form) => draw(viewer, || pages::kept::sheet(form)),
        Page::Sessions(filter) => {
            let answer = backend.sessions(&filter).await;
            finish(viewer, answer, |sessions| pages::sessions::sheet(sessions, &filter))
        }
        Page::Staff(form) => {
            let answer = backend.staff().await;
            finish(viewer, answer, |staff| pages::staff::sheet(staff, form))
        }
        Page::Design => draw(viewer, pages::design::sheet),
    }
}

/// A page that says what went wrong and what to do about it.
pub fn error_page(failure: Failure, viewer: &Viewer) -> Rendered {
    draw(viewer, || pages::failure::sheet(failure))
}

pub(crate) fn finish<T>(viewer: &Viewer, answer: Result<T, Unanswered>, sheet: impl FnOnce(T) -> Sheet) -> Rendered {
    match answer {
        Ok(model) => draw(viewer, || sheet(model)),
        Err(Unanswered::Missing { what }) => error_page(Failure::NotFound { what }, viewer),
        Err(Unanswered::Forbidden { why }) => error_page(Failure::Forbidden { why }, viewer),
        Err(Unanswered::Trouble(trouble)) => error_page(Failure::Internal { trouble }, viewer),
    }
}

/// Renders under a reactive owner of its own, so that nothing of one request outlives it.
fn draw(viewer: &Viewer, sheet: impl FnOnce() -> Sheet) -> Rendered {
    let owner = Owner::new();
    let rendered = owner.with(|| {
        provide_context(Arc::new(viewer.clone()));
        let sheet = sheet();
        let status = sheet.status;
        let markup = document(sheet).to_html();
        // Leptos marks places for hydration with `<!>`; nothing hydrates these pages, and text never holds a bare `<`.
        Rendered { status, html: format!("<!DOCTYPE html>{}", with_symbols(&markup.replace("<!>", ""))) }
    });
    owner.cleanup();
    rendered
}
