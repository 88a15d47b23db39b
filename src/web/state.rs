//! What every handler may use.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::actor::Actor;
use crate::domain::time::Timestamp;
use crate::identity::Refusal;
use crate::identity::operator::Operators;
use crate::identity::sessions::Sessions;
use crate::identity::sources::{Offer, Sources};
use crate::store::Store;
use crate::web::limits::{HttpLimits, Limits};
use crate::web::live::Streams;
use crate::web::local_path::LocalPath;
use crate::web::origin::PublicOrigin;
use crate::web::problem::Problem;
use crate::web::trace::Telemetry;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the web is built from.
pub struct WebParts {
    /// The studio's database.
    pub store: Store,
    /// Tells the time.
    pub now: Now,
    /// The ways to sign in.
    pub sources: Sources,
    /// Begins, resumes and ends sessions.
    pub sessions: Sessions,
    /// Who may use the socket.
    pub operators: Operators,
    /// Renders pages.
    pub pages: Arc<dyn Pages>,
    /// Names requests and logs how they were answered.
    pub telemetry: Telemetry,
    /// The settings.
    pub settings: WebSettings,
}

/// The settings of the web.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// What browsers call us.
    pub origin: PublicOrigin,
    /// The largest request body, in bytes.
    pub max_body: usize,
    /// How often somebody may knock.
    pub limits: HttpLimits,
}

impl WebSettings {
    /// The defaults: 64 KiB, and the usual limits.
    pub fn new(origin: PublicOrigin) -> Self {
        Self { origin, max_body: 64 * 1024, limits: HttpLimits::default() }
    }
}

/// What every handler may use. Clone it freely: clones share everything.
#[derive(Clone)]
pub struct WebState {
    parts: Arc<WebParts>,
    limits: Arc<Limits>,
    streams: Arc<Streams>,
}

/// The request that a page answers.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Who is signed in, if anyone.
    pub viewer: Option<Actor>,
    /// Path and query, for links that lead back.
    pub here: String,
    /// The request's id: it finds the log.
    pub request_id: String,
    /// The headers, for preferences kept in cookies.
    pub headers: axum::http::HeaderMap,
}

/// What the sign-in page shows.
#[derive(Clone, Debug, Default)]
pub struct SignInPage {
    /// The ways to sign in.
    pub offers: Vec<Offer>,
    /// Where to go afterwards.
    pub next: Option<LocalPath>,
    /// Why the last attempt failed, or the last session ended.
    pub refusal: Option<Refusal>,
}

/// A form that was sent too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptPage {
    /// It waited for its person, who can send it now.
    Ready(SentForm),
    /// It is not known whose it is: here is what was typed, to be taken along.
    SignedOut(SentForm),
    /// None waits for this person in this browser.
    Nothing,
}

/// A form as it was sent. What it holds is not logged.
#[derive(Clone, PartialEq, Eq)]
pub struct SentForm {
    /// Where it was sent.
    pub path: String,
    /// Where it stands.
    pub page: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

impl fmt::Debug for SentForm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SentForm").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Renders pages as HTML. The status and the headers are not its business.
#[async_trait]
pub trait Pages: Send + Sync {
    /// The sign-in page.
    async fn sign_in(&self, request: &PageRequest, page: SignInPage) -> String;

    /// The page with a form that was sent too late, and what was typed into it.
    async fn kept(&self, request: &PageRequest, page: KeptPage) -> String;

    /// The page that says what went wrong.
    async fn problem(&self, request: &PageRequest, problem: &Problem) -> String;
}

impl WebState {
    /// Puts the parts together.
    pub fn new(parts: WebParts) -> Self {
        let limits = Arc::new(Limits::new(&parts.settings.limits));
        let streams = Arc::new(Streams::of(parts.store.studio()));
        Self { parts: Arc::new(parts), limits, streams }
    }

    /// The studio's database.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.parts.now)()
    }

    /// The ways to sign in.
    pub fn sources(&self) -> &Sources {
        &self.parts.sources
    }

    /// Begins, resumes and ends sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.parts.sessions
    }

    /// Who may use the socket.
    pub fn operators(&self) -> &Operators {
        &self.parts.operators
    }

    /// Renders pages.
    pub fn pages(&self) -> &dyn Pages {
        &*self.parts.pages
    }

    /// Names requests and logs how they were answered.
    pub fn telemetry(&self) -> &Telemetry {
        &self.parts.telemetry
    }

    /// The settings.
    pub fn settings(&self) -> &WebSettings {
        &self.parts.settings
    }

    /// What is counted of everyone who knocks.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The open pages that are told of changes.
    pub(super) const fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }
}

impl fmt::Debug for WebState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WebState").field("settings", &self.parts.settings).finish_non_exhaustive()
    }
}
