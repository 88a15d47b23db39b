//! The pages that the web's layers ask for: signing in, and what went wrong.

use async_trait::async_trait;
use studio_cockpit::model::forms::SignInForm;
use studio_cockpit::model::sign_in::{KeptForm, SentForm};
use studio_cockpit::model::trouble::Trouble;
use studio_cockpit::model::viewer::Viewer;
use studio_cockpit::render::{Failure, Page, error_page, render};

use crate::identity::Refusal;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::viewer::{self, Frame};
use crate::web::desk::Desk;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::state::{self, KeptPage, PageRequest, Pages, SignInPage};

/// The cockpit's sign-in page and its pages of problems.
#[derive(Clone, Debug)]
pub struct CockpitPages {
    desk: Desk,
}

impl CockpitPages {
    /// Pages that look like the rest of the cockpit.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn viewer(&self, request: &PageRequest) -> Viewer {
        let frame = Frame {
            headers: &request.headers,
            here: request.here.clone(),
            flashes: Vec::new(),
            request_id: &request.request_id,
            live: None,
        };
        viewer::viewer(&self.desk, request.viewer.as_ref(), frame).await
    }
}

#[async_trait]
impl Pages for CockpitPages {
    async fn sign_in(&self, request: &PageRequest, page: SignInPage) -> String {
        let form = SignInForm {
            next: page.next.map(|next| next.to_string()),
            problem: page.refusal.map(|refusal| Refusal::sentence(refusal).to_owned()),
            again: page.refusal == Some(Refusal::StepUpRequired) && request.viewer.is_some(),
        };
        let cockpit = Cockpit::at_the_door(self.desk.clone(), page.offers, request.request_id.clone());
        render(Page::SignIn(form), &cockpit, &self.viewer(request).await).await.html
    }

    async fn kept(&self, request: &PageRequest, page: KeptPage) -> String {
        let cockpit = Cockpit::at_the_door(self.desk.clone(), Vec::new(), request.request_id.clone());
        render(Page::Kept(kept(page)), &cockpit, &self.viewer(request).await).await.html
    }

    async fn problem(&self, request: &PageRequest, problem: &Problem) -> String {
        error_page(failure(problem), &self.viewer(request).await).html
    }
}

/// A form that was sent too late, as its page shows it.
pub(super) fn kept(page: KeptPage) -> KeptForm {
    let form = |sent: state::SentForm| SentForm { path: sent.path, page: sent.page, fields: sent.fields };
    match page {
        KeptPage::Ready(sent) => KeptForm::Ready(form(sent)),
        KeptPage::SignedOut(sent) => KeptForm::SignedOut(form(sent)),
        KeptPage::Nothing => KeptForm::Nothing,
    }
}

fn failure(problem: &Problem) -> Failure {
    let said = || problem.detail().to_owned();
    let trouble = || Trouble { what: said(), error_id: problem.error_id().to_owned() };
    match problem.kind() {
        ProblemKind::BadRequest | ProblemKind::Unprocessable => Failure::BadRequest { what: said() },
        ProblemKind::NotSignedIn => Failure::NotSignedIn,
        ProblemKind::Forbidden => Failure::Forbidden { why: said() },
        ProblemKind::CrossSite => Failure::CrossSite,
        ProblemKind::NotFound => Failure::NotFound { what: "What you asked for".to_owned() },
        ProblemKind::MethodNotAllowed => Failure::MethodNotAllowed,
        ProblemKind::Conflict => Failure::Conflict { what: said() },
        ProblemKind::TooLarge => Failure::TooLarge,
        ProblemKind::UnsupportedMedia => Failure::UnsupportedMedia,
        ProblemKind::TooMany => Failure::TooMany,
        ProblemKind::Internal => Failure::Internal { trouble: trouble() },
        ProblemKind::Unavailable => Failure::Unavailable { trouble: trouble() },
    }
}
